"""Recordings: the kernel's raw texts with their times, in one SQLite file.

A person can ask it with the sqlite3 shell:

    boot    one row a boot: host, kernel, CPUs, command line, and when it was met
    sample  one row a changed text: when it came, until when it stayed, how long the read took
    gap     one row a time without text, with the reason

`uptime` counts seconds since boot, `wall` is Unix time. Texts are packed by zlib;
most with the text of the row `base` as dictionary, so that a storm stays small.
Nothing but what was read is stored: meaning is made anew when it is replayed.
"""

import errno
import fcntl
import os
import sqlite3
import zlib
from collections.abc import Iterator
from types import TracebackType
from typing import Any, NamedTuple

from .plain import harmless
from .sample import Gap, Host, Instant, Item, Sample, SourceError, Why

SCHEMA = 1
APPLICATION = 0x6B6D6F64
"""SQLite's application_id of a recording: "kmod"."""

_KEEP = 64
"""Changed texts after which one is stored without a dictionary, so that few have to be unpacked."""

_STAY_S = 10.0
"""Seconds after which it is noted that a text still stands; more often only at the end."""

_TABLES = """
CREATE TABLE boot (
    id INTEGER PRIMARY KEY, boot_id TEXT, host TEXT, kernel TEXT, cpus INTEGER,
    cmdline TEXT, version TEXT, wall REAL, uptime REAL
);
CREATE TABLE sample (
    id INTEGER PRIMARY KEY, boot INTEGER NOT NULL REFERENCES boot, uptime REAL NOT NULL,
    wall REAL, until REAL NOT NULL, size INTEGER NOT NULL, base INTEGER, data BLOB NOT NULL
);
CREATE INDEX sample_time ON sample (boot, uptime);
CREATE TABLE gap (
    id INTEGER PRIMARY KEY, boot INTEGER REFERENCES boot, uptime REAL NOT NULL,
    wall REAL, until REAL NOT NULL, code TEXT NOT NULL, sentence TEXT NOT NULL
);
"""


class Boot(NamedTuple):
    """A boot in a recording; None is unknown. `wall` and `uptime` are of when it was met."""

    id: int
    boot_id: str | None
    host: str | None
    kernel: str | None
    cpus: int | None
    cmdline: str | None
    version: str | None
    wall: float | None
    uptime: float

    def as_host(self) -> Host:
        """What a sample of this boot says of its machine."""
        return Host(self.host, self.kernel, self.cpus, self.boot_id)


