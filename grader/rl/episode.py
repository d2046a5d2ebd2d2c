"""One rollout: a task's workspace, three tools, a reward. What every framework's adapter wraps.

The workspace is a dict of texts: no path leads anywhere. A tool answers with text, and a refusal is text too, so no
adapter has to catch anything. ``execute_code`` runs a copy of the workspace in the grader's own walls.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from grader.errors import SandboxError, UsageError
from grader.rl.grading import RewardGrader
from grader.rl.instance import Instance, instance
from grader.rl.judge import Judged
from grader.rl.suspicion import suspicions
from grader.sandbox.frames import OUTPUT_BYTES, Answer, Ended, Program


@dataclass(frozen=True)
class Tool:
    """What a model is told of a tool: what it does, and its arguments, each of which is a text."""

    about: str
    arguments: Mapping[str, str]


LARGEST, MOST_FILES = 100_000, 16  # characters of one file or one program, and files of a workspace
MOST_TURNS = 200  # where the level itself sets no limit
FILE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,40}\.[A-Za-z0-9]{1,8}")
RUN_CODE = Path(__file__).with_name("run_code.py").read_text(encoding="utf-8")
TOOLS: Mapping[str, Tool] = {
    "read_file": Tool("Read a file of the workspace.", {"path": "Its name."}),
    "write_file": Tool("Write a file of the workspace.", {"path": "Its name.", "content": "The whole new text."}),
    "execute_code": Tool(
        "Run Python in a fresh process, beside a copy of the workspace: files that it changes are not kept.",
        {"code": "The source; or, to run a file, one line as in: python test_dropout.py"},
    ),
}


class Episode:
    """A rollout on one instance; ``reset`` begins it anew. Not for several threads at once."""

    instance: Instance
    files: dict[str, str]
    judged: Judged | None
    turns: int
    executions: int
    events: list[dict[str, Any]]

    def __init__(self, grader: RewardGrader | None = None) -> None:
        """``grader``: by default this process's own. Raises ``IsolationError`` where there are no walls."""
        self.grader = grader or shared_grader()

    def reset(self, level: str = "L1", seed: int = 0, index: int = 0) -> str:
        """Begin this instance; returns its prompt. Raises ``UsageError`` if there is no such level."""
        self.instance = instance(level, seed, index)
        self.files, self.judged, self.turns, self.executions = dict(self.instance.files), None, 0, 0
        self.events = []
        task = {"key": self.instance.key, "level": level, "seed": seed, "index": index}
        self.note("reset", **task, prompt=self.instance.prompt, files=self.files, isolation=self.grader.box.isolation)
        return self.instance.prompt

    # --- the three tools ---

    def read_file(self, path: str) -> str:
        """Read a file of the workspace: ``path`` is its name."""
        return self.act("read_file", path=path)

    def write_file(self, path: str, content: str) -> str:
        """Write a file of the workspace: ``content`` is the whole new text."""
        return self.act("write_file", path=path, content=content)

    def execute_code(self, code: str) -> str:
        """Run Python in a fresh process, beside a copy of the workspace; files that it changes are not kept."""
        return self.act("execute_code", code=code)

    def act(self, tool: str, **arguments: Any) -> str:
        """A tool by its name. It takes a turn, which is refused when none is left, and goes into the transcript."""
        if self.judged is not None:
            return "The answer has been handed in; the episode is over."
        if self.turns >= self.most_turns:
            return f"All {self.most_turns} turns are used; what is in the workspace now is the answer."
        self.turns += 1
        started = time.monotonic()
        wanted = TOOLS.get(tool)
        if wanted is None:
            said = f"There is no tool {tool!r:.80}. There are: {', '.join(TOOLS)}."
        elif arguments.keys() != wanted.arguments.keys() or {*map(type, arguments.values())} != {str}:
            said = f"{tool} takes {' and '.join(wanted.arguments)}, and each is a text."
        else:
            arguments = {name: text.encode("utf-8", "replace").decode() for name, text in arguments.items()}
            said = getattr(self, f"_{tool}")(**arguments)
        shown = {name: str(value)[:LARGEST] for name, value in arguments.items()}
        self.note(str(tool)[:80], arguments=shown, result=said, seconds=round(time.monotonic() - started, 3))
        return said

    def _read_file(self, path: str) -> str:
        if path in self.files:
            return self.files[path] or "(the file is empty)"
        return f"There is no {path!r:.80}. There are: {', '.join(sorted(self.files))}."

    def _write_file(self, path: str, content: str) -> str:
        if not FILE_NAME.fullmatch(path):
            return f"{path!r:.80} is no name for a file here: letters, digits, _ and -, and an ending, without folders."
        if len(content) > LARGEST:
            return f"{len(content):,} characters are too many: at most {LARGEST:,}. Nothing was written."
        if path not in self.files and len(self.files) >= MOST_FILES:
            return f"The workspace holds {MOST_FILES} files, and no more. Nothing was written."
        self.files = {**self.files, path: content}
        return f"{path}: {len(content):,} characters written."

    def _execute_code(self, code: str) -> str:
        most = self.instance.executions
        if most is not None and self.executions >= most:
            return f"All {most} executions are used." if most else "No code is executed at this level."
        if len(code) > LARGEST:
            return f"{len(code):,} characters are too many: at most {LARGEST:,}. Nothing was run."
        self.executions += 1
        program = Program(f"{RUN_CODE}\nrun({self.files!r}, {code!r})\n", [], [], seed=0, module="session")
        for _ in range(2):
            try:
                return _shown(self.grader.box.run(program), self.grader.settings.timeout_s)
            except (SandboxError, OSError) as error:
                problem = error
        self.executions -= 1
        return f"The code could not be run, which is no fault of it ({type(problem).__name__}). Try again."

    # --- the end ---

    def submit(self) -> float | None:
        """Hand in the workspace: 1.0 or 0.0, or None where the grader itself failed and the rollout is to be masked.
        The first call decides."""
        if self.judged is None:
            self.close(self.grader.reward(self.instance, self.files))
        return self._after_submit().value

    def close(self, judged: Judged) -> None:
        """End it with a judgement that was made elsewhere, as by a ``RewardPool``."""
        self.judged = judged
        self.note("submit", files=self.files, **self.outcome())

    @property
    def over(self) -> bool:
        """Is nothing left to do but ``submit``?"""
        return self.judged is not None or self.turns >= self.most_turns

    @property
    def most_turns(self) -> int:
        return MOST_TURNS if self.instance.turns is None else self.instance.turns

    def outcome(self) -> dict[str, Any]:
        """After ``submit``, for logs: the reward, the diagnosis, and the metrics."""
        judged = self._after_submit()
        return {"reward": judged.value, "diagnosis": judged.diagnosis, "metrics": self.metrics()}

    def metrics(self) -> dict[str, float]:
        """After ``submit``, to be logged beside the reward and never added to it: which rules are kept, of those that
        were judged before the verdict was sure; what the episode took; and warnings (``suspect_…``: 1.0 where somebody
        should look at the transcript)."""
        judged = self._after_submit()
        kept = {name: float(found == "passed") for name, found in judged.rules.items() if found != "not_judged"}
        return {
            **{f"rule_{name}": value for name, value in kept.items()},
            "rules_kept": sum(kept.values()) / len(kept) if kept else 0.0,
            "attempted": float(judged.attempted),
            "turns": float(self.turns),
            "executions": float(self.executions),
            "seconds": round(sum(event.get("seconds", 0.0) for event in self.events), 3),
            "seconds_judging": judged.seconds,
            **suspicions(self.instance.files, self.files, self.events),
        }

    def transcript(self) -> str:
        """All that happened, a JSON object a line: ``reset``, each tool with its arguments and result, ``submit``."""
        return "".join(f"{json.dumps(event, ensure_ascii=False)}\n" for event in self.events)

    def note(self, event: str, **facts: Any) -> None:
        self.events = [*self.events, {"event": event, "turn": self.turns, **facts}]

    def _after_submit(self) -> Judged:
        if self.judged is None:
            raise UsageError("there is nothing to tell before submit()")
        return self.judged

    # --- as a value, for frameworks that keep a rollout's state themselves ---

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: an episode that was not handed in yet."""
        task = [self.instance.level, self.instance.seed, self.instance.index]
        counts = {"turns": self.turns, "executions": self.executions}
        return {"task": task, "files": self.files, "events": self.events, **counts}

    @classmethod
    def from_dict(cls, state: Mapping[str, Any], grader: RewardGrader | None = None) -> Self:
        """The episode as it was; where the state holds a ``task`` alone, that one's beginning."""
        episode = cls(grader)
        episode.reset(*state.get("task", ()))
        if "files" in state:
            episode.files, episode.events = dict(state["files"]), list(state["events"])
            episode.turns, episode.executions = state["turns"], state["executions"]
        return episode


