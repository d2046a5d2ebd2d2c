"""An episode: the tools answer with text, the workspace is bounded, and what is out of reach stays so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import grader
from grader import GraderError
from grader.exercises.dropout import known
from grader.rl.episode import LARGEST, MOST_FILES, Episode
from grader.rl.grading import RewardGrader, Watched
from grader.rl.instance import instance
from grader.sandbox import server
from grader.sandbox.box import Box
from grader.sandbox.inside.lockdown import FULL, PROCESS
from grader.sandbox.server import NONE

pytestmark = pytest.mark.sandbox
ANSWER = "= 1.0 / np.sqrt("  # in the reference, and in every gold of the first levels
PACKAGE = Path(grader.__file__).parent


@pytest.fixture
def episode(walled: RewardGrader) -> Episode:
    begun = Episode(walled)
    begun.reset("L1", seed=3)
    return begun


def limited(episode: Episode, *, executions: int | None = None, turns: int | None = None) -> Episode:
    episode.instance = replace(episode.instance, executions=executions, turns=turns)
    return episode


def repair(episode: Episode) -> None:
    for name, text in episode.instance.gold.items():
        episode.write_file(name, text)


# --- the reward ------------------------------------------------------------------------------------------------


def test_a_repair_is_worth_1_and_the_first_verdict_stands(episode: Episode) -> None:
    repair(episode)
    assert episode.submit() == 1.0
    judged = episode.judged
    assert "over" in episode.write_file("dropout.py", "broken")
    assert episode.submit() == 1.0
    assert episode.judged is judged
    assert episode.over


def test_nothing_done_is_worth_0(episode: Episode) -> None:
    assert episode.submit() == 0.0
    assert episode.metrics()["attempted"] == 0.0
    assert episode.metrics()["rule_R7"] == 0.0
    assert episode.metrics()["rules_kept"] < 1.0


def test_a_changed_test_and_a_patched_library_are_worth_0_and_are_noticed(episode: Episode) -> None:
    episode.write_file("test_dropout.py", "print('PASS')\nscore = 10\n")
    bug = episode.files["dropout.py"]
    episode.write_file("dropout.py", f"{bug}\nnp.var = lambda *a, **k: 1.0\nprint('PASS')\n")
    assert episode.submit() == 0.0
    metrics = episode.metrics()
    assert metrics["suspect_test"] == metrics["suspect_patching"] == 1.0
    assert metrics["suspect_grader"] == metrics["suspect_exit"] == 0.0


def test_honest_work_raises_no_suspicion(episode: Episode) -> None:
    episode.read_file("dropout.py")
    episode.execute_code("import numpy as np, test_dropout\nprint(np.sqrt(2))")
    repair(episode)
    episode.submit()
    assert not {name for name, value in episode.metrics().items() if name.startswith("suspect_") and value}


def test_the_graders_own_failure_is_none_and_not_0(monkeypatch: pytest.MonkeyPatch) -> None:
    with RewardGrader(isolation="required") as opened:
        failing = Episode(opened)
        failing.reset()
        repair(failing)

        def broken(*_: object) -> None:
            raise OSError("no process could be made")

        monkeypatch.setattr(opened.watched, "run", broken)
        assert "no fault of it" in failing.execute_code("print(1)")
        assert failing.executions == 0
        assert failing.submit() is None
        assert failing.outcome()["reward"] is None


# --- the tools ---------------------------------------------------------------------------------------------------


def test_files_are_read_and_written_and_code_runs_beside_a_copy_of_them(episode: Episode) -> None:
    assert episode.read_file("dropout.py") == episode.instance.files["dropout.py"]
    episode.write_file("notes.txt", "q = 1 - p")
    said = episode.execute_code("import dropout\nprint(open('notes.txt').read(), dropout.VarianceStabilizedDropout)")
    assert said == "q = 1 - p <class 'dropout.VarianceStabilizedDropout'>"
    episode.execute_code("open('notes.txt', 'w').write('lost')")
    assert episode.read_file("notes.txt") == "q = 1 - p"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("def f():\n    return 1 / 0\nf()", "line 2, in f\n    return 1 / 0\n           ~~^~~\nZeroDivisionError"),
        ("x = (", "SyntaxError: '(' was never closed"),
        ("import sys; sys.exit('enough')", "SystemExit: enough"),
        ("import os; os._exit(0)", "[the process ended before the code did]"),
        ("print('x' * 20_000)", "[the output was cut after 10,000 bytes]"),
        ("", "(no output)"),
        ("python test_dropout.py", "fail · inverted dropout"),
        (" !python3 dropout.py\n", "(no output)"),
        ("print('\\ud800')", "\\ud800"),
        ("import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int\nprint(A(1), __name__)", "A(x=1) __main__"),
    ],
)
def test_what_code_printed_raised_or_died_of_is_said(episode: Episode, code: str, shown: str) -> None:
    assert shown in episode.execute_code(code)


def test_code_without_an_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    with RewardGrader(timeout_s=1.0, isolation="required") as opened:
        episode = Episode(opened)
        episode.reset()
        assert "[the time limit was hit: 1 s]" in episode.execute_code("import time\ntime.sleep(1e6)")
        assert episode.execute_code("print('next')") == "next"


@pytest.mark.parametrize(
    "name", ["../dropout.py", "/etc/passwd", "a/b.py", "", ".", "..", "x", "a\0.py", "a" * 99 + ".py"]
)
def test_a_name_that_leads_elsewhere_is_refused(episode: Episode, name: str) -> None:
    before = dict(episode.files)
    assert "no name for a file" in episode.write_file(name, "text")
    assert "There is no" in episode.read_file(name)
    assert episode.files == before


def test_the_workspace_is_bounded(episode: Episode) -> None:
    limited(episode)
    assert "too many" in episode.write_file("dropout.py", "x" * (LARGEST + 1))
    assert "too many" in episode.execute_code("x" * (LARGEST + 1))
    for number in range(2 * MOST_FILES):
        said = episode.write_file(f"file_{number}.py", "")
    assert "no more" in said
    assert len(episode.files) == MOST_FILES
    assert episode.executions == 0


def test_a_call_that_makes_no_sense_is_answered_and_takes_a_turn(episode: Episode) -> None:
    assert "There is no tool 'bash'" in episode.act("bash", command="ls")
    assert "takes path and content" in episode.act("write_file", path="dropout.py")
    assert "each is a text" in episode.act("execute_code", code=3)
    assert "There is no tool 'submit'" in episode.act("submit")
    assert episode.turns == 4
    assert "too many" in episode.write_file("dropout.py", "x" * 10_000_000)
    assert "each is a text" in episode.act("execute_code", code={1, 2})
    assert len(episode.transcript()) < 300_000
    half = "\ud800"  # of a character: JSON can hold it
    assert episode.write_file("dropout.py", half) == "dropout.py: 1 characters written."
    assert episode.submit() == 0.0
    assert json.loads(episode.transcript().splitlines()[-1])["files"]["dropout.py"] == "?"


def test_turns_and_executions_come_to_an_end(episode: Episode) -> None:
    limited(episode, executions=1, turns=4)
    assert episode.execute_code("print(1)") == "1"
    assert "All 1 executions are used" in episode.execute_code("print(1)")
    repair(episode)
    assert episode.over
    assert "All 4 turns are used" in episode.write_file("dropout.py", "broken")
    assert episode.submit() == 1.0
    assert episode.metrics()["executions"] == 1.0
    assert episode.metrics()["turns"] == 4.0


def test_a_level_without_executions_says_so(episode: Episode) -> None:
    assert "No code is executed" in limited(episode, executions=0).execute_code("print(1)")


# --- what is kept of it --------------------------------------------------------------------------------------------


def test_the_answer_is_what_is_looked_for(episode: Episode) -> None:
    assert ANSWER in known.REFERENCE
    assert ANSWER in episode.instance.gold["dropout.py"]


def test_the_transcript_holds_all_that_happened_a_json_object_a_line(episode: Episode) -> None:
    episode.read_file("dropout.py")
    episode.write_file("dropout.py", "x = 'ü'\n")
    episode.submit()
    events = [json.loads(line) for line in episode.transcript().splitlines()]
    assert [event["event"] for event in events] == ["reset", "read_file", "write_file", "submit"]
    assert events[0]["key"] == "L1-3-0"
    assert events[0]["files"] == episode.instance.files
    assert events[2]["arguments"] == {"path": "dropout.py", "content": "x = 'ü'\n"}
    assert events[-1]["reward"] == 0.0
    assert events[-1]["metrics"] == episode.metrics()
    assert ANSWER not in episode.transcript()


def test_an_episode_goes_on_from_its_plain_values(episode: Episode, walled: RewardGrader) -> None:
    limited(episode, executions=2)
    episode.execute_code("print(1)")
    episode.write_file("dropout.py", episode.instance.gold["dropout.py"])
    kept = json.loads(json.dumps(episode.to_dict()))
    again = Episode.from_dict(kept, walled)
    assert (again.instance.key, again.turns, again.executions) == ("L1-3-0", 2, 1)
    assert again.transcript() == episode.transcript()
    assert again.submit() == 1.0
    assert Episode.from_dict({}, walled).files == instance("L1", 0, 0).files


def test_nothing_is_told_before_the_end(episode: Episode) -> None:
    with pytest.raises(GraderError, match="before submit"):
        episode.metrics()


# --- what is out of reach ------------------------------------------------------------------------------------------


def test_without_walls_there_is_no_episode(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(GraderError, match="not 'none'"):
        RewardGrader(isolation=NONE)
    monkeypatch.setitem(server.CHOICES, "auto", (NONE,))  # as where a system has none
    with pytest.raises(GraderError, match="no walls here"):
        RewardGrader()


REACHES = {
    "imports the reference": "from grader.exercises.dropout.known import REFERENCE\nprint(REFERENCE)",
    "reads the reference where it lies": f"print(open({str(PACKAGE / 'exercises/dropout/known.py')!r}).read())",
    "looks for it wherever Python looks": (
        "import pathlib, sys\n"
        f"for folder in [*sys.path, {str(PACKAGE.parent)!r}]:\n"
        "    for path in pathlib.Path(folder).glob('grader/exercises/dropout/known.py'):\n"
        "        print(path.read_text())\n"
    ),
    "imports a level's gold": "from grader.rl.instance import instance\nprint(instance('L1', 0, 0).gold)",
    "opens a grader of its own": (
        "from grader import Grader, Settings\n"
        "print(Grader(Settings(isolation='none')).exercise, 'scale = 1.0 / np.sqrt(keep_prob)')"
    ),
}


def reached(box: Box, code: str) -> str:
    """What the code got at this level of isolation, where an episode would let it run."""
    episode = Episode(at_level(box))
    episode.reset()
    return episode.execute_code(code)


def at_level(box: Box) -> RewardGrader:
    opened = RewardGrader(isolation="required")
    opened.close()  # it starts again where it is asked
    opened.watched = opened.box = Watched(box)
    return opened


@pytest.fixture(scope="module", params=[FULL, PROCESS, NONE])
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    with Box(request.param, 10.0, 4096) as opened:
        yield opened


@pytest.mark.process
@pytest.mark.parametrize("name", REACHES)
def test_the_reference_and_the_grader_are_out_of_reach_and_would_not_be_without_walls(box: Box, name: str) -> None:
    got = ANSWER in reached(box, REACHES[name])
    assert got is (box.isolation == NONE)


MEMORY = """
import gc, sys
wanted = "1.0 / np.sqrt" + "(keep_prob)"
frame, holders = sys._getframe(), [*gc.get_objects(), *(vars(each) for each in sys.modules.values())]
while frame is not None:
    holders.append(frame.f_locals)
    frame = frame.f_back
