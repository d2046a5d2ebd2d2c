"""Sends a child that runs at the same time a signal that does nothing."""

import os
import signal


def attempt():
    os.kill(TARGETS["sibling"], signal.SIGURG)
    return "signalled"
