"""Processes of our own, and Ctrl-C while they are started."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from grader import processes

pytestmark = pytest.mark.quick


def test_ctrl_c_waits_until_a_process_is_started() -> None:
    """Even if a thread that nobody made deaf is the one that the system tells."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it
    over, started = threading.Event(), []
    beside = threading.Thread(target=over.wait)
    beside.start()
    try:
        with pytest.raises(KeyboardInterrupt), processes._deaf():
            os.kill(os.getpid(), signal.SIGINT)
            while signal.SIGINT in signal.sigpending():  # until that thread has taken it
                over.wait(0.01)
            started.append(True)
        assert started
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
        over.set()
        beside.join()
