"""Looks whether it has capabilities, or could get some by starting a program like su."""

import ctypes


def attempt():
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    said = f"capabilities {list(sets)} " if any(sets) else ""
    return said + ("programs may add privileges" if libc.prctl(39, 0, 0, 0, 0) == 0 else "")  # GET_NO_NEW_PRIVS
