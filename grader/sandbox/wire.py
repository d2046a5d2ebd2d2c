"""The grader's end of a kernel's sockets: a client of ZMTP 3.0 (rfc.zeromq.org/spec/23) over unix sockets.

libzmq reads as fast as its peer writes, and bounds the size of a message's parts, but neither their number nor what
waits to be looked at. Here each frame is charged to an account before its body is read, and while one message waits,
nothing more is read: then it is the kernel that has to wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Iterable

from grader.sandbox.account import Account

MORE, LONG, COMMAND = 1, 2, 4  # flags of a frame
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
SUBSCRIBE = b"\x01"  # to everything
FRAME_PRICE = 300  # bytes that a frame costs beside its own
MESSAGE_BYTES = 2 << 20  # of one message; a large figure has 1 MiB
CONNECT_AGAIN_S = 0.004  # the kernel listens 50 ms after its start


class Wire:
    """One connection, as jupyter_client's session sees a socket; ``kind`` is ZMTP's name of its type.

    ``dry``: the account is; ``hung_up``: the peer did, or it speaks something else.
    """

    def __init__(self, path: str, kind: bytes, account: Account) -> None:
        self.dry = self.hung_up = False
        self.account = account
        self._path, self._kind = path, kind
        self._waiting: asyncio.Queue[list[bytes]] = asyncio.Queue(maxsize=1)
        self._any = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Wait until somebody listens, and greet. Raises ``OSError`` or ``EOFError`` if that is no peer."""
        while True:
            try:
                reader, self._writer = await asyncio.open_unix_connection(self._path)
                break
            except (FileNotFoundError, ConnectionRefusedError):
                await asyncio.sleep(CONNECT_AGAIN_S)
        self._writer.write(GREETING)
        greeting = await reader.readexactly(len(GREETING))
        if greeting[:1] != b"\xff" or greeting[10] < 3 or greeting[12:16] != b"NULL":
            raise ConnectionError("no peer of ZMTP 3")
        self._write(COMMAND, b"\x05READY\x0bSocket-Type" + struct.pack(">L", len(self._kind)) + self._kind)
        if self._kind == b"SUB":
            self._write(0, SUBSCRIBE)
        self._reading = asyncio.create_task(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        parts: list[bytes] = []
        whole = 0
        with contextlib.suppress(OSError, EOFError):
            while True:
                flags = (await reader.readexactly(1))[0]
                size = await reader.readexactly(8 if flags & LONG else 1)
                length = int.from_bytes(size, "big")
                whole += length
                if whole > MESSAGE_BYTES or not self.account.draw(FRAME_PRICE + length, entries=1):
                    self.dry = True
                    return
                body = await reader.readexactly(length)
                if flags & COMMAND:
                    continue
                parts.append(body)
                if not flags & MORE:
                    self._any.set()
                    await self._waiting.put(parts)
                    parts, whole = [], 0
        self.hung_up = True

    def _write(self, flags: int, body: bytes) -> None:
        assert self._writer is not None
        long = len(body) > 255
        size = struct.pack(">Q" if long else ">B", len(body))
        self._writer.write(bytes([flags | LONG * long]) + size + body)

    # --- what jupyter_client asks of a socket ---

    def send_multipart(self, parts: Iterable[bytes], **_: object) -> None:
        *others, last = parts
        for part in others:
            self._write(MORE, part)
        self._write(0, last)

    async def recv_multipart(self) -> list[bytes]:
        return await self._waiting.get()

    async def has_message(self, within_s: float) -> bool:
        """Has anything ever been received?"""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._any.wait(), within_s)
        return self._any.is_set()

    def close(self, linger: int | None = None) -> None:
        del linger
        if self._reading is not None:
            self._reading.cancel()
        if self._writer is not None:
            self._writer.transport.abort()
