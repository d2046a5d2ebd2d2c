"""Makes calls that are younger than the policy; any answer but a refusal comes from the call itself."""

import ctypes
import errno

REFUSALS = (errno.ENOSYS, errno.EPERM, errno.EACCES)
libc = ctypes.CDLL(None, use_errno=True)


def attempt():
    served = []
    for number in range(457, 600):
        result = libc.syscall(number, -1, -1, -1, -1, -1, -1)
        if result >= 0 or ctypes.get_errno() not in REFUSALS:
            served.append(number)
    return f"{served}" if served else ""
