"""Clocks, alarms, local time, the locale, text of all the world."""

import locale
import signal
import sys
import time
import unicodedata


def attempt():
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    start = time.monotonic()
    while not rung and time.monotonic() - start < 5:
        time.sleep(0.01)
    signal.signal(signal.SIGALRM, before)
    locale.setlocale(locale.LC_ALL, "")
    print("κόσμε, Ω, 😀")
    named = unicodedata.name("Ω") == "GREEK CAPITAL LETTER OMEGA" and sys.getfilesystemencoding() == "utf-8"
    return time.strftime("%Y", time.localtime()) if rung and named else ""
