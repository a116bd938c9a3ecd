"""Older recordings are brought up to date as they are opened.

Those that are only read stay as they are where they can: what they lack is made in memory.
"""

import sqlite3

from ..sample import Sample
from ..stats.values import COUNTERS
from ..tracking.tracker import Tracker
from .damage import broken
from .file import open_in_memory, open_to_write
from .index import Index
from .reading import Recording
from .schema import INDEX_TABLES, SCHEMA, check, create, has_index, upgrade
from .store import IN_MEMORY, Store


def open_indexed(path: str) -> Recording:
    """A recording to be played; one without an index gets one in memory. Raises SourceError."""
    recording = Recording(path)
    try:
        if not has_index(recording.store):
            with recording.store.writing():
                make_index(recording)
    except sqlite3.Error as error:
        raise recording.store.damaged(f"cannot be indexed: {error}") from None
    return recording


def make_index(recording: Recording) -> None:
    """From the texts, within a transaction that somebody has begun; what an earlier attempt has
    left of it is thrown away. Raises sqlite3.Error, SourceError."""
    store = recording.store
    for table in INDEX_TABLES:
        store.write(f"DELETE FROM {table}")  # noqa: S608 - own names
    names = ", ".join(f"{name} = ?" for name in COUNTERS)
    for boot in recording.boots():
        follower, tracker = Index(store, boot.id), Tracker()
        for kept in list(recording.kept(boot)):
            for item in kept.looks():
                frame = tracker.observe(item)
                if item is kept.item and isinstance(item, Sample):
                    run, counters = follower.follow(kept.id, item, frame)
                    store.write(
                        f"UPDATE sample SET run = ?, {names} WHERE id = ?",  # noqa: S608
                        (run, *counters, kept.id),
                    )
    store.write(f"PRAGMA user_version = {SCHEMA}")


def open_to_record(path: str, mode: int) -> Store:
    """A recording to be written; an older one is brought up to date. Raises SourceError."""
    if path == IN_MEMORY:
        store = open_in_memory()
        create(store)
        return store
    store = open_to_write(path, mode)
    try:
        if not store.one("i", "SELECT count(*) FROM sqlite_master"):
            store.write("PRAGMA page_size = 2048")  # a short recording is mostly begun pages
            store.write("PRAGMA journal_mode = WAL")
            create(store)
        elif (schema := check(store)) < SCHEMA:
            with store.writing():
                upgrade(store)
                recording = Recording(path, store)
                if schema < 2:
                    make_index(recording)
                store.write(f"PRAGMA user_version = {SCHEMA}")
        store.write("PRAGMA journal_mode = WAL")  # somebody may have copied it without
        store.write("PRAGMA synchronous = NORMAL")
        store.write("PRAGMA wal_autocheckpoint = 500")
        store.sync()  # with its tables, whoever copies the main file alone has a recording
    except sqlite3.Error as error:
        store.close()
        raise broken(path, f"cannot be used as a recording ({error})") from None
    return store
