"""How a kernel child is started and ended, as jupyter_client wants to be told it: its provisioners."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerBase, LocalProvisioner

from grader.sandbox.mounts import INSIDE, python

if TYPE_CHECKING:
    from grader.sandbox.server import Leash

KERNEL = INSIDE / "kernel.py"
LOOK_S = 0.02

Start = Callable[[AsyncKernelManager], None]


def plain(environment: dict[str, str], work: str, limits: dict[str, int]) -> Start:
    """A kernel in a process of its own, run by the interpreter that we run in."""

    def start(manager: AsyncKernelManager) -> None:
        manager.provisioner = Plain(kernel_id="kernel", kernel_spec=manager.kernel_spec, parent=manager)
        manager.provisioner.given = (environment, work, limits)

    return start


def forked(fork: Callable[[dict[str, Any]], Leash]) -> Start:
    """A kernel that ``fork`` makes, given the ``connection`` on which it is to listen."""

    def start(manager: AsyncKernelManager) -> None:
        manager.provisioner = Forked(kernel_id="kernel", kernel_spec=manager.kernel_spec, parent=manager)
        manager.provisioner.fork = fork

    return start


class Plain(LocalProvisioner):
    given: tuple[dict[str, str], str, dict[str, int]]

    async def pre_launch(self, **wanted: Any) -> dict[str, Any]:
        environment, work, limits = self.given
        wanted = await super().pre_launch(**wanted)
        script = [python(), "-P", "-B", str(KERNEL), str(limits["memory_bytes"]), str(limits["cpu_s"])]
        return {**wanted, "cmd": [*script, self.parent.connection_file], "env": environment, "cwd": work}

    async def kill(self, restart: bool = False) -> None:
        self.let_go()

    def let_go(self) -> None:
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)


class Forked(KernelProvisionerBase):
    """A kernel on a leash of the fork server."""

    fork: Callable[[dict[str, Any]], Leash]
    leash: Leash | None = None

    @property
    def has_process(self) -> bool:
        return self.leash is not None

    async def pre_launch(self, **wanted: Any) -> dict[str, Any]:
        self.parent.write_connection_file()  # chooses the numbers of the sockets
        prepared: dict[str, Any] = await super().pre_launch(cmd=[], **wanted)
        return prepared

    async def launch_kernel(self, cmd: list[str], **wanted: Any) -> dict[str, Any]:
        self.connection_info = self.parent.get_connection_info()
        key = self.connection_info["key"].decode()
        self.leash = self.fork({"connection": {**self.connection_info, "key": key}})
        return dict(self.connection_info)

    async def poll(self) -> int | None:
        return 1 if self.leash is None or self.leash.ended() else None

    async def wait(self) -> int | None:
        while await self.poll() is None:
            await asyncio.sleep(LOOK_S)
        return 1

    async def send_signal(self, signum: int) -> None:
        """Interrupts are not passed on: a notebook that is over is killed."""

    async def kill(self, restart: bool = False) -> None:
        if self.leash is not None:
            self.leash.kill()

    def let_go(self) -> None:
        if self.leash is not None:
            self.leash.let_go()

    async def terminate(self, restart: bool = False) -> None:
        await self.kill()

    async def cleanup(self, restart: bool = False) -> None:
        """Nothing is left: the leash has seen to it."""
