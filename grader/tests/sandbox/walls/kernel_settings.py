"""Opens the kernel's settings for writing."""

import os


def attempt():
    for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/vm/overcommit_memory", "/proc/sysrq-trigger", "/sys/power/state"):
        try:
            os.close(os.open(path, os.O_WRONLY))
            return path
        except OSError:
            continue
    return ""