class Recorder:
    """Appends items to a recording; a context manager. Raises SourceError.

    What `write` has returned from is on its way to the disk and survives the process.
    """

    def __init__(self, path: str, version: str, cmdline: str | None = None) -> None:
        self.path, self._version, self._cmdline = path, version, cmdline
        self._lock = _lock(path)
        try:
            self._db = _open(path, create=True)
        except SourceError:
            os.close(self._lock)
            raise
        self._boot: int | None = None
        self._host: Host | None = None
        self._last: bytes | None = None
        self._row: tuple[str, int] | None = None
        self._noted = self._stood = 0.0
        self._base: tuple[int, bytes] | None = None
        self._since_base = 0

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, item: Item) -> bool:
        """Stores the item, or notes that nothing changed; returns whether something did.

        Raises sqlite3.Error when the disk is full or gone.
        """
        if isinstance(item, Sample):
            return self._write_sample(item)
        return self._write_gap(item)

    def _write_sample(self, sample: Sample) -> bool:
        if self._boot is None or sample.host != self._host:
            self._enter_boot(sample)
        if self._row and self._row[0] == "sample" and sample.text == self._last:
            self._stays(sample.at.uptime)
            return False
        base, packed = self._pack(sample.text)
        with self._db:
            self._note_stay()
            cursor = self._db.execute(
                "INSERT INTO sample (boot, uptime, wall, until, size, base, data)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (self._boot, sample.at.uptime, sample.at.wall, sample.at.uptime,
                 len(sample.text), base, packed),
            )  # fmt: skip
        row = cursor.lastrowid or 0
        if base is None:
            self._base, self._since_base = (row, sample.text), 0
        self._row, self._last, self._noted = ("sample", row), sample.text, sample.at.uptime
        self._stood = sample.at.uptime
        return True

    def _write_gap(self, gap: Gap) -> bool:
        if self._row and self._row[0] == "gap" and self._last == gap.why.sentence.encode():
            self._stays(gap.at.uptime)
            return False
        with self._db:
            self._note_stay()
            cursor = self._db.execute(
                "INSERT INTO gap (boot, uptime, wall, until, code, sentence)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (self._boot, gap.at.uptime, gap.at.wall, gap.at.uptime, *gap.why),
            )
        self._row, self._noted = ("gap", cursor.lastrowid or 0), gap.at.uptime
        self._stood = gap.at.uptime
        self._last = gap.why.sentence.encode()
        return True

    def _pack(self, text: bytes) -> tuple[int | None, bytes]:
        """(row whose text is the dictionary or None, packed text)."""
        self._since_base += 1
        if self._base is None or self._since_base >= _KEEP:
            return None, zlib.compress(text, 9)
        packer = zlib.compressobj(9, zdict=self._base[1])
        return self._base[0], packer.compress(text) + packer.flush()

    def _stays(self, until: float) -> None:
        self._stood = until
        if until - self._noted >= _STAY_S:
            with self._db:
                self._note_stay()
            self._noted = until

    def _note_stay(self) -> None:
        """The last row stood until the last look that found it."""
        if self._row is not None:
            table, row = self._row
            sql = f"UPDATE {table} SET until = max(until, ?) WHERE id = ?"  # noqa: S608 - own name
            self._db.execute(sql, (self._stood, row))

    def _enter_boot(self, sample: Sample) -> None:
        """The row of this boot: the one that is there, or a new one."""
        host = sample.host
        known = None
        if host.boot_id:
            sql = "SELECT id FROM boot WHERE boot_id = ?"
            known = self._db.execute(sql, (host.boot_id,)).fetchone()
        if known is None:
            with self._db:
                cursor = self._db.execute(
                    "INSERT INTO boot (boot_id, host, kernel, cpus, cmdline, version, wall, uptime)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (host.boot_id, host.name, host.kernel, host.cpus, self._cmdline,
                     self._version, sample.at.wall, sample.at.uptime),
                )  # fmt: skip
            known = (cursor.lastrowid,)
        self._boot, self._host = known[0], host
        with self._db:  # gaps before the first text belong to the boot that it is from
            self._db.execute("UPDATE gap SET boot = ? WHERE boot IS NULL", (self._boot,))
        self._row = self._base = None

    def shrink(self, most: int) -> None:
        """Forgets the oldest boots, never the present one, until the file has `most` bytes."""
        while self._size() > most:
            oldest = self._db.execute(
                "SELECT id FROM boot WHERE id IS NOT ? ORDER BY id LIMIT 1", (self._boot,)
            ).fetchone()
            if oldest is None:
                return
            with self._db:
                for sql in (
                    "DELETE FROM sample WHERE boot = ?",
                    "DELETE FROM gap WHERE boot = ?",
                    "DELETE FROM boot WHERE id = ?",
                ):
                    self._db.execute(sql, oldest)
            self._db.execute("VACUUM")

    def _size(self) -> int:
        pages: int = self._db.execute("PRAGMA page_count").fetchone()[0]
        size: int = self._db.execute("PRAGMA page_size").fetchone()[0]
        return pages * size

    def close(self) -> None:
        """Notes until when the last text stood, and gives the file free."""
        try:
            with self._db:
                self._note_stay()
            self._db.close()
        finally:
            os.close(self._lock)


