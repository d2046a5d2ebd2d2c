"""Makes a call as a 32-bit program does, with the numbers that a filter for 64 bits does not look at."""

import ctypes
import mmap
import platform

MAY_DIE = True
GETPID = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20; int 0x80; ret


def attempt():
    if platform.machine() != "x86_64":
        raise OSError("there is no such way")
    flags, rights = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    code = mmap.mmap(-1, 4096, flags, rights)
    code.write(GETPID)
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    result = call()
    return f"process {result}" if result > 0 else ""
