"""How the command line reads its words, and says in one line what is wrong with them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, ClassVar, NoReturn

from grader.errors import USAGE


class Parser(argparse.ArgumentParser):
    """What is wrong is one line, in the words of who typed it."""

    known: ClassVar[set[str]] = set()  # the options of all commands

    def add_argument(self, *names: str, **more: Any) -> argparse.Action:
        self.known.update(name for name in names if name.startswith("--"))
        return super().add_argument(*names, **more)

    def error(self, message: str) -> NoReturn:
        said = message.removeprefix("argument ").replace("the following arguments are required:", "give")
        _, unknown, typed = said.partition("unrecognized arguments: ")
        if unknown and (meant := get_close_matches(typed.split()[0], self.known, 1)):
            said += f": did you mean {meant[0]}?"
        self.exit(USAGE, f"grader: {said} ({self.prog} --help says more)\n")


def kind(parse: Callable[[str], Any], words: str) -> Callable[[str], Any]:
    """Reads what was typed, or says in words what it should have been."""

    def parsed(text: str) -> Any:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{words}; got {text}") from error

    return parsed


def in_words(default: Any) -> str:
    """What an option takes, told from its usual value."""
    if isinstance(default, tuple):
        what = "numbers" if isinstance(default[0], float) else "names"
        return f"{what} with commas, such as {','.join(map(str, default))}"
    return f"a number, such as {default:g}"


number, whole = kind(float, "a number"), kind(int, "a whole number")
