"""What the attacks of ``walls/`` aim at, all of it real, and whether any of it was hit."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import secrets
import select
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grader
from grader.sandbox.box import Box
from grader.sandbox.frames import Program

SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/run")
SETTLES_S = 3.0  # what has been killed may take a while to be gone

VICTIM = """
import ctypes, sys
ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1))  # Yama: whoever may trace at all may trace this process
word = ctypes.create_string_buffer(b"unharmed")
print(ctypes.addressof(word), flush=True)
for line in sys.stdin:
    print(word.value.decode(), flush=True)
"""
SIBLING = """
import ctypes, socket
open(TARGETS["mark"] + ".txt", "w").write("the sibling's work")
servers = []
for name in (TARGETS["mark"] + ".sock", "\\0" + TARGETS["mark"] + "-sibling"):
    servers.append(socket.socket(socket.AF_UNIX))
    servers[-1].bind(name)
    servers[-1].listen()
ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1))
ctypes.CDLL(None).prctl(15, (TARGETS["mark"] + "-sib").encode(), 0, 0, 0)  # its name: all is ready
import select
while True:
    for server in select.select(servers, [], [])[0]:
        client, _ = server.accept()
        client.send(b"the sibling answers")
        client.close()
"""


class Targets:
    """A secret, a gradebook, servers, a process and another child; ``values`` is what an attack is told of them."""

    def __init__(self, isolation: str) -> None:
        self.mark = "w" + secrets.token_hex(4)
        self.values: dict[str, Any] = {"mark": self.mark, "grader": os.getpid(), "variable": f"WALLS_{self.mark}"}
        self._isolation = isolation
        self._hits: list[str] = []
        self._left: list[int] = []
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Targets:
        try:
            self._lay_out_files()
            os.environ[self.values["variable"]] = "the grader's environment"
            self._open.callback(os.environ.pop, self.values["variable"])
            before = signal.signal(signal.SIGURG, lambda *_: self._hits.append("signal"))
            self._open.callback(signal.signal, signal.SIGURG, before)
            self._serve()
            self._start_victim()
            self._open.callback(self._end_victim)
            self._start_sibling()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def harm(self) -> set[str]:
        """Which targets were hit, as seen from outside."""
        found = {*self._hits}
        if self._contents() != self._files:
            found.add("file")
        if any(trace.exists() for trace in self._traces()):
            found.add("trace")
        if not self._victim_is_well():
            found.add("victim")
        if processes().get(self.values["sibling"]) != f"{self.mark}-sib":
            found.add("sibling")
        ends = time.monotonic() + (SETTLES_S if self._isolation != "none" else 0.0)  # there, nobody kills it
        while left := [pid for pid, name in processes().items() if name == self.mark]:
            if time.monotonic() > ends:
                found.add("process")
                break
            time.sleep(0.05)
        self._left = left
        return found

    def mend(self) -> None:
        """All as before the attack; to be called after ``harm``."""
        self._hits.clear()
        for trace in self._traces():
            trace.unlink(missing_ok=True)
        for pid in self._left:
            end(pid)
        if self._contents() != self._files:
            for path in self._reports.iterdir():
                path.unlink()
            self._write_files()
        if not self._victim_is_well():
            self._end_victim()
            self._start_victim()

    # --- files ---

    def _lay_out_files(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="walls-"))
        self._open.callback(shutil.rmtree, folder)
        self._reports = folder / "reports"
        self._reports.mkdir()
        for path, mode in ((folder, 0o755), (self._reports, 0o777)):
            path.chmod(mode)
        named = {
            "secret": (folder / "secret.txt", "the secret", 0o644),
            "private": (folder / "private.txt", "the private secret", 0o600),
            "submission": (folder / "submission.py", "the answer of another", 0o666),
            "gradebook": (self._reports / "gradebook.csv", "reward\n0.0\n", 0o666),
        }
        self._files = {path: (text, mode) for path, text, mode in named.values()}
        self._write_files()
        package = Path(grader.__file__).parent
        self.values |= {name: str(path) for name, (path, _, _) in named.items()}
        self.values |= {
            "handle": handle_of(named["secret"][0]),
            "known": str(package / "exercises" / "dropout" / "known.py"),
            "project": str(package.parent),
            "system": [sys.prefix, *sysconfig.get_paths().values(), "/usr/lib", "/etc", str(package)],
            "socket": str(folder / "socket"),
        }

    def _write_files(self) -> None:
        for path, (text, mode) in self._files.items():
            path.write_text(text, encoding="utf-8")
            path.chmod(mode)
        self.values["inodes"] = [path.stat().st_ino for path in self._files]

    def _contents(self) -> dict[Path, tuple[str, int]]:
        """What lies in the two folders now. The socket is no file."""
        lying = [path for path in self._reports.parent.rglob("*") if path.is_file()]
        return {path: (path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777) for path in lying}

    def _traces(self) -> list[Path]:
        folders = {*SHARED, *self.values["system"], str(Path.home()), str(Path.cwd()), tempfile.gettempdir(), "/"}
        return [Path(folder, self.mark) for folder in folders]

    # --- servers ---

    def _serve(self) -> None:
        """One thread answers on TCP, on UDP and on two unix sockets, one of them in no folder."""
        sockets = [socket.socket(socket.AF_INET), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]
        sockets += [socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)]
        local = ("127.0.0.1", 0)
        addresses: list[Any] = [local, local, self.values["socket"], "\0" + self.mark]
        ready = selectors.DefaultSelector()
        for server, address in zip(sockets, addresses, strict=True):
            self._open.enter_context(server).bind(address)
            if server.type == socket.SOCK_STREAM:
                server.listen()
            ready.register(server, selectors.EVENT_READ)
        Path(self.values["socket"]).chmod(0o777)
        self.values |= {"tcp": sockets[0].getsockname()[1], "udp": sockets[1].getsockname()[1]}
        over = threading.Event()

        def answer() -> None:
            while not over.is_set():
                for key, _ in ready.select(0.1):
                    server = key.fileobj
                    assert isinstance(server, socket.socket)
                    self._hits.append("server")
                    with contextlib.suppress(OSError):
                        if server.type == socket.SOCK_DGRAM:
                            server.sendto(b"the server answers", server.recvfrom(30)[1])
                        else:
                            with server.accept()[0] as client:
                                client.send(b"the server answers")
            ready.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        self._open.callback(thread.join)
        self._open.callback(over.set)

    # --- processes ---

    def _start_victim(self) -> None:
        """With a process number that no namespace with a few processes has as well."""
        while True:
            start = [sys.executable, "-S", "-c", VICTIM]
            self._victim = subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            if self._victim.pid > 200:
                break
            self._end_victim()
        assert self._victim.stdout
        self.values |= {"victim": self._victim.pid, "address": int(self._victim.stdout.readline())}
        self._state = self._victim_state()

    def _end_victim(self) -> None:
        self._victim.kill()
        with self._victim:
            pass

    def _victim_state(self) -> tuple[object, ...]:
        pid = self._victim.pid
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        return os.sched_getaffinity(pid), limits, os.getpriority(os.PRIO_PROCESS, pid)

    def _victim_is_well(self) -> bool:
        """It lives, may do what it could do before, and answers with the word in its memory."""
        assert self._victim.stdin
        assert self._victim.stdout
        try:
            if self._victim.poll() is not None or self._victim_state() != self._state:
                return False
            self._victim.stdin.write("\n")
            self._victim.stdin.flush()
            answers, _, _ = select.select([self._victim.stdout], [], [], 2.0)
            return bool(answers) and self._victim.stdout.readline() == "unharmed\n"
        except OSError:
            return False

    def _start_sibling(self) -> None:
        """A child of a box of its own that lives until it is killed here."""
        source = f"TARGETS = {self.values!r}\n{SIBLING}"
        said: list[object] = []

        def live() -> None:
            with Box(self._isolation, timeout_s=3600, memory_mib=4096) as box:
                said.append(box.run(Program(source, [], [], seed=1)))

        thread = threading.Thread(target=live, daemon=True)
        thread.start()
        found: list[int] = []
        while not found:
            found = [pid for pid, name in processes().items() if name == f"{self.mark}-sib"]
            assert thread.is_alive(), f"the sibling did not live: {said}"
            time.sleep(0.02)
        self.values["sibling"] = found[0]
        self._open.callback(thread.join)
        self._open.callback(end, found[0])


def end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def processes() -> dict[int, str]:
    """The name of every process of the machine."""
    return dict(_processes())


def _processes() -> Iterator[tuple[int, str]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            yield int(folder.name), (folder / "comm").read_text(errors="replace").strip()


def handle_of(path: Path) -> tuple[int, bytes]:
    """Kind and bytes of a file's handle, by which one may open it without its path; (0, nothing) if it has none."""
    buffer = ctypes.create_string_buffer(b"\x80\0\0\0", 136)
    ctypes.CDLL(None).name_to_handle_at(-100, os.fsencode(path), buffer, ctypes.byref(ctypes.c_int()), 0)
    length = int.from_bytes(buffer.raw[:4], sys.byteorder)
    kind = int.from_bytes(buffer.raw[4:8], sys.byteorder)
    return (kind, buffer.raw[8 : 8 + length]) if kind else (0, b"")
