"""Eight threads, a pool of threads, a lock and a queue between them."""

import queue
import threading
from concurrent.futures import ThreadPoolExecutor


def attempt():
    lock, numbers = threading.Lock(), queue.Queue()

    def put(number):
        with lock:
            numbers.put(number)

    threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ThreadPoolExecutor(4) as pool:
        return "eight" if numbers.qsize() == 8 and sum(pool.map(abs, range(-9, 1))) == 45 else ""
