"""What an answer finds around itself: it is imported as a module, by what looks like somebody's own session of Python.

Stands alone, as ``worker`` does, and goes into the box beside it.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
import inspect
import json
import os
import re
import sys
import types
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

SESSION = "<stdin>"  # what calls a layer looks like a session of Python's own, in functions of these names
CALLERS = ("check", "compare", "demo", "evaluate", "main", "measure", "run", "show", "step", "train", "try_it")
OWN = ("worker", "session", "handed", "lockdown", "cloning", "watch", "calls")  # of our modules, none stays in sight
LAST = ("last_exc", "last_type", "last_value", "last_traceback")  # of exceptions that nobody caught
answer_file = ""  # the path under which it is imported
ERRORS = [kind for kind in vars(builtins).values() if isinstance(kind, type) and issubclass(kind, BaseException)]


def look_ordinary() -> None:
    """What an answer finds around itself is what it finds in a session of Python's, as far as that is to be had."""
    sys.argv, sys.orig_argv, sys.excepthook = [""], [sys.executable], sys.__excepthook__
    sys.modules["__main__"] = types.ModuleType("__main__")
    for names, name in (*((sys.modules, own) for own in OWN), *((vars(sys), last) for last in LAST)):
        names.pop(name, None)
    for name in [*filter(re.compile("MALLOC_|PIP_").match, os.environ)]:
        del os.environ[name]  # glibc has read its own


def disguised(function: Any, name: str) -> Any:
    """The same function under another name, as if it had been typed in where nothing else is bound."""
    code = function.__code__.replace(co_name=name, co_qualname=name, co_filename=SESSION)
    bound = {"__name__": "__main__", "__builtins__": {**vars(builtins), **function.__globals__}}
    return types.FunctionType(code, bound, name, function.__defaults__)


def prepare(source: str, name: str, folder: str | None = None) -> tuple[types.ModuleType, Callable[[], object]]:
    """The source as a module, kept as a file in ``folder`` if there is one; and what runs it, with no frame of ours.

    ``np`` is bound in it, as in the notebook, and what Jupyter binds; ``await`` may stand outside of functions.
    """
    global answer_file
    answer_file = f"{folder or os.curdir}/{name}.py"
    if folder is not None:
        Path(answer_file).write_text(source, encoding="utf-8", errors="replace")
    spec = importlib.util.spec_from_file_location(name, answer_file)
    assert spec is not None
    answer = importlib.util.module_from_spec(spec)
    answer.__dict__.update(GIVEN, __builtins__=vars(builtins))  # Python would take those of a frame of ours
    sys.modules[name] = answer  # dataclasses and pickle look a class's module up by name
    code = compile(source, answer_file, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    if not code.co_flags & inspect.CO_COROUTINE:
        return answer, partial(exec, code, answer.__dict__)
    import asyncio

    return answer, partial(asyncio.run, eval(code, answer.__dict__))


def display(*objects: Any, **_: Any) -> None:
    for each in objects:
        print(repr(each))


class ZMQInteractiveShell:
    """What ``get_ipython()`` is in a notebook; whatever it is asked for, nothing happens."""

    config: ClassVar[dict[str, Any]] = {"IPKernelApp": {}}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *_, **__: None


GIVEN: dict[str, Any] = {"np": np, "display": display, "get_ipython": ZMQInteractiveShell, "In": [""], "Out": {}}
GIVEN |= dict.fromkeys(("_", "__", "___"), "")  # earlier results, of which there are none


def describe(error: BaseException) -> bytes:
    """Type, message, the last line of the answer that the error passed through, and what it is by Python's own
    classes (by identity: a submission may call its own ones what it likes)."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == answer_file:
            line = trace.tb_lineno
        trace = trace.tb_next
    try:
        message = str(error)[:300]
        if isinstance(error, SyntaxError) and error.filename == answer_file:
            message, line = str(error.msg)[:300], error.lineno or 0  # shown, it repeats the line
    except BaseException:  # a submission may define an exception that cannot be shown
        message = ""
    bases = [kind.__name__ for kind in ERRORS if issubclass(type(error), kind)]
    return json.dumps([type(error).__name__[:80], message, line, bases]).encode()
