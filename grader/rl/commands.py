"""The commands of the training side. Light until one is given."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.errors import OK, GraderError, OutputError
from grader.rl import ladder
from grader.rl.ladder import span, words


def add_to(commands: Any) -> None:
    """Add them to the subparsers of the command line."""
    ladder.add_to(commands)
    calibrate = commands.add_parser("calibrate", help="say which levels are worth training on, from rollouts")
    calibrate.add_argument("path", type=Path, metavar="ROLLOUTS.jsonl", help="an object a line; see TRAINING.md")
    calibrate.add_argument("--plot", type=Path, metavar="SVG", help="default: beside the rollouts")
    calibrate.add_argument("--jobs", type=int, metavar="N", help="answers graded at a time (default: twice the cores)")
    calibrate.add_argument("--json-lines", action="store_true", help="on standard output, an object a level")
    calibrate.set_defaults(call=_calibrate)
    harbor = commands.add_parser("harbor", help="write Harbor's task folders, which other frameworks read too")
    harbor.add_argument("out", type=Path, metavar="OUT", help="the folder for them")
    harbor.add_argument("--levels", type=words, default=("L1",), metavar="L1,…", help="default: L1")
    harbor.add_argument("--seeds", type=span, default=range(20), metavar="FIRST:END", help="default: 0:20")
    harbor.add_argument("--wheel", type=Path, metavar="WHL", help="of this package; from a clone it is built")
    harbor.add_argument("--agent-image", metavar="NAME", help="where it is built already, as verifiers wants it")
    harbor.add_argument("--verifier-image", metavar="NAME")
    harbor.set_defaults(call=_harbor)


def _harbor(
    out: Path,
    levels: Sequence[str],
    seeds: range,
    wheel: Path | None,
    agent_image: str | None,
    verifier_image: str | None,
) -> int:
    from grader.rl.harbor import export

    images = agent_image, verifier_image
    try:
        folders = export(out, levels, seeds, wheel, images)
    except OSError as error:
        raise OutputError.of(error) from error
    print(f"Task folders in {out}: {len(folders)}. To try them: harbor run --path {out} --agent oracle")
    return OK


def _calibrate(path: Path, plot: Path | None, jobs: int | None, json_lines: bool) -> int:
    from grader.rl import rollouts
    from grader.rl.calibrate import calibrate

    found = calibrate(rollouts.read(path, jobs))
    lines = map(rollouts.as_json, found) if json_lines else rollouts.table(found)
    print("\n".join(lines))
    target = plot or path.with_suffix(".svg")
    try:
        rollouts.plot(found, target)
    except OSError as error:
        raise OutputError.of(error) from error
    except GraderError as error:
        print(f"no plot: {error}", file=sys.stderr)
    else:
        print(f"plot: {target}", file=sys.stderr)
    return OK
