"""An event loop with a pair of sockets, a subprocess and a thread."""

import asyncio
import sys
import threading


async def work():
    process = await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", "print(2)", stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    return said.strip() == b"2" and await asyncio.to_thread(lambda: True) and (await asyncio.sleep(0.01, "slept"))


def attempt():
    results = []
    thread = threading.Thread(target=lambda: results.append(asyncio.run(work())))  # a notebook's own loop runs
    thread.start()
    thread.join()
    return results[0]
