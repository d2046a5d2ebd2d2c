"""The standard library: its files, its extensions, a source of its own to look at."""

import asyncio
import bz2
import ctypes
import decimal
import hashlib
import inspect
import json
import lzma
import sqlite3
import uuid
import zlib
from pathlib import Path


def attempt():
    with sqlite3.connect("base.sqlite") as base:
        (two,) = base.execute("select 1 + 1").fetchone()
    base.close()
    packed = lzma.decompress(lzma.compress(bz2.decompress(bz2.compress(zlib.decompress(zlib.compress(b"packed"))))))
    shown = inspect.getsource(json.dumps).startswith("def dumps") and Path(json.__file__).read_text()
    told = hashlib.sha256(packed).hexdigest()[:4] + str(decimal.Decimal(2).sqrt())[:4] + str(uuid.uuid4())[:4]
    return told if two == 2 and packed == b"packed" and shown and ctypes.sizeof(ctypes.c_long) and asyncio else ""
