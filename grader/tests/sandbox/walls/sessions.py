"""Makes a session of its own: the scheduler gives each session as much of the processor as all others."""

import os


def attempt():
    before = os.getsid(0)
    if not os.fork():
        os.setsid()
        os._exit(os.getsid(0) != before)
    return "a session" if os.wait()[1] else ""
