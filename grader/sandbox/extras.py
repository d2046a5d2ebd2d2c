"""What a verdict can do without, and how to get it: the extras of pyproject.toml, and what each brings."""

from __future__ import annotations

from importlib.util import find_spec

from grader.errors import UsageError

PACKAGE = "variance-dropout-grader"
EXTRAS = {
    "distributed": ("dask", "distributed"),
    "notebook": ("ipykernel", "jupyter_client", "nbclient", "nbformat"),
    "report": ("jinja2", "matplotlib", "rich", "yaml"),
}


def command(extra: str) -> str:
    """The line that installs it."""
    return f"pip install '{PACKAGE}[{extra}]'"


def missing(extra: str) -> list[str]:
    """The modules of an extra that are not installed; nothing is imported to find out."""
    return [name for name in EXTRAS[extra] if find_spec(name) is None]


def require(extra: str, instead: str = "") -> None:
    """Raises ``UsageError`` with the command that installs it, and with what else would do ``instead``."""
    if absent := missing(extra):
        verb = "is" if len(absent) == 1 else "are"
        way_out = f" (or: {instead})" if instead else ""
        raise UsageError(f"{', '.join(absent)} {verb} not installed: {command(extra)}{way_out}")
