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
import secrets
import threading
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode, v4

from grader.sandbox.account import BYTES, ENTRIES, Account
from grader.sandbox.channels import Kernelspec, Manager
from grader.sandbox.provisioning import Start
from grader.sandbox.scratch import OwnFolder

RAN, TIMED_OUT = "ran", "timed_out"
STARTUP_S = 60  # a cold kernel needs 1 s, on a machine under load many times that
STREAM_BYTES = 200_000  # of printed text that is kept in each executed notebook's cell
OUTPUT_BYTES = 12 << 20  # of all messages of a notebook's kernel, as they are charged
WATCH_S, DEATH_S = 0.02, 1.0  # the latter: for all signs of a kernel's end, on a busy machine


class TooMuch(Exception):
    """A kernel sent more than anybody would read."""


def execute(
    cells: list[tuple[str, str]], start: Start, address: str, timeout_s: float, account: Account
) -> tuple[NotebookNode, str]:
    """Run a notebook's cells, given as (kind, source), in the fresh kernel that ``start`` gives to a kernel manager.

    ``address``: where the kernel's sockets are, without their numbers; ``account``: the submission's. Returns the
    executed notebook and "ran", "raised in cell N", "timed_out", "printed too much in cell N", "kernel died in cell N"
    or "kernel failed in cell N: why". Runs in a thread of its own: a running event loop (JupyterLab) and Ctrl-C stay
    with the caller.
    """
    notebook = v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    notebook.cells = [_cell(kind, source) for kind, source in cells]
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(asyncio.run(_drive(notebook, start, address, account.part(OUTPUT_BYTES, seconds=timeout_s))))
        except BaseException as error:  # raised again in the caller's thread
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True, name="notebook")
    thread.start()
    thread.join()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return notebook, outcome[0]


def _cell(kind: str, source: str) -> NotebookNode:
    """As nbformat makes them, but for its check of each: of 2,000, that takes seconds."""
    known = kind if kind in ("code", "markdown") else "raw"
    cell = NotebookNode(cell_type=known, id=secrets.token_hex(4), metadata=NotebookNode(), source=source)
    if known == "code":
        cell.update(execution_count=None, outputs=[])
    return cell


async def _drive(notebook: NotebookNode, start: Start, address: str, account: Account) -> str:
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # what nbclient leaves behind may fail unheard
    with OwnFolder(make_room=False) as private:  # no child sees the connection file
        manager = Manager(
            kernel_name="python3",
            transport="ipc",
            ip=address,
            connection_file=f"{private}/connection.json",
            account=account,
            kernel_spec_manager=Kernelspec(),
        )
        start(manager)
        client = Client(notebook, km=manager, timeout=None, startup_timeout=STARTUP_S, shutdown_kernel="immediate")
        client.owns_km = True  # it starts the kernel, so it ends it
        try:
            await manager.start_kernel(extra_arguments=[])
            with account.clock():
                return await _within(client, manager, account)
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
            _shorten(notebook)


async def _within(client: Client, manager: Manager, account: Account) -> str:
    """Execute until the notebook's end, the deadline, the kernel's death or too much of its output."""
    execution = asyncio.ensure_future(client.async_execute())
    watch = asyncio.ensure_future(_watch(client, manager))
    try:
        done, _ = await asyncio.wait(
            {execution, watch}, timeout=account.seconds_left, return_when=asyncio.FIRST_COMPLETED
        )
        channels = [] if client.kc is None else client.kc.channels
        spent = account.dry in (BYTES, ENTRIES) or any(channel.is_dry for channel in channels)  # whoever saw it first
        if spent or (watch in done and watch.result()):
            raise TooMuch
        if not done:
            return TIMED_OUT
        if execution not in done:
            done, _ = await asyncio.wait({execution}, timeout=DEATH_S)  # nbclient ends a kernel before it tells why
            if not done:
                raise DeadKernelError("the kernel ended before the notebook did")
        execution.result()
        return RAN
    finally:
        await manager.provisioner.kill()
        for task in (watch, execution):
            task.cancel()
        await asyncio.wait({execution, watch})


async def _watch(client: Client, manager: Manager) -> bool:
    """Wait until the kernel sends too much (True) or has ended (False)."""
    patience_s = DEATH_S  # with one that hung up: a kernel that crashes does so, too
    while await manager.provisioner.poll() is None:
        channels = [] if client.kc is None else client.kc.channels
        patience_s -= WATCH_S if any(channel.socket.hung_up for channel in channels) else 0
        if any(channel.is_dry for channel in channels) or patience_s <= 0:
            return True
        await asyncio.sleep(WATCH_S)
    return False


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


class Client(NotebookClient):
    """nbclient writes what updates a display into each output of that name: it is charged for each."""

    def _update_display_id(self, display_id: str, msg: dict[str, Any]) -> None:
        places = sum(map(len, self._display_id_map.get(display_id, {}).values()))
        channel = self.kc.iopub_channel
        if not channel.socket.account.draw(places * msg["size"]):
            channel.too_much = True
            raise TooMuch
        super()._update_display_id(display_id, msg)
