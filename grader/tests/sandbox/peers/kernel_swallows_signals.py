"""Swallows every signal and every exception, for ever."""

MEANS = ("timed_out",)

import signal

for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, lambda *_: None)
while True:
    try:
        time.sleep(1)
    except BaseException:
        pass