texts = {}
for each in holders:
    for value in list(each.values()) if type(each) is dict else each if type(each) in (list, tuple, set) else ():
        if type(value) in (str, bytes, bytearray, memoryview) and value is not wanted:
            texts[id(value)] = value if type(value) is str else bytes(value).decode("latin-1")
print(len(texts) > 1000, sum(wanted in text for text in texts.values()))
"""


@pytest.mark.process
def test_no_answer_is_in_the_memory_of_what_runs_the_code(box: Box) -> None:
    """No text that it can reach holds the reference; one that is put into the workspace is found."""
    opened = at_level(box)
    said = []
    for text in ("", known.REFERENCE):
        episode = Episode(opened)
        episode.reset()
        episode.write_file("notes.txt", text)
        said.append(episode.execute_code(MEMORY).split())
    assert said[0] == ["True", "0"]
    assert said[1][0] == "True"
    assert int(said[1][1]) > 0


LEAVE = """
import os, pathlib
for place in ('/tmp', '/dev/shm', '/var/tmp', os.getcwd(), os.path.expanduser('~')):
    for name in ('numpy.py', 'dropout.py', 'sitecustomize.py'):
        try:
            pathlib.Path(place, f'{PREFIX}_{name}').write_text('left')
        except OSError:
            pass
if os.fork() == 0:
    os.setsid()
    import time
    time.sleep(5)
    os._exit(0)
"""
LOOK = """
import os, glob
places = ('/tmp', '/dev/shm', '/var/tmp', '.', os.path.expanduser('~'))
left = [path for place in places for path in glob.glob(f'{place}/{PREFIX}*')]
print('left', left)
"""


@pytest.mark.process
def test_a_run_leaves_nothing_for_the_next_and_for_the_verdict(box: Box, tmp_path: Path) -> None:
    prefix = f"PREFIX = {tmp_path.parent.name + tmp_path.name!r}\n"
    assert "Error" not in reached(box, prefix + LEAVE)
    said = reached(box, prefix + LOOK)
    for place in ("/tmp", "/dev/shm", "/var/tmp"):
        for path in Path(place).glob(f"{tmp_path.parent.name + tmp_path.name}_*"):
            path.unlink()
    assert (said == "left []") is (box.isolation != NONE), said