async def act(state: Mapping[str, Any], tool: str, **arguments: Any) -> tuple[str, dict[str, Any]]:
    """A tool's answer, and the episode's state after it, without holding up an event loop."""

    def acted() -> tuple[str, dict[str, Any]]:
        episode = Episode.from_dict(state)
        return episode.act(tool, **arguments), episode.to_dict()

    return await asyncio.to_thread(acted)


async def submit(state: Mapping[str, Any]) -> dict[str, Any]:
    """The outcome of handing in an episode in this state, without holding up an event loop."""

    def submitted() -> dict[str, Any]:
        episode = Episode.from_dict(state)
        episode.submit()
        return episode.outcome()

    return await asyncio.to_thread(submitted)


def shared_grader() -> RewardGrader:
    """This process's own, kept open; it may be used by several threads. Raises ``IsolationError`` without walls."""
    return _grader_of(os.getpid())


@cache
def _grader_of(process: int) -> RewardGrader:
    """A process that was forked has one of its own."""
    grader = RewardGrader()
    atexit.register(grader.close)
    return grader


def _shown(answer: Answer, timeout_s: float) -> str:
    """What a run printed, and how it ended."""
    raised = f"{answer.raised.type}: {answer.raised.message}" if answer.raised else ""
    cut = f"[the output was cut after {OUTPUT_BYTES:,} bytes]" if len(answer.output.encode()) >= OUTPUT_BYTES else ""
    ends = {
        Ended.TIMED_OUT: f"[the time limit was hit: {timeout_s:g} s]",
        Ended.KILLED: "[the process ended before the code did]",
    }
    lines = (answer.output.rstrip("\n"), cut, raised, ends.get(answer.ended, ""))
    return "\n".join(filter(None, lines)) or "(no output)"
