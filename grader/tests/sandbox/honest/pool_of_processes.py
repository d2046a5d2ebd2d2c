"""multiprocessing: a pool that maps a function."""

import multiprocessing


def square(number):
    return number * number


def attempt():
    with multiprocessing.get_context("fork").Pool(3) as pool:
        return "squared" if sum(pool.map_async(square, range(10)).get(timeout=15)) == 285 else ""