class Recording:
    """A recording to be read. Raises SourceError when it is none, or of a newer kmodtop."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._db = _open(path, create=False)

    def boots(self) -> list[Boot]:
        """All boots, oldest first."""
        columns = "id, boot_id, host, kernel, cpus, cmdline, version, wall, uptime"
        sql = f"SELECT {columns} FROM boot ORDER BY id"  # noqa: S608 - own names
        return [Boot(*row) for row in self._db.execute(sql)]

    def items(self, boot: Boot) -> Iterator[Item]:
        """Every changed text and gap of a boot in order; unchanged ones once more at their end."""
        host = boot.as_host()
        bases: dict[int, bytes] = {}
        for kind, row, uptime, wall, until, base, data, code, sentence in self._rows(boot.id):
            at = Instant(uptime, wall)
            item: Item
            if kind == "gap":
                item = Gap(at, Why(code, sentence))
            else:
                text = self._unpack(row, base, data, bases)
                item = Sample(at, text, host)
            yield item
            if until > uptime:
                later = None if wall is None else wall + until - uptime
                yield item._replace(at=Instant(until, later))

    def _rows(self, boot: int) -> Iterator[tuple[Any, ...]]:
        yield from self._db.execute(
            "SELECT 'sample', id, uptime, wall, until, base, data, '', ''"
            " FROM sample WHERE boot = ?"
            " UNION ALL"
            " SELECT 'gap', id, uptime, wall, until, 0, x'', code, sentence FROM gap WHERE boot = ?"
            " ORDER BY 3, 2",
            (boot, boot),
        )

    def _unpack(self, row: int, base: int | None, data: bytes, bases: dict[int, bytes]) -> bytes:
        try:
            if base is None:
                bases.clear()
                bases[row] = zlib.decompress(data)
                return bases[row]
            if base not in bases:
                found = self._db.execute("SELECT data FROM sample WHERE id = ?", (base,)).fetchone()
                bases[base] = zlib.decompress(found[0])
            return zlib.decompressobj(zdict=bases[base]).decompress(data)
        except (zlib.error, TypeError) as error:
            raise _broken(self.path, f"text {row} is damaged ({error})") from None

    def counts(self, boot: Boot) -> tuple[int, float]:
        """(changed texts, seconds since boot of the last look) of a boot."""
        sql = "SELECT count(*), coalesce(max(until), 0) FROM sample WHERE boot = ?"
        number, until = self._db.execute(sql, (boot.id,)).fetchone()
        return number, until

    def close(self) -> None:
        """Gives the file free."""
        self._db.close()


def _open(path: str, create: bool) -> sqlite3.Connection:
    """Raises SourceError."""
    mode = "rwc" if create else "ro"
    where = "file:" + path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    try:
        db = sqlite3.connect(f"{where}?mode={mode}", uri=True, check_same_thread=False, timeout=5)
        _prepare(db, path, create)
    except sqlite3.Error as error:
        raise _broken(path, f"can't be used as a recording ({error})") from None
    return db


def _prepare(db: sqlite3.Connection, path: str, create: bool) -> None:
    application: int = db.execute("PRAGMA application_id").fetchone()[0]
    schema: int = db.execute("PRAGMA user_version").fetchone()[0]
    is_empty = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if is_empty and create:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(
            f"BEGIN; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {SCHEMA};"
            f"{_TABLES} COMMIT;"
        )
    elif application != APPLICATION:
        db.close()
        raise _broken(path, "is a SQLite file, but no recording of kmodtop")
    elif schema > SCHEMA:
        db.close()
        raise _broken(path, f"was written by a newer kmodtop (schema {schema})")
    if create:
        db.execute("PRAGMA synchronous = NORMAL")


def _lock(path: str) -> int:
    """A lock that one recorder holds. Raises SourceError naming who holds it."""
    try:
        fd = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        code = "read-only" if error.errno == errno.EROFS else "unwritable"
        why = f"{harmless(path)}: can't be written ({error.strerror}); choose another file"
        raise SourceError(Why(code, why)) from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pid = os.read(fd, 20).decode("ascii", "replace").strip()
        os.close(fd)
        why = f"{harmless(path)}: process {harmless(pid)} records into it; choose another file"
        raise SourceError(Why("locked", why)) from None
    os.ftruncate(fd, 0)
    os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
    return fd


def _broken(path: str, problem: str) -> SourceError:
    return SourceError(Why("bad-recording", f"{harmless(path)}: {problem}; take another file"))


def default_folder(home: str, is_root: bool, state: str | None) -> str:
    """Where recordings lie: /var/lib/kmodtop for root, the XDG state folder for others."""
    return (
        "/var/lib/kmodtop" if is_root else os.path.join(state or f"{home}/.local/state", "kmodtop")
    )
