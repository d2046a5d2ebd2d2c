"""Fills /tmp: one file of 200 MiB, then files of 20 MiB; says how many MiB there were."""

import os

MAY_DIE = True


def attempt():
    written, paths = 0, [f"/tmp/{TARGETS['mark']}-{number}" for number in range(11)]
    for path, size in zip(paths, [200] + [20] * 10):
        try:
            with open(path, "wb", buffering=0) as file:
                for _ in range(size):
                    written += file.write(bytes(1 << 20))
                    if written >= 200 << 20:
                        break
        except OSError:
            continue
    for path in filter(os.path.exists, paths):
        os.unlink(path)
    return written >> 20
