"""The file of a recording: opened to be read or to be written, trusted in nothing.

A recording that is only read is never written to, nor is anything beside it.
"""

import os
import sqlite3
import stat
from contextlib import suppress

from ..errors import SourceError, unwritable
from .damage import broken, reason_of
from .store import IN_MEMORY, Store


def open_to_read(path: str) -> Store:
    """Leaves the file and its folder as they are. Raises SourceError."""
    _refuse_what_is_no_file(path)
    try:
        return _hardened(_connect_to_read(path), path)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _unusable(path, error) from None


_MOST_COPIED = 256 << 20
"""Bytes of a recording that are copied into memory rather than that anything is left beside it.
"""


class _Connection(sqlite3.Connection):
    """One that closes itself: what lives in memory goes with the last who holds it, what cannot be
    used was held by nobody. From 3.13 on Python warns of those that are left to it."""

    def __del__(self) -> None:
        with suppress(sqlite3.Error):
            self.close()


def _connect_to_read(path: str) -> sqlite3.Connection:
    wal = path + "-wal"
    if not os.path.exists(wal):
        # Without a -wal nobody is writing; SQLite would want to make one beside the file.
        return _connect(path, "mode=ro&immutable=1")
    if not os.path.exists(path + "-shm") and os.path.getsize(path) < _MOST_COPIED:
        # A recorder was killed. SQLite would leave a -shm of the reader's beside it, which that
        # recorder's user may not be able to use.
        return _copied(path, wal)
    try:
        db = _connect(path, "mode=ro")
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return db
    except sqlite3.OperationalError:
        return _copied(path, wal)


def _copied(path: str, wal: str) -> sqlite3.Connection:
    """A copy in memory: what is in the -wal can be read only where one may write beside it."""
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory(prefix="kmodtop-") as folder:
        copy = os.path.join(folder, "copy.db")
        shutil.copyfile(wal, copy + "-wal")
        shutil.copyfile(path, copy)
        db = _connect(copy, "mode=rw")
        memory = _in_memory()
        db.backup(memory)
        db.close()
    return memory


def open_to_write(path: str, mode: int = 0o600) -> Store:
    """Makes the file, with that mode, if it is not there. Raises SourceError.

    No link is followed: in a folder of somebody else it could lead anywhere.
    """
    _refuse_what_is_no_file(path)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with suppress(FileExistsError):
        try:
            fd = os.open(path, flags, mode)
        except FileExistsError:
            raise
        except OSError as error:
            raise unwritable(path, error) from None
        try:
            with suppress(OSError):  # a file system without modes
                os.fchmod(fd, mode)
            os.fsync(fd)
        except OSError as error:
            raise unwritable(path, error) from None
        finally:
            os.close(fd)
        sync_folder(path)
    try:
        return _hardened(_connect(path, "mode=rw"), path)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _unusable(path, error) from None


def open_in_memory() -> Store:
    """Lives as long as the process."""
    return Store(_in_memory(), IN_MEMORY)


def _in_memory() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", check_same_thread=False, factory=_Connection)


def _refuse_what_is_no_file(path: str) -> None:
    try:
        info = os.lstat(path)
        if stat.S_ISLNK(info.st_mode):
            if info.st_uid not in (os.geteuid(), 0):
                raise broken(path, "is a link of somebody else's", "name the file itself")
            info = os.stat(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise broken(path, f"cannot be used as a recording ({error.strerror})") from None
    if not stat.S_ISREG(info.st_mode):
        what = "is a directory" if stat.S_ISDIR(info.st_mode) else "is no regular file"
        raise broken(path, what, "name a file in it" if "direct" in what else "take another file")


def _connect(path: str, how: str) -> sqlite3.Connection:
    """Raises sqlite3.Error."""
    place = os.path.abspath(path)
    place = "/" + place.lstrip("/")  # two slashes would name a host
    place = place.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    name = f"file://{place}?{how}"
    return sqlite3.connect(name, uri=True, check_same_thread=False, timeout=5, factory=_Connection)


def _hardened(db: sqlite3.Connection, path: str) -> Store:
    """Raises sqlite3.Error, and SourceError for a file that could do more than hold rows."""
    db.execute("SELECT count(*) FROM sqlite_master").fetchone()  # whether it is a database at all
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    db.execute("PRAGMA mmap_size = 0")
    store = Store(db, path)
    kinds = set(store.rows("tT", "SELECT type, sql FROM sqlite_master"))
    odd = {kind for kind, sql in kinds if kind not in ("table", "index")} or {
        "virtual table" for _, sql in kinds if sql and sql.lstrip().upper().startswith("CREATE VIR")
    }
    if odd:
        raise store.damaged(f"it has a {min(odd)}, which no recording has")
    names = [name for (name,) in store.rows("t", "SELECT name FROM sqlite_master"
                                                 " WHERE type = 'table'")]  # fmt: skip
    for name in names:
        hidden = store.one("i", "SELECT count(*) FROM pragma_table_xinfo(?) WHERE hidden", (name,))
        if hidden:
            raise store.damaged("it has columns that are computed, which no recording has")
    return store


def _unusable(path: str, error: Exception) -> SourceError:
    return broken(path, f"cannot be used as a recording ({reason_of(error)})")


def sync_folder(path: str) -> None:
    """A new name is on the disk only when its folder is (fsync(2))."""
    with suppress(OSError):
        fd = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
