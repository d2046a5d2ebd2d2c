"""nbclient's way of driving a kernel child: a whole notebook in, the executed notebook out. Dear to import.

What comes back is evidence for a person. nbclient reports success for a cell tagged ``raises-exception`` or
``skip-execution``, for a patched IPython and for a forged reply, so no verdict rests on it. The submission's metadata,
kernelspec and tags are left behind: only kinds, sources and ids of its cells are executed, by our own kernel, over
unix sockets in a folder of its own, under limits and a deadline for the whole notebook. A kernel that sends too much,
or what is no message, costs its own notebook.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import re
import resource
import tempfile
import threading
from collections.abc import Callable
from typing import Any

import nbformat
import zmq
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode, v4
from traitlets import Type

from grader.sandbox.provisioning import Start

RAN, TIMED_OUT = "ran", "timed_out"
STARTUP_S = 60  # a cold kernel needs 1 s, on a machine under load many times that
STREAM_BYTES = 200_000  # of printed text that is kept in each executed notebook's cell
MESSAGE_BYTES = 2 << 20  # of one message of a kernel; a large figure has 1 MiB
HEADER_BYTES = 64 << 10  # of its header, its parent's and its metadata, in which each text is looked at for a date
MESSAGES_WAITING = 0  # as many as come: a libzmq that stops to read is brought down by pings and a hang-up (4.3.5)
MESSAGE_VALUES = 100_000  # of one message
OUTPUT_BYTES = 12 << 20  # of all messages of a notebook's kernel
MESSAGE_PRICE, VALUE_PRICE = 2000, 100  # bytes that a message costs beside its own, and each value in it
GROWTH_BYTES = 24 << 20  # by which a kernel's messages may make this process grow
GUARD_S, WATCH_S, DEATH_S = 0.005, 0.02, 1.0  # the last: for all signs of a kernel's end, on a busy machine
ASK_AGAIN_MS = 1000
RECONNECT_MS = 4  # the kernel listens 50 ms after its start; by default it would be looked for every 100 ms

TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # of JSON; one without an end takes all the rest


class TooMuch(Exception):
    """A kernel sent more than anybody would read."""


def execute(cells: list[tuple[str, str]], start: Start, address: str, timeout_s: float) -> tuple[NotebookNode, str]:
    """Run a notebook's cells, given as (kind, source), in the fresh kernel that ``start`` gives to a kernel manager.

    ``address``: where the kernel's sockets are, without their numbers. Returns the executed notebook and "ran",
    "raised in cell N", "timed_out", "printed too much in cell N", "kernel died in cell N" or "kernel failed in cell
    N: why". Runs in a thread of its own: a running event loop (JupyterLab) and Ctrl-C stay with the caller.
    """
    make: dict[str, Any] = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}
    notebook = v4.new_notebook(
        cells=[make.get(kind, v4.new_raw_cell)(source) for kind, source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(asyncio.run(_drive(notebook, start, address, timeout_s)))
        except BaseException as error:  # raised again in the caller's thread
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True, name="notebook")
    thread.start()
    thread.join()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return nbformat.from_dict(notebook), outcome[0]


async def _drive(notebook: NotebookNode, start: Start, address: str, timeout_s: float) -> str:
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # what nbclient leaves behind may fail unheard
    context = zmq.asyncio.Context()
    context.setsockopt(zmq.MAXMSGSIZE, MESSAGE_BYTES)
    context.setsockopt(zmq.RCVHWM, MESSAGES_WAITING)
    context.setsockopt(zmq.LINGER, 0)
    context.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MS)
    with tempfile.TemporaryDirectory(prefix="grader-") as private:  # no child sees the connection file
        manager = Manager(
            kernel_name="python3",
            transport="ipc",
            ip=address,
            connection_file=f"{private}/connection.json",
            context=context,
            kernel_spec_manager=Kernelspec(),
        )
        start(manager)
        client = NotebookClient(
            notebook, km=manager, timeout=None, startup_timeout=STARTUP_S, shutdown_kernel="immediate"
        )
        client.owns_km = True  # it starts the kernel, so it ends it
        try:
            await manager.start_kernel(extra_arguments=[])
            return await _within(client, manager, timeout_s)
        except CellExecutionError:
            return f"raised in cell {_reached(notebook)}"
        except TooMuch:
            return f"printed too much in cell {_reached(notebook)}"
        except DeadKernelError:
            return f"kernel died in cell {_reached(notebook)}"
        except Exception as error:  # nbclient believes kernels: what a hostile one sends may raise anything
            return f"kernel failed in cell {_reached(notebook)}: {type(error).__name__}"
        finally:
            await manager.provisioner.kill()
            atexit.unregister(client._cleanup_kernel)  # left there where nbclient is cancelled while it starts or ends
            if client.kc is not None:
                client.kc.stop_channels()
            context.destroy(linger=0)
            _shorten(notebook)


async def _within(client: NotebookClient, manager: AsyncKernelManager, timeout_s: float) -> str:
    """Execute until the notebook's end, the deadline, the kernel's death or too much of its output."""
    guard = Guard(manager.provisioner.let_go)
    execution = asyncio.ensure_future(client.async_execute())
    watch = asyncio.ensure_future(_watch(client, manager))
    try:
        done, _ = await asyncio.wait({execution, watch}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            return TIMED_OUT
        if guard.struck or (watch in done and watch.result()):  # nbclient may have seen first that the kernel is dead
            raise TooMuch
        if execution not in done:
            done, _ = await asyncio.wait({execution}, timeout=DEATH_S)  # nbclient ends a kernel before it tells why
            if not done:
                raise DeadKernelError("the kernel ended before the notebook did")
        execution.result()
        return RAN
    finally:
        guard.close()
        await manager.provisioner.kill()
        for task in (watch, execution):
            task.cancel()
        await asyncio.wait({execution, watch})


async def _watch(client: NotebookClient, manager: AsyncKernelManager) -> bool:
    """Wait until the kernel sends too much (True) or has ended (False)."""
    patience_s = DEATH_S  # with one that hung up: a kernel that crashes does so, too
    while await manager.provisioner.poll() is None:
        if (channels := client.kc) is not None:
            patience_s -= WATCH_S if await channels.hung_up() else 0
            if channels.too_much or patience_s <= 0:
                return True
        await asyncio.sleep(WATCH_S)
    return False


class Guard:
    """Ends a kernel whose messages make this process grow.

    libzmq bounds the size of a message's parts, and hangs up on a peer that goes beyond; it bounds no number. They go
    on coming in while a message is looked at: hence a thread.
    """

    def __init__(self, end_kernel: Callable[[], None]) -> None:
        self.struck = False
        self._end_kernel = end_kernel
        self._most = _resident_bytes() + GROWTH_BYTES
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True, name="guard")
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(GUARD_S):
            if _resident_bytes() > self._most:
                self.struck = True
                self._end_kernel()
                return

    def close(self) -> None:
        self._over.set()
        self._thread.join()


def _resident_bytes() -> int:
    with contextlib.suppress(OSError), open("/proc/self/statm") as file:  # noqa: PTH123 (fifty times a second)
        return int(file.read().split()[1]) * resource.getpagesize()
    return 0  # macOS


def _reached(notebook: NotebookNode) -> int:
    """The number (from 1) of the last cell that was started."""
    started = [n for n, cell in enumerate(notebook.cells, 1) if "execution" in cell.metadata or cell.get("outputs")]
    return started[-1] if started else 1


def _shorten(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of day: they would make every run's file differ
        for output in cell.get("outputs", ()):
            if output.output_type == "stream" and len(output.text) > STREAM_BYTES:
                output.text = output.text[:STREAM_BYTES] + "\n… cut here: the cell printed more\n"


# --- nbclient and jupyter_client, wary of the kernel ---


class Channel(AsyncZMQSocketChannel):
    """Counts what a kernel sends before it is parsed, and from some point on takes no more."""

    taken = 0
    too_much = False

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        await asyncio.sleep(0)  # a kernel may always have a message ready: others want their turn
        message: dict[str, Any] = await super().get_msg(timeout)
        return message

    async def _recv(self, **given: Any) -> dict[str, Any]:
        frames = await self.socket.recv_multipart(copy=False, **given)
        length = sum(map(len, frames))
        if length > MESSAGE_BYTES:
            await self._refuse()
        _, signed = self.session.feed_identities([frame.bytes for frame in frames])
        values = _values(signed[1:])
        self.taken += MESSAGE_PRICE + length + VALUE_PRICE * values
        if self.taken > OUTPUT_BYTES or values > MESSAGE_VALUES or sum(map(len, signed[1:4])) > HEADER_BYTES:
            await self._refuse()
        message: dict[str, Any] = self.session.deserialize(signed)
        return message

    async def _refuse(self) -> None:
        self.too_much = True
        await asyncio.Event().wait()  # for the watch, which ends all


def _values(parts: list[bytes]) -> int:
    """How many values the JSON in these parts may hold: what would begin or separate them, outside of texts."""
    bare = [TEXT.sub(b"", part) for part in parts]
    return sum(part.count(sign) for part in bare for sign in (b",", b"[", b"{"))


class KernelClient(AsyncKernelClient):
    """Without heartbeat and input, and without waits of a fixed length."""

    shell_channel_class = Type(Channel)
    iopub_channel_class = Type(Channel)

    def start_channels(self, shell: bool = True, iopub: bool = True, **_: bool) -> None:
        super().start_channels(shell=shell, iopub=iopub, stdin=False, hb=False, control=False)
        channels = (self.shell_channel, self.iopub_channel)
        self._monitors = [channel.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED) for channel in channels]

    def stop_channels(self) -> None:
        for monitor in self._monitors:
            monitor.close()
        super().stop_channels()

    async def hung_up(self) -> bool:
        """Has libzmq cut the kernel off, or the kernel us?"""
        return any([await monitor.poll(0) for monitor in self._monitors if not monitor.closed])

    @property
    def too_much(self) -> bool:
        return bool(self.shell_channel.too_much or self.iopub_channel.too_much)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Ready is a kernel that is heard on both channels.

        On iopub, ipykernel 7 welcomes a new listener, though about one in 300 waits for that in vain; but every
        request is echoed there, too.
        """
        async with asyncio.timeout(timeout):
            self.kernel_info()
            while not await self.iopub_channel.socket.poll(ASK_AGAIN_MS):
                self.kernel_info()
            while (reply := await self.shell_channel.get_msg())["msg_type"] != "kernel_info_reply":
                pass
        self._handle_kernel_info_reply(reply)


class Manager(AsyncKernelManager):
    client_factory = Type(KernelClient)

    def client(self, **given: Any) -> KernelClient:
        """On the manager's context: otherwise its limits would hold for the manager's own sockets alone."""
        client: KernelClient = super().client(context=self.context, **given)
        return client


class Kernelspec(KernelSpecManager):
    """One kernel is known, ours; what starts it is the provisioner."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(argv=[], display_name="Python 3", language="python")
