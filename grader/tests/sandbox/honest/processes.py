"""multiprocessing: a process, a queue, a shared lock and shared numbers."""

import multiprocessing


def add(queue, lock, total):
    for _ in range(100):
        with lock:
            total.value += 1
    queue.put("added")


def attempt():
    context = multiprocessing.get_context("fork")
    queue, lock, total = context.Queue(), context.Lock(), context.Value("i", 0, lock=False)
    processes = [context.Process(target=add, args=(queue, lock, total)) for _ in range(3)]
    for process in processes:
        process.start()
    said = [queue.get(timeout=10) for _ in processes]
    for process in processes:
        process.join(10)
    return said[0] if total.value == 300 else ""
