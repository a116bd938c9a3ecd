"""A recording that was taken away while it was written: what it had goes into a new file."""

import os
import sqlite3
from contextlib import suppress

from .file import open_in_memory, open_to_write
from .store import Store

_MOST_RESCUED = 256 << 20
"""Bytes of a recording that was deleted while it was written, which are rewritten."""


def rescued(store: Store) -> Store | None:
    """A copy in memory of what is in the store, if that is not too much for it."""
    if store.size() > _MOST_RESCUED:
        return None
    copy = open_in_memory()
    with suppress(sqlite3.Error):
        store.db.backup(copy.db)
        return copy
    return None


def clear_away(path: str, how: str) -> None:
    """Removes what a recording that was moved, deleted or emptied has left at its place.

    SQLite leaves the -wal of such a file where it is; it must not be taken for that of another.
    """
    beside = [f"{path}-wal", f"{path}-shm"]
    if how == "emptied":  # what is left of it cannot be put together again
        beside.append(path)
    for name in beside:
        with suppress(OSError):
            os.unlink(name)


def restore(rescued: Store, path: str, mode: int) -> None:
    """Writes what was rescued into a new file. Raises SourceError."""
    store = open_to_write(path, mode)
    try:
        if not store.one("i", "SELECT count(*) FROM sqlite_master"):
            rescued.db.backup(store.db)
            store.write("PRAGMA journal_mode = WAL")
    finally:
        store.close()
