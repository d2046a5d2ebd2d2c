"""Watches files: a user may have only so many watchers, and the grader's user has other programs that want some."""

import ctypes


def attempt():
    libc = ctypes.CDLL(None, use_errno=True)
    return "a watcher" if libc.inotify_init1(0) >= 0 else ""
