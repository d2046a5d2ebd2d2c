"""Has the kernel watch files for it, which counts for all processes of the user and needs no descriptor of its own each:
a number is given to one file after the other. Says how many thousand watches one process of 32 gets."""

import os
import resource
import select

MOST = 150_000


def attempt():
    free = []
    try:
        while len(free) < 240:
            free.append(os.open("/dev/urandom", os.O_RDONLY))
    except OSError:
        pass
    third = len(free) // 3
    for number in free:
        os.close(number)
    loops, ends = [select.epoll() for _ in range(third)], [os.pipe() for _ in range(third // 2)]
    files = [end for pair in ends for end in pair]
    spare = range(max([*files, *(loop.fileno() for loop in loops)]) + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    count = 0
    for number in spare:
        for file in files:
            os.dup2(file, number)
            for loop in loops:
                loop.register(number, select.EPOLLERR)
                count += 1
            if count >= MOST:
                return count // 1000
    return count // 1000
