"""Makes a file that lies in memory and in no folder, where no size is limited in sum."""

import os


def attempt():
    return f"descriptor {os.memfd_create('hoard')}"
