"""Leaves a program behind, in a session of its own, that ignores what would end it."""

import subprocess
import sys

LEAVES = "process"
CODE = "import ctypes, signal, time; ctypes.CDLL(None).prctl(15, {!r}, 0, 0, 0); print('ready', flush=True); time.sleep(60)"


def attempt():
    code = CODE.format(TARGETS["mark"].encode())
    left = subprocess.Popen(["nohup", sys.executable, "-S", "-c", code], start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    left.stdout.readline()
    return ""
