"""Another Python, which finds numpy and answers through a pipe."""

import subprocess
import sys


def attempt():
    code = "import numpy; print(numpy.arange(int(input())).sum())"
    done = subprocess.run([sys.executable, "-c", code], input="5", capture_output=True, text=True, timeout=15)
    return done.stdout if done.stdout.strip() == "10" else ""
