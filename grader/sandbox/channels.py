"""jupyter_client, wary of the kernel: what a kernel sends is charged to an account before it is looked at.

Texts are charged by the width of their characters in memory, values by what Python makes of them. A message that goes
beyond the account is not parsed: the channel says ``too_much``, and is silent from then on.
"""

from __future__ import annotations

import asyncio
import json
import re
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel, ZMQSocketChannel
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import Instance, Type

from grader.sandbox.account import Account, in_memory
from grader.sandbox.wire import Wire

HEADER_BYTES = 64 << 10  # of a message's header, its parent's and its metadata, in which texts are looked at for dates
MESSAGE_VALUES = 100_000  # of one message
VALUE_PRICE = 100  # bytes that a value takes in memory
ASK_AGAIN_S = 1.0

TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # of JSON; one without an end takes all the rest


class Channel(AsyncZMQSocketChannel):
    """``size`` of a message: what its content takes in memory."""

    too_much = False
    socket: Wire

    def __init__(self, socket: Wire, session: Any, loop: Any = None) -> None:
        ZMQSocketChannel.__init__(self, socket, session, loop)
        session.unpack = _unpack

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        await asyncio.sleep(0)  # a kernel may always have a message ready: others want their turn
        try:
            async with asyncio.timeout(timeout):
                frames = await self.socket.recv_multipart()
        except TimeoutError:
            raise Empty from None
        _, (signature, *parts) = self.session.feed_identities(frames)
        values = [_values(part) for part in parts[:4]]
        sizes = [in_memory(part) + VALUE_PRICE * count for part, count in zip(parts, values, strict=False)]
        large = sum(values) > MESSAGE_VALUES or sum(map(len, parts[:3])) > HEADER_BYTES
        if large or not self.socket.account.draw(sum(sizes) - sum(map(len, parts[:4]))):
            await self.refuse()
        message: dict[str, Any] = self.session.deserialize([signature, *parts])
        return message | {"size": sizes[3]}

    async def refuse(self) -> None:
        self.too_much = True
        await asyncio.Event().wait()  # for the watch, which ends all

    @property
    def is_dry(self) -> bool:
        return self.too_much or self.socket.dry


def _values(part: bytes) -> int:
    """How many values the JSON may hold: what would begin or separate them, outside of texts."""
    bare = TEXT.sub(b"", part)
    return sum(bare.count(sign) for sign in (b",", b"[", b"{"))


def _unpack(part: bytes) -> Any:
    """What JSON lacks, NaN and infinities, is nothing."""
    return json.loads(part.decode("utf-8", "replace"), parse_constant=lambda _: None)


class KernelClient(AsyncKernelClient):
    """Over wires of our own, without heartbeat and input, and without waits of a fixed length."""

    shell_channel_class = Type(Channel)
    iopub_channel_class = Type(Channel)
    account = Instance(Account)

    def connect_shell(self, identity: bytes | None = None) -> Wire:
        return Wire(f"{self.ip}-{self.shell_port}", b"DEALER", self.account)

    def connect_iopub(self, identity: bytes | None = None) -> Wire:
        return Wire(f"{self.ip}-{self.iopub_port}", b"SUB", self.account)

    def start_channels(self, shell: bool = True, iopub: bool = True, **_: bool) -> None:
        super().start_channels(shell=shell, iopub=iopub, stdin=False, hb=False, control=False)

    def stop_channels(self) -> None:
        for channel in self.channels:
            channel.close()

    @property
    def channels(self) -> list[Channel]:
        return [channel for channel in (self._shell_channel, self._iopub_channel) if channel and channel.is_alive()]

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Ready is a kernel that is heard on both channels.

        On iopub, ipykernel 7 welcomes a new listener, though about one in 300 waits for that in vain; but every
        request is echoed there, too.
        """
        async with asyncio.timeout(timeout):
            for channel in (self.iopub_channel, self.shell_channel):
                await channel.socket.connect()
            self.kernel_info()
            while not await self.iopub_channel.socket.has_message(ASK_AGAIN_S):
                self.kernel_info()
            while (reply := await self.shell_channel.get_msg())["msg_type"] != "kernel_info_reply":
                pass
        self._handle_kernel_info_reply(reply)


class Manager(AsyncKernelManager):
    client_factory = Type(KernelClient)
    account = Instance(Account)

    def client(self, **given: Any) -> KernelClient:
        client: KernelClient = super().client(account=self.account, **given)
        return client

    def _connect_control_socket(self) -> None:
        """A kernel is ended and not asked to go; what it might send there is not heard."""


class Kernelspec(KernelSpecManager):
    """One kernel is known, ours; what starts it is the provisioner."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(argv=[], display_name="Python 3", language="python")
