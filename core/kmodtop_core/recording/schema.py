"""The tables of a recording, and how older ones are brought up to date.

A person can ask it with the sqlite3 shell:

    boot    one row a boot: host, kernel, CPUs, command line, and when it was met
    sample  one row a changed text: when it came, until when it stayed, how long the read took
    gap     one row a time without text, with the reason
    evidence  named pieces beside the texts, packed by zlib: devices, sizes, kernel log
    event   parts of pieces that grow meanwhile: lines of a trace as the kernel printed them

`uptime` counts seconds since boot, `wall` is Unix time. Texts are packed by zlib;
most with the text of the row `base` as dictionary, so that a storm stays small.
Nothing else was read. The rest is an index of the texts, for people and for fast
seeks, and can be rebuilt from them:

    sample  the kernel's counters by their names; byte counters from 2**63 on are negative
    run     samples whose counters only grew; its id is that of its first sample
    module  a name of the table in a run; `base` is its count when it was there from before
    growth  how often a module had failed, wherever that changed
    storm   a time in which failures grew without a long pause; its id is its first sample's
    warning what was odd about a step from one text to the next
"""

from contextlib import suppress

from ..stats.values import COUNTERS, ULONG
from .damage import broken
from .store import Store

SCHEMA = 5
"""1 had no index and did not tell how texts were looked at, 2 kept the reason of a gap as one
sentence only, 3 kept no evidence, 4 no events."""

APPLICATION = 0x6B6D6F64
"""SQLite's application_id of a recording: "kmod"."""

_COUNTER_COLUMNS = ", ".join(f"{name} INTEGER" for name in COUNTERS)

_TABLES = f"""
CREATE TABLE boot (
    id INTEGER PRIMARY KEY, boot_id TEXT, host TEXT, kernel TEXT, cpus INTEGER,
    cmdline TEXT, version TEXT, wall REAL, uptime REAL
);
CREATE TABLE gap (
    id INTEGER PRIMARY KEY, boot INTEGER REFERENCES boot, uptime REAL NOT NULL,
    wall REAL, until REAL NOT NULL, code TEXT NOT NULL, sentence TEXT NOT NULL,
    what TEXT, fix TEXT, subject TEXT
);
CREATE TABLE sample (
    id INTEGER PRIMARY KEY, boot INTEGER NOT NULL REFERENCES boot, uptime REAL NOT NULL,
    wall REAL, until REAL NOT NULL, fresh INTEGER NOT NULL DEFAULT 1,
    settled INTEGER NOT NULL DEFAULT 1, read_s REAL, run INTEGER, {_COUNTER_COLUMNS},
    size INTEGER NOT NULL, base INTEGER, data BLOB NOT NULL
);
CREATE INDEX sample_time ON sample (boot, uptime);
"""

_EVIDENCE = """
CREATE TABLE evidence (
    boot INTEGER NOT NULL REFERENCES boot, name TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (boot, name)
);
CREATE TABLE event (
    id INTEGER PRIMARY KEY, boot INTEGER NOT NULL REFERENCES boot, uptime REAL NOT NULL,
    piece TEXT NOT NULL, data BLOB NOT NULL
);
CREATE INDEX event_boot ON event (boot, id);
"""

_INDEX = """
CREATE INDEX gap_time ON gap (boot, uptime);
CREATE TABLE run (
    id INTEGER PRIMARY KEY, boot INTEGER NOT NULL REFERENCES boot, reason TEXT
);
CREATE TABLE module (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run, name BLOB NOT NULL,
    occurrence INTEGER NOT NULL, first INTEGER NOT NULL REFERENCES sample, base INTEGER
);
CREATE TABLE growth (
    module INTEGER NOT NULL REFERENCES module, sample INTEGER NOT NULL REFERENCES sample,
    count INTEGER, reason INTEGER NOT NULL, PRIMARY KEY (module, sample)
) WITHOUT ROWID;
CREATE TABLE storm (
    id INTEGER PRIMARY KEY, boot INTEGER NOT NULL REFERENCES boot, run INTEGER NOT NULL,
    began REAL NOT NULL, ended REAL NOT NULL, failures INTEGER NOT NULL, wasted REAL NOT NULL,
    peak_rate REAL, peak_at REAL
);
CREATE TABLE warning (
    sample INTEGER NOT NULL REFERENCES sample, run INTEGER NOT NULL, code TEXT, message TEXT
);
"""

_ADDED = {
    "sample": (
        "fresh INTEGER NOT NULL DEFAULT 1",
        "settled INTEGER NOT NULL DEFAULT 1",
        "read_s REAL",
        "run INTEGER",
        *(f"{name} INTEGER" for name in COUNTERS),
    ),
    "gap": ("what TEXT", "fix TEXT", "subject TEXT"),
}
"""Columns that older schemas lack."""

INDEX_TABLES = ("growth", "module", "warning", "run", "storm")
"""What can be rebuilt from the texts; each before those that it refers to."""


def unsigned(value: int) -> int:
    """A counter as the kernel has it, from SQLite's signed integer."""
    return value % ULONG


def signed(value: int) -> int | None:
    """A counter as SQLite holds it; None for what no kernel can print."""
    if value >= ULONG:
        return None
    return value - ULONG if value >= ULONG // 2 else value


def upgrade(store: Store) -> None:
    """Adds what an older schema lacks, within a transaction that somebody has begun.

    An upgrade of an earlier kmodtop may have been interrupted half-way: what is there is left.
    Raises sqlite3.Error, SourceError.
    """
    for table, columns in _ADDED.items():
        names = store.rows("t", "SELECT name FROM pragma_table_info(?)", (table,))
        there = {name for (name,) in names}
        for column in columns:
            if column.partition(" ")[0] not in there:
                store.write(f"ALTER TABLE {table} ADD COLUMN {column}")
    for statement in (_INDEX + _EVIDENCE).split(";"):
        store.write(
            statement.replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ").replace(
                "CREATE INDEX ", "CREATE INDEX IF NOT EXISTS "
            )
        )


def schema_of(store: Store) -> int:
    """The number of the schema."""
    schema: int = store.one("i", "PRAGMA user_version")
    return schema


def has_index(store: Store) -> bool:
    """Whether the texts are indexed; those of the oldest kind are not."""
    return schema_of(store) >= 2


def create(store: Store) -> None:
    """The tables of an empty recording. Raises sqlite3.Error."""
    with store.writing():
        store.write(f"PRAGMA application_id = {APPLICATION}")
        store.write(f"PRAGMA user_version = {SCHEMA}")
        for statement in (_TABLES + _INDEX + _EVIDENCE).split(";"):
            store.write(statement)


def _has_wal(path: str) -> bool:
    """Whether the file goes with a -wal beside it (sqlite.org/fileformat2, "Database Header")."""
    with suppress(OSError), open(path, "rb") as file:
        return file.read(20)[18:] == b"\2\2"
    return False


def check(store: Store) -> int:
    """The schema's number. Raises SourceError for what is no recording, or a newer one."""
    application = store.one("i", "PRAGMA application_id")
    schema = schema_of(store)
    if application == APPLICATION and 0 < schema <= SCHEMA:
        return schema
    empty = not store.one("i", "SELECT count(*) FROM sqlite_master")
    store.close()
    if empty and _has_wal(store.path):
        lacks = "has no tables: what was recorded is in the file beside it that ends in -wal"
        raise broken(store.path, lacks, "copy both, or end the recorder before copying")
    if application != APPLICATION or schema <= 0:
        raise broken(store.path, "is a SQLite file, but no recording of kmodtop")
    raise broken(store.path, f"was written by a newer kmodtop (schema {schema})")
