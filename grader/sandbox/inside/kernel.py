"""The kernel child: an ordinary ipykernel, warm before the fork, or in a plain process of its own (``main``).

Imports nothing of ours but the lock-down; ``execution`` drives it from the trusted side.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

WARM = ("ipykernel.ipkernel", "ipykernel.zmqshell", "matplotlib.pyplot", "matplotlib_inline.backend_inline")


def warm() -> Callable[[dict[str, Any]], None]:
    """Import all that a kernel needs. What is returned runs one, given its ``connection``, the folder of its
    ``sockets``, and ``cover``, the descriptor of who can close that folder, or nothing."""
    sys.modules["debugpy"] = None  # type: ignore[assignment] # nobody debugs here, and it listens on TCP
    importlib.import_module("ipykernel.debugger")
    del sys.modules["debugpy"]
    for module in WARM:
        importlib.import_module(module)
    import numpy.random
    import zmq
    from ipykernel.iostream import IOPubThread
    from ipykernel.kernelapp import IPKernelApp

    class Application(IPKernelApp):
        def init_iopub(self, context: Any) -> None:
            """As inherited, but for a pipe over TCP (for prints of forked processes), which seccomp forbids; and
            nothing that is printed gets lost."""
            publisher = context.socket(zmq.XPUB)
            publisher.linger, publisher.sndhwm = 1000, 0
            self.iopub_port: int = self._bind_socket(publisher, self.iopub_port)
            self.configure_tornado_logger()
            self.iopub_thread = IOPubThread(publisher, pipe=False, session=self.session)
            self.iopub_thread.start()
            self.iopub_socket = self.iopub_thread.background_socket

    def run(given: dict[str, Any], *_: object) -> None:
        sys.excepthook = sys.__excepthook__
        random.seed()  # every fork has its parent's random states
        numpy.random.seed()  # noqa: NPY002
        connection = given["connection"]
        if given["sockets"]:  # where the fork server shows them, under the same names
            connection["ip"] = f"{given['sockets']}/{Path(connection['ip']).name}"
        file = Path(os.environ["HOME"], ".connection.json")
        file.write_text(json.dumps(connection))
        app = Application.instance()
        app.initialize(["-f", str(file), "--HistoryManager.enabled=False"])
        file.unlink()
        app.shell.system = app.shell.system_raw  # !command: there are no terminals here
        app.shell.enable_matplotlib("inline")
        if given["cover"] is not None:
            with socket.socket(fileno=given["cover"]) as middle:  # nobody makes another name where the sockets are
                middle.send(b".")
                middle.recv(1)
        app.start()
        os._exit(0)

    return run


def main() -> None:
    """A kernel in a plain process: limit it, and run."""
    sys.path.insert(0, str(Path(__file__).parent))
    from lockdown import limit_resources  # type: ignore[import-not-found]

    del sys.path[0]
    limit_resources(memory_bytes=int(sys.argv[1]), cpu_s=int(sys.argv[2]))
    warm()({"connection": json.loads(Path(sys.argv[3]).read_text()), "sockets": None, "cover": None})


if __name__ == "__main__":
    main()
