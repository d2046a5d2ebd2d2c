"""Starts processes until it is stopped, a hundred at most; says how many there were."""

import os
import signal
import time

MAY_DIE = True


def attempt():
    started = []
    try:
        while len(started) < 100:
            pid = os.fork()
            if not pid:
                time.sleep(60)
                os._exit(0)
            started.append(pid)
    except OSError:
        pass
    finally:
        for pid in started:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return len(started)
