"""Has another program read the secret: do the walls hold for what the child starts?"""

import subprocess
import sys


def attempt():
    read = f"print(open({TARGETS['secret']!r}).read())"
    for command in (["cat", TARGETS["secret"]], [sys.executable, "-S", "-c", read], ["sudo", "-n", "cat", TARGETS["private"]]):
        try:
            said = subprocess.run(command, capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL).stdout
        except OSError:
            continue
        if said:
            return said
    return ""
