"""Under what gradings come about: the settings in force, and the versions."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Self

from grader.course.versions import versions
from grader.exercises.interface import load, options
from grader.settings import Settings
from grader.submissions.task import Task
from grader.submissions.upload import File


@dataclass(frozen=True)
class Conditions:
    """Under what gradings come about: a submission graded under the same is not graded again."""

    settings: dict[str, Any]
    versions: dict[str, str]

    @classmethod
    def of(cls, settings: Settings, task: Task) -> Self:
        plain = {**plain_settings(settings), "task_content": File.read(task.path).digest}
        plain.pop("jobs")  # changes no verdict
        return cls(plain, versions())


def plain_settings(settings: Settings) -> dict[str, Any]:
    """Every setting under its name on the command line, as a gradebook keeps it."""
    plain = asdict(settings) | {"task": settings.task and str(settings.task)}
    del plain["options"]
    own = asdict(options(load(settings.exercise), settings.options))
    kept: dict[str, Any] = json.loads(json.dumps({**own, **plain}))
    return kept
