"""The past of this boot: what a recorder has kept of it, taken over by a live view."""

import os
import sqlite3

from ..errors import SourceError
from ..machine.facts import Machine
from ..machine.folders import SYSTEM
from ..plain import harmless
from .place import default_path
from .reading import Boot, Recording
from .recorder import Recorder
from .upgrade import open_indexed

_ROOTS_RECORDING = f"{SYSTEM}/recording.db"
"""Where the systemd unit records."""

_MOST_BYTES = 64 << 20
"""Bytes of a recording that a live view takes into memory at most."""

_TABLES = (
    ("boot", "id = :boot"),
    ("gap", "boot = :boot"),
    ("sample", "boot = :boot"),
    ("run", "boot = :boot"),
    ("storm", "boot = :boot"),
    ("evidence", "boot = :boot"),
    ("event", "boot = :boot"),
    ("module", "run IN (SELECT id FROM run WHERE boot = :boot)"),
    ("warning", "run IN (SELECT id FROM run WHERE boot = :boot)"),
    (
        "growth",
        "module IN (SELECT m.id FROM module m JOIN run r ON r.id = m.run WHERE r.boot = :boot)",
    ),
)

_COLUMNS_OF = "SELECT name FROM pragma_table_info(?)"


def adopt_this_boot(session: Recorder, machine: Machine) -> str:
    """Takes over what was recorded of this boot in the usual places.

    Returns what to tell the reader, nothing when there is no such recording.
    """
    boot_id = machine.host.boot_id
    for path in dict.fromkeys((machine.path(_ROOTS_RECORDING), default_path())):
        if not boot_id or not os.path.isfile(path):
            continue
        try:
            told = _adopt(session, path, boot_id)
        except (SourceError, sqlite3.Error, OSError) as error:
            return f"{harmless(path)} cannot be used: {harmless(str(error))}"
        if told:
            return told
    return ""


def _adopt(session: Recorder, path: str, boot_id: str) -> str:
    recording = open_indexed(path)
    try:
        boot = next((b for b in recording.boots() if b.boot_id == boot_id), None)
        if boot is None:
            return ""
        if os.path.getsize(path) > _MOST_BYTES:
            return f"this boot is in {harmless(path)}, too large to be taken over; replay it"
        copy_boot(recording, boot, session.recording)
        changes, _ = recording.counts(boot)
        return f"{changes:,} texts of this boot taken over from {harmless(path)}"
    finally:
        recording.close()


def copy_boot(recording: Recording, boot: Boot, into: Recording) -> None:
    """A boot with all that is known of it, into a recording that has none yet."""
    with into.store.writing():
        for table, which in _TABLES:
            known = {column for (column,) in into.store.rows("t", _COLUMNS_OF, (table,))}
            there = [column for (column,) in recording.store.rows("t", _COLUMNS_OF, (table,))]
            if not there:
                continue  # of an older kmodtop
            names = ", ".join(column for column in there if column in known)
            marks = ", ".join("?" * (names.count(",") + 1))
            into.store.write_many(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - own names
                recording.store.db.execute(
                    f"SELECT {names} FROM {table} WHERE {which}",  # noqa: S608
                    {"boot": boot.id},
                ),
            )
