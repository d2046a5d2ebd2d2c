"""What ``execute_code`` runs inside the walls: the workspace as files, and the model's code beside them.

It travels as text in front of the call ``run(files, code)``, and is never imported.
"""

import linecache
import os
import re
import sys
import traceback

NAME = "<code>"


def run(files, code):  # type: ignore[no-untyped-def]
    for name, text in files.items():
        with open(name, "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(text)
    sys.path.insert(0, os.getcwd())  # noqa: PTH109
    named = re.fullmatch(r"\s*!?\s*python3?\s+(\w+\.py)\s*", code)  # as prompts and people say it
    code = f"import runpy\nrunpy.run_path({named[1]!r}, run_name='__main__')\n" if named else code
    linecache.cache[NAME] = (len(code), None, code.splitlines(keepends=True), NAME)
    try:
        exec(compile(code, NAME, "exec"), vars(sys.modules["__main__"]))
    except SystemExit as end:
        if end.code not in (None, 0):
            print(f"SystemExit: {end.code}")
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != NAME:
            trace = trace.tb_next
        traceback.print_exception(error.with_traceback(trace))
    sys.stdout.flush()
