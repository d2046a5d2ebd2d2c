"""What an answer finds around itself: it is imported as a module, by what looks like somebody's own session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.sandbox.box import Box
from grader.sandbox.frames import Answer, Ended, Program, Value


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with Box("auto", timeout_s=10.0, memory_mib=4096) as opened:
        yield opened


def run(box: Box, source: str, *operations: list[object]) -> Answer:
    return box.run(Program(source, operations, [], seed=5, module="dropout"))


@pytest.mark.parametrize(
    "block",
    [
        "import sys; sys.exit(main())",
        "import unittest; unittest.main()",
        "import argparse; argparse.ArgumentParser().parse_args(['--none'])",
        "while True: pass",
        "print(__file__); 1 / 0",
    ],
)
def test_what_stands_below_the_main_guard_costs_nothing(box: Box, block: str) -> None:
    answer = run(box, f"x = 1\nif __name__ == '__main__':\n    {block}\n")
    assert (answer.ended, answer.raised, answer.output) == (Ended.DONE, None, "")


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("__name__", "dropout"),
        ("open(__file__).read().startswith('print')", "True"),
        ("__import__('dropout').__name__", "dropout"),
        ("__import__('os').path.basename(__file__)", "dropout.py"),
        ("__import__('os').path.isabs(__spec__.origin)", "True"),
        ("(lambda sys: (sys.argv, len(sys.orig_argv)))(__import__('sys'))", "([''], 1)"),
        (
            "[get_ipython().run_line_magic('matplotlib', 'inline'), 'IPKernelApp' in get_ipython().config]",
            "[None, True]",
        ),
        ("(In, Out, _, np.pi)", "([''], {}, '', 3.141592653589793)"),
        ("display(1, 'a', metadata={})", "1\n'a'\nNone"),
    ],
)
def test_an_answer_is_an_ordinary_module_with_what_jupyter_binds(box: Box, expression: str, shown: str) -> None:
    assert run(box, f"print({expression})").output == f"{shown}\n"


def test_its_classes_are_found_by_their_module(box: Box) -> None:
    source = """
import dataclasses, inspect, pickle, typing

@dataclasses.dataclass
class Point:
    x: "int" = 1

print(pickle.loads(pickle.dumps(Point(2))), typing.get_type_hints(Point), Point.__module__)
print(inspect.getsource(Point).splitlines()[1])
"""
    assert run(box, source).output == "Point(x=2) {'x': <class 'int'>} dropout\nclass Point:\n"


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio\nawait asyncio.sleep(0)\nx = await asyncio.sleep(0, 5)",
        "async def numbers():\n    yield 5\nasync for x in numbers():\n    pass",
    ],
)
def test_await_may_stand_outside_of_functions(box: Box, source: str) -> None:
    answer = run(box, f"{source}\nprint(x)\nclass Layer: pass", ["new", 0, "Layer", [], {}])
    assert (answer.output, answer.ended) == ("5\n", Ended.DONE)


def test_a_syntax_error_is_told_without_the_file(box: Box) -> None:
    raised = run(box, "x = 1\ny = (").raised
    assert raised is not None
    assert (raised.type, raised.message, raised.line) == ("SyntaxError", "'(' was never closed", 2)
    inner = run(box, "x = 1\nexec('y = (')").raised
    assert inner is not None
    assert (inner.message, inner.line) == ("'(' was never closed (<string>, line 1)", 2)


STACK = """
import sys, threading

def callers():
    frame, seen = sys._getframe(2), []
    while frame:
        seen.append(frame.f_code.co_name + " in " + frame.f_code.co_filename)
        assert frame.f_globals is globals() or frame.f_globals.keys() == {"__name__", "__builtins__"}
        frame = frame.f_back
    assert threading.current_thread() is threading.main_thread()
    assert not hasattr(sys, "last_value") and sys.exc_info() == (None, None, None)
    return "; ".join(seen)

print((lambda: callers())())

class Layer:
    def __call__(self):
        self.seen = callers()
"""


@pytest.mark.sandbox
def test_nobody_calls_a_layer_but_a_session_of_pythons() -> None:
    with Box("auto", timeout_s=10.0, memory_mib=4096) as box:
        seen = set()
        for seed in range(6):
            operations = [["new", 0, "Layer", [], {}], ["call", 0, "__call__", [], None], ["get", 0, "seen"]]
            answer = box.run(Program(STACK, operations, [], seed, module="dropout"))
            assert answer.output.endswith("/dropout.py; <module> in <stdin>\n"), "nor the module"
            shown = answer.replies[-1]
            assert isinstance(shown, Value), answer
            caller, _, rest = shown.text.strip("'").partition(" ")
            assert rest == "in <stdin>; <module> in <stdin>"
            seen.add(caller)
    assert len(seen) > 1, "the name of the function is drawn"


def test_nothing_of_the_worker_is_in_the_answers_modules(box: Box) -> None:
    source = "import sys\nprint([m for m in ('worker', 'lockdown', 'zygote', 'grader') if m in sys.modules])\n"
    source += "print(vars(sys.modules['__main__']).keys() & {'main', 'serve', 'lockdown'})"
    assert run(box, source).output == "[]\nset()\n"


def test_an_answer_has_pythons_own_builtins_and_no_name_of_the_worker(box: Box) -> None:
    """What is not imported is a NameError here as in the notebook, also in a function that is called later."""
    source = """
import builtins
NAMES = "take", "perform", "zeros", "sign", "prod", "json", "os", "Path", "session"

def bound():
    return [name for name in NAMES if known(name)]

def known(name):
    try:
        return eval(name) is not None
    except NameError:
        return False

print(bound(), (lambda: 0).__builtins__ is vars(builtins))

class Layer:
    def __init__(self):
        self.seen = str(bound())
"""
    answer = run(box, source, ["new", 0, "Layer", [], {}], ["get", 0, "seen"])
    assert answer.output == "[] True\n"
    assert answer.replies[-1] == Value("'[]'")
