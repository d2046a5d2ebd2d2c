"""What IPython makes of a cell before Python sees it, as far as an answer needs it. Line numbers stay.

Magics and shell lines are blanked; ``%time`` and its like run their statement, and a cell in another language is empty.
"""

from __future__ import annotations

import ast
import re

from grader.submissions.source import broken_line, parse

# Cell magics whose cell does not run here, or leaves no names behind.
ELSEWHERE = frozenset(
    """
    ! bash cmd file html HTML javascript js latex markdown perl pypy python python2 python3 ruby script sh svg SVG sx
    system timeit writefile
    """.split()  # noqa: SIM905 (a list of words)
)
RUNS_ITS_LINE = ("time", "prun", "memit", "mprun", "lprun")
# Line magics that JupyterLab's kernel also takes without their "%", and those of common extensions.
AUTOMAGIC = frozenset(
    """
    alias autoreload cat cd conda config cp dhist dirs env history less load load_ext ls lsmagic magic mamba man
    matplotlib micromamba mkdir more mv notebook pdb pinfo pip popd precision prun psearch pushd pwd pycat pylab
    quickref reload_ext reset rm rmdir run save store sx system time timeit unload_ext uv who who_ls whos xmode
    """.split()  # noqa: SIM905 (a list of words)
)
BARE = re.compile(rf"^[ \t]*({'|'.join(sorted(AUTOMAGIC))})[ \t]*;?[ \t]*$", re.M)
PYTHON = ("=", "(", "[")  # what makes a line one of Python's, whatever its first word
AUTOMAGICS, LOOKED_THROUGH = 30, 300_000  # lines without "%" that are looked for, and characters parsed for that


def without_magics(source: str) -> str:
    """The source as Python would get it; only where it is no Python as it is: a line inside a string or an expression
    may well begin with ``%``."""
    tree = parse(source)
    if tree is not None:
        return _without_bare_words(source, tree) if BARE.search(source) else source
    lines = source.split("\n")
    magic = re.match(r"\s*%%(\S+)", source)
    if magic and magic[1] in ELSEWHERE:
        return "pass" + "\n" * (len(lines) - 1)
    continued = False
    for number, line in enumerate(lines):
        lines[number] = "" if continued else _without_magic(line)
        continued = line.endswith("\\") and (continued or lines[number] != line)
    for _ in range(min(AUTOMAGICS, LOOKED_THROUGH // len(source) + 1)):
        number = broken_line("\n".join(lines)) - 1
        if not (0 <= number < len(lines) and _is_automagic(lines[number])):
            break
        lines[number] = _without_magic("%" + lines[number].strip(), _indent(lines[number]))
    return "\n".join(lines)


def _without_magic(line: str, indent: str | None = None) -> str:
    said = line.strip()
    name, _, assigned = (part.strip() for part in said.partition("="))
    indent = _indent(line) if indent is None else indent
    if runs := re.match(rf"%({'|'.join(RUNS_ITS_LINE)})[ \t]+((?!-)\S.*)$", said):
        return indent + runs[2]
    if said.startswith(("%", "!", "?")) or re.fullmatch(r"[\w.*%]+\?{1,2}", said):
        return f"{indent}pass"
    if assigned.startswith(("%", "!")) and not name.endswith(("!", "<", ">")):
        return f"{indent}{name} = []"  # what the command would have printed
    return line


def _is_automagic(line: str) -> bool:
    word, _, rest = line.strip().partition(" ")
    return word in AUTOMAGIC and bool(rest) and not rest.lstrip().startswith(PYTHON)


def _without_bare_words(source: str, tree: ast.Module) -> str:
    """``ls`` on a line of its own is a magic, unless the cell has something of this name."""
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    bound = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    lines = source.split("\n")
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Name)):
            continue
        line = lines[node.lineno - 1]
        if node.value.id in AUTOMAGIC - bound and BARE.fullmatch(line):
            lines[node.lineno - 1] = f"{_indent(line)}pass"
    return "\n".join(lines)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
