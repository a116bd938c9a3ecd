"""Store: the SQLite file of a recording, trusted in nothing.

Whoever made the file may have put anything into it: cells of other types, times
beyond every calendar, views that never end, triggers. Damage is found here, where
a row becomes a value, and is always a SourceError. A recording that is only
read is never written to, nor is anything beside it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ..errors import SourceError
from .damage import broken, reason_of, shown

IN_MEMORY = "\0memory"
"""The path of a recording that lives as long as the process; no file can have it."""

_LATEST_WALL = 253402300799.0
"""Unix seconds of the last moment that has a year of four digits."""

_LATEST_UPTIME = 1e10
"""Seconds, 300 years, beyond which nothing was ever up."""

_LONGEST = 64 << 20
"""Bytes of a cell at most."""

_STEPS = 4_000_000
_STEPS_A_BYTE = 50
"""Steps of SQLite's machine that one question may take, and those more for each byte of the file:
reading all of an honest recording takes a twentieth. Pages that lead in circles take for ever."""

_STRIDE = 10_000


def _whole(value: object) -> bool:
    return type(value) is int


def _real(value: object) -> bool:
    return type(value) in (int, float) and -1e300 < value < 1e300  # type: ignore[operator]


def _uptime(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= _LATEST_UPTIME  # type: ignore[operator]


def _wall(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= _LATEST_WALL  # type: ignore[operator]


def _text(value: object) -> bool:
    return type(value) is str


def _blob(value: object) -> bool:
    return type(value) is bytes


_KINDS = {"i": _whole, "r": _real, "u": _uptime, "w": _wall, "t": _text, "b": _blob}
"""Kinds of cells: whole, real, seconds since boot, Unix seconds, text, bytes. A capital may be
NULL too."""


class Store:
    """A connection whose rows have been looked at.

    `path` is told where something is wrong. Within `writing` errors of SQLite are raised as they
    are: a full disk is no damage.
    """

    def __init__(self, db: sqlite3.Connection, path: str) -> None:
        self.db, self.path = db, path
        self._steps = 0
        db.text_factory = lambda data: data.decode("utf-8", "replace")
        db.isolation_level = None
        with suppress(AttributeError):
            db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        self._most = _STEPS
        if path != IN_MEMORY:
            db.set_progress_handler(self._step, _STRIDE)

    def _step(self) -> bool:
        self._steps += _STRIDE
        if self._steps > self._most:
            self._most = _STEPS + _STEPS_A_BYTE * self._on_disk()  # it may have grown
        return self._steps > self._most

    def _on_disk(self) -> int:
        size = 0
        for path in (self.path, f"{self.path}-wal"):
            with suppress(OSError):
                size += os.stat(path).st_size
        return size

    def size(self) -> int:
        """Bytes of the file; of one in memory those that are in use."""
        pages: int = self.db.execute("PRAGMA page_count").fetchone()[0]
        if self.path == IN_MEMORY:
            pages -= self.db.execute("PRAGMA freelist_count").fetchone()[0]
        size: int = self.db.execute("PRAGMA page_size").fetchone()[0]
        return pages * size

    # ---- reading ---------------------------------------------------------

    def rows(
        self, kinds: str, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()
    ) -> Iterator[tuple[Any, ...]]:
        """The rows, each cell of the kind that its letter says. Raises SourceError."""
        looks = [(_KINDS[kind.lower()], kind.isupper()) for kind in kinds]
        self._steps = 0
        try:
            for row in self.db.execute(sql, values):
                for cell, (fits, may_lack) in zip(row, looks, strict=True):
                    if not (fits(cell) or (may_lack and cell is None)):
                        raise self.damaged(f"{shown(cell)} stands where it cannot")
                yield row
        except (sqlite3.Error, OverflowError, ValueError) as error:
            raise self.damaged(reason_of(error)) from None

    def row(
        self, kinds: str, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()
    ) -> tuple[Any, ...] | None:
        """The first row; None if there is none. Raises SourceError."""
        return next(self.rows(kinds, sql, values), None)

    def one(self, kind: str, sql: str, values: tuple[Any, ...] = ()) -> Any:
        """The one cell of the first row, which an aggregate always has. Raises SourceError."""
        found = self.row(kind, sql, values)
        if found is None:
            raise self.damaged("a row is missing")
        return found[0]

    def damaged(self, reason: str) -> SourceError:
        """For what cannot stand in a recording."""
        return broken(self.path, f"is damaged ({reason})")

    # ---- writing ---------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All of what is written within, or nothing, tables too. Raises sqlite3.Error."""
        self._steps = 0
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self.db.execute("ROLLBACK")
            raise

    def write(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> sqlite3.Cursor:
        """One statement. Raises sqlite3.Error."""
        self._steps = 0
        try:
            return self.db.execute(sql, _storable(values))
        except UnicodeDecodeError:  # of what SQLite wants to say about a damaged schema
            raise sqlite3.DatabaseError("its tables are damaged") from None

    def write_many(self, sql: str, rows: Any) -> None:
        """One statement for each of the rows. Raises sqlite3.Error."""
        self._steps = 0
        self.db.executemany(sql, rows)

    def vacuum(self) -> None:
        """Gives the disk back what was deleted. Raises sqlite3.Error.

        What is in memory is used again as it is: a copy of it would be twice as large.
        """
        if self.path == IN_MEMORY:
            return
        self.db.set_progress_handler(None, 0)
        try:
            self.db.execute("VACUUM")
        finally:
            self.db.set_progress_handler(self._step, _STRIDE)

    def sync(self, all_of_it: bool = False) -> None:
        """Brings all that was committed into the main file and onto the disk (fsync(2)).

        A reader that is at work may keep some of it in the -wal, which is synced all the same.
        `all_of_it`: makes the -wal small again, waiting for readers. Raises sqlite3.Error.
        """
        self._steps = 0
        how = "TRUNCATE" if all_of_it else "PASSIVE"
        self.db.execute(f"PRAGMA wal_checkpoint({how})").fetchall()

    def close(self) -> None:
        """Gives the file free. Raises sqlite3.Error."""
        self.db.close()


def _storable(values: tuple[Any, ...] | dict[str, Any]) -> tuple[Any, ...] | dict[str, Any]:
    """Text that is no UTF-8 (a name of a file, an escape in JSON) with what is none spelt out."""
    if isinstance(values, dict) or not any(isinstance(value, str) for value in values):
        return values
    return tuple(
        value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
        for value in values
    )
