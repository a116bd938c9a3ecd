"""Recordings, turned over by SQL."""
# ruff: noqa: S608 - hostile SQL is meant

import sqlite3
import zlib
from contextlib import suppress
from pathlib import Path
from random import Random

from support.turned_texts import WHOLE


def bomb(mebibytes: int, text: bytes) -> bytes:
    """So much text, packed."""
    packer = zlib.compressobj(9)
    piece = (text * (1 + (1 << 20) // len(text)))[: 1 << 20]
    return b"".join([*(packer.compress(piece) for _ in range(mebibytes)), packer.flush()])


_BOMBS = tuple(bomb(size, text) for size in (3, 60, 100) for text in (b"\0", WHOLE))

_CELLS = (
    None, 0, 1, -1, 1.5, 1e300, -1e300, float("inf"), float("-inf"), float("nan"), 1e15, 1e11,
    2**31, 2**53, 2**63 - 1, -(2**63), 253402300800.0, -62135596801.0, 5e-324,
    b"", b"\0", b"\xff\xfe", bytes(5000), zlib.compress(b""), zlib.compress(b"junk"),
    zlib.compress(WHOLE), zlib.compress(WHOLE)[:-3], *_BOMBS,
    "", " ", "x" * 100_000, "12", "nan", "1e400", "9" * 5000, "\x1b[2J\x1b]0;x\x07", "a\nb\tc\0d",
    "\u202e\u200b\u2028\ufeff", "字" * 200, "\ufffd", "no-connection", "not-recorded",
)  # fmt: skip

_ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"


class Sql:
    """Turns a recording over by SQL. What SQLite refuses is left out."""

    def __init__(self, path: Path, chance: Random) -> None:
        self._chance = chance
        self._db = sqlite3.connect(path, isolation_level=None, timeout=0)
        self._db.text_factory = bytes
        self._db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 4 << 20)
        self._steps = 0
        self._db.set_progress_handler(self._patience, 1000)

    def _patience(self) -> bool:
        self._steps += 1
        return self._steps % 300 == 0

    def turn(self, times: int) -> None:
        """So many times, then closes."""
        try:
            self._db.execute("PRAGMA synchronous = OFF")
            self._db.execute("PRAGMA max_page_count = 1000")  # triggers can double a table
            self._db.execute("PRAGMA writable_schema = ON")
            if self._chance.random() < 0.4:
                self._without_types()
            for _ in range(times):
                with suppress(sqlite3.Error, ValueError, OverflowError, LookupError):
                    self._chance.choice(self.WAYS)(self)
        except (sqlite3.Error, UnicodeDecodeError):
            pass  # turned over by bytes before that
        finally:
            self._db.close()

    def _rows(self, sql: str) -> list[tuple]:
        return self._db.execute(sql).fetchall()

    def _table(self) -> str:
        names = [n.decode() for (n,) in self._rows("SELECT name FROM sqlite_master WHERE rootpage")]
        weights = [9 if name in ("sample", "gap", "boot", "storm") else 3 for name in names]
        return self._chance.choices(names, weights)[0]

    def _columns(self, table: str) -> list[str]:
        return [row[1].decode() for row in self._rows(f"PRAGMA table_xinfo({table})")]

    def _without_types(self) -> None:
        """Columns take any value, NULL too."""
        for word in self._chance.sample(
            (" NOT NULL", " REAL", " INTEGER NOT", " TEXT", " BLOB"), 3
        ):
            put = " NOT" if word.endswith("INTEGER NOT") else ""
            self._db.execute(f"UPDATE sqlite_master SET sql = replace(sql, '{word}', '{put}')")
        self._db.execute("PRAGMA writable_schema = RESET")
        self._db.execute("PRAGMA writable_schema = ON")

    def _which(self, table: str) -> str:
        """A condition that holds for one row, for some, or for all."""
        if self._chance.random() < 0.2:
            return "1"
        key = "module, sample" if table == "growth" else "rowid"
        count = self._rows(f"SELECT count(*) FROM {table}")[0][0]
        some, at = self._chance.choice((1, 1, 5)), self._chance.randrange(max(1, count))
        return f"({key}) IN (SELECT {key} FROM {table} LIMIT {some} OFFSET {at})"

    def _value(self, table: str, column: str) -> object:
        """An odd one, or one of the same or another column."""
        if self._chance.random() < 0.7:
            return self._chance.choice(_CELLS)
        column = self._chance.choice((column, *self._columns(table)))
        known = self._rows(f"SELECT {column} FROM {table} LIMIT 50")
        value = self._chance.choice(known)[0]
        more = self._chance.choice((0, 1, -1, 0.5, 1000, -1e6))
        return value + more if isinstance(value, int | float) else value

    def cell(self) -> None:
        table = self._table()
        column = self._chance.choice(self._columns(table))
        value = self._value(table, column)
        put = "?"
        if isinstance(value, float) and value in (float("inf"), float("-inf")):
            put, value = ("9e999" if value > 0 else "-9e999") + " + coalesce(?, 0)", 0
        elif isinstance(value, bytes) and self._chance.random() < 0.2:
            put = "CAST(? AS TEXT)"
        self._db.execute(
            f"UPDATE {table} SET {column} = {put} WHERE {self._which(table)}", (value,)
        )

    def delete(self) -> None:
        table = self._table()
        self._db.execute(f"DELETE FROM {table} WHERE {self._which(table)}")

    def again(self) -> None:
        """Rows twice, their ids moved; or many times."""
        table = self._table()
        columns = self._columns(table)
        moved = [f"{c} + 1000" if c in ("id", "sample") else c for c in columns]
        if self._chance.random() < 0.3 and "uptime" in columns:
            moved[columns.index("uptime")] = "uptime + 0.1"
        sql = f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) SELECT {', '.join(moved)}"
        self._db.execute(f"{sql} FROM {table} WHERE {self._which(table)} LIMIT 50")

    def view(self) -> None:
        """A view, which may never end, where a table was."""
        table = self._table()
        columns = self._columns(table)
        odd = self._chance.choice(("NULL", "zeroblob(50000000)", "randomblob(100)", "9e999", "''"))
        same = ", ".join(self._chance.choices((c, odd), (9, 1))[0] for c in columns)
        product = ", ".join(f"a.{c}" for c in columns)
        endless = ", ".join("n" for _ in columns)
        body = self._chance.choice(
            (
                f"SELECT {same} FROM {table}_",
                f"SELECT {product} FROM {table}_ a, {table}_, sqlite_master, sqlite_master",
                f"{_ENDLESS} SELECT {endless} FROM r",
                f"{_ENDLESS} SELECT {endless} FROM r WHERE n < 0",
                f"SELECT {endless.replace('n', '1')}",
                f"SELECT * FROM {table}",
            )
        )
        self._db.execute(f"ALTER TABLE {table} RENAME TO {table}_")
        self._db.execute(f"CREATE VIEW {table} ({', '.join(columns)}) AS {body}")

    def trigger(self) -> None:
        """Something happens whenever a recorder writes."""
        table, other = self._table(), self._table()
        body = self._chance.choice(
            (
                f"DELETE FROM {other}",
                f"UPDATE {other} SET rowid = rowid + 1",
                f"INSERT INTO {other} SELECT * FROM {other}",
                "SELECT RAISE(ABORT, 'no \x1b[2J\nreally')",
                "SELECT RAISE(IGNORE)",
                "SELECT RAISE(ROLLBACK, 'gone')",
                f"SELECT ({_ENDLESS} SELECT count(*) FROM r)",
            )
        )
        when = self._chance.choice(("BEFORE", "AFTER"))
        what = self._chance.choice(("INSERT", "UPDATE", "DELETE"))
        self._db.execute(
            f"CREATE TRIGGER t{self._steps} {when} {what} ON {table} BEGIN {body}; END"
        )

    def generated(self) -> None:
        """A column more, or one of the columns, is worked out."""
        table = self._table()
        large = ("zeroblob(50000000)", "hex(zeroblob(9999999))")
        what = self._chance.choice(("1", "NULL", "9e999", "abs(-9223372036854775808)", *large))
        column = self._chance.choice((*self._columns(table), "more"))
        if column != "more":
            self._db.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO {column}_")
        self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} AS ({what})")

    def numbered(self) -> None:
        name = self._chance.choice(("user_version", "user_version", "application_id"))
        value = self._chance.choice((0, 1, 2, 3, 4, -1, 2**31 - 1))
        self._db.execute(f"PRAGMA {name} = {value}")

    def drop(self) -> None:
        """An index, a table, or a column."""
        kind = self._chance.choice(("INDEX", "INDEX", "TABLE", "COLUMN"))
        if kind == "COLUMN":
            table = self._table()
            column = self._chance.choice(self._columns(table))
            self._db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
            return
        sql = f"SELECT name FROM sqlite_master WHERE type = '{kind.lower()}'"
        name = self._chance.choice(self._rows(sql))[0].decode()
        self._db.execute(f"DROP {kind} {name}")

    def schema(self) -> None:
        """The text of the schema itself is another."""
        old, new = self._chance.choice((
            ("uptime", "uptim"), ("INTEGER PRIMARY KEY", "INTEGER"), ("(boot, uptime)", "(boot)"),
            (" WITHOUT ROWID", ""), ("CREATE TABLE", "CREATE TABL"), ("REAL", "TEXT COLLATE NOPE"),
            ("(boot, uptime)", "(abs(boot), uptime)"), ("INTEGER", "BLOB"), ("data", "\x1b[2J"),
        ))  # fmt: skip
        table = self._chance.choice((self._table(), "sample"))
        sql = "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE tbl_name = ?"
        self._db.execute(sql, (old, new, table))

    def roots(self) -> None:
        """Two tables change places."""
        a, b = self._chance.sample(self._rows("SELECT rowid, rootpage FROM sqlite_master"), 2)
        for (row, _), (_, root) in ((a, b), (b, a)):
            self._db.execute("UPDATE sqlite_master SET rootpage = ? WHERE rowid = ?", (root, row))

    def written_anew(self) -> None:
        """With other pages, journals and freed pages."""
        size = self._chance.choice((512, 1024, 4096, 65536))
        self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.execute(f"PRAGMA page_size = {size}")
        self._db.execute(f"PRAGMA auto_vacuum = {self._chance.randrange(3)}")
        self._db.execute("VACUUM")

    WAYS = (
        cell, cell, cell, cell, cell, cell, cell, cell, cell, cell, delete, delete, again, again,
        view, trigger, generated, numbered, drop, schema, roots, written_anew,
    )  # fmt: skip
