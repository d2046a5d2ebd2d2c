"""A database in a file."""

import sqlite3


def attempt():
    with sqlite3.connect("own.db") as database:
        database.execute("CREATE TABLE t (x)")
        database.executemany("INSERT INTO t VALUES (?)", [(number,) for number in range(100)])
    again = sqlite3.connect("own.db")
    return "kept" if again.execute("SELECT sum(x) FROM t").fetchone() == (4950,) else ""
