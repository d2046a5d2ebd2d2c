"""What IPython would make of a cell: magics are blanked or run, and lines stay where they are."""

from __future__ import annotations

import pytest

from grader.submissions.magics import without_magics


@pytest.mark.parametrize(
    ("source", "clean"),
    [
        ("%time x = 1", "x = 1"),
        ("%timeit x = 1", "pass"),
        ("!pip install numpy", "pass"),
        ("!pip install \\\n  numpy \\\n  scipy\nx = 1", "pass\n\n\nx = 1"),
        ("if True:\n    %pip install x\nx = 1", "if True:\n    pass\nx = 1"),
        ("files = !ls\nx = 1", "files = []\nx = 1"),
        ("here = %pwd\nx = 1", "here = []\nx = 1"),
        ("np.var?\nx = 1", "pass\nx = 1"),
        ("?np.var\nx = 1", "pass\nx = 1"),
        ("np.*var*?\nx = 1", "pass\nx = 1"),
        ("%%time\nx = 1", "pass\nx = 1"),
        ("\n%%capture out\nx = 1", "\npass\nx = 1"),
        ("%%script false\nx = 1", "pass\n"),
        ("%%writefile a.py\nx = 1\ny = 2", "pass\n\n"),
        ("pip install numpy\nx = 1", "pass\nx = 1"),
        ("x = 1\nconda install -y numpy\n%pip list", "x = 1\npass\npass"),
        ("load_ext autoreload\nautoreload 2\ncd ..", "pass\npass\npass"),
        ("if True:\n    matplotlib inline\nx = 1", "if True:\n    pass\nx = 1"),
        ("ls\nx = 1", "pass\nx = 1"),
        ("ls = 1\nls", "ls = 1\nls"),
        ("x = [\nls\n]", "x = [\nls\n]"),
        ("time = 3\n%matplotlib inline", "time = 3\npass"),
        ("s = '''\n%d\n'''", "s = '''\n%d\n'''"),
        ("x = (7\n     % 3)", "x = (7\n     % 3)"),
        ("if x != 1:\n    %pip x", "if x != 1:\n    pass"),
        ("def f(:", "def f(:"),
    ],
)
def test_a_cell_is_what_python_gets_of_it(source: str, clean: str) -> None:
    assert without_magics(source) == clean
