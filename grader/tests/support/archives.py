"""Archives byte by byte, which no library would write."""

from __future__ import annotations

import bz2
import lzma
import struct
from pathlib import Path

NAME = b"ann/x.ipynb"


def entry(method: int, data: bytes, claims: int, offset: int = 0, name: bytes = NAME) -> tuple[bytes, bytes]:
    """What stands before and with the body, and what stands in the directory."""
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 46, 0, method, 0, 33, 0, len(data), claims, len(name), 0) + name + data
    sizes = (len(data), claims, len(name))
    listed = struct.pack("<4s6H3I5H2I", b"PK\1\2", 46, 46, 0, method, 0, 33, 0, *sizes, 0, 0, 0, 0, 0, offset) + name
    return local, listed


def written(path: Path, body: bytes, directory: bytes, count: int) -> Path:
    count = min(count, 0xFFFF)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    path.write_bytes(body + directory + end)
    return path


def swollen(method: str) -> bytes:
    """A gigabyte of zeros in some kilobytes."""
    packer = bz2.BZ2Compressor(9) if method == "bzip2" else lzma.LZMACompressor(lzma.FORMAT_ALONE)
    return b"".join(packer.compress(bytes(32 << 20)) for _ in range(4)) + packer.flush()
