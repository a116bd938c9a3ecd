"""Place: where a recording lies, and that one recorder at a time has it.

The lock is a file beside it that nobody else can open, so that nobody else can
hold it; it is gone after a clean end.
"""

import errno
import fcntl
import os
import stat
from contextlib import suppress

from ..errors import Exit, SourceError, Trouble, unwritable
from ..machine.folders import recordings_folder


class Hold:
    """The lock of the recording at `path`. Raises SourceError naming who has it."""

    def __init__(self, path: str) -> None:
        if not path:
            fix = "write it as -o FILE, or leave it out"
            raise SourceError(Trouble("no-name", "the recording has no name", fix), Exit.USAGE)
        self._path, self._name = path, f"{path}.lock"
        with suppress(FileNotFoundError):
            kind = os.lstat(path).st_mode
            if not (stat.S_ISREG(kind) or stat.S_ISLNK(kind)):
                what = "is a directory" if stat.S_ISDIR(kind) else "is no regular file"
                fix = "name a file for the recording"
                raise SourceError(Trouble("bad-recording", what, fix, path))
        self._file = -1
        self._lock = self._take()

    def _take(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        while True:
            try:
                fd = os.open(self._name, flags, 0o600)
            except OSError as error:
                if error.errno != errno.ELOOP:
                    raise unwritable(self._path, error) from None
                raise self._no_lock("is a link") from None
            try:
                if self._is_mine(fd):
                    return fd
            except OSError as error:  # a full disk
                os.close(fd)
                with suppress(OSError):
                    os.unlink(self._name)
                raise unwritable(self._path, error) from None
            except BaseException:
                os.close(fd)
                raise
            os.close(fd)

    def _is_mine(self, fd: int) -> bool:
        """Whether it was locked; False when it has just been deleted by the one who had it."""
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid() or info.st_nlink > 1:
            raise self._no_lock("is no lock of this user's")
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = os.read(fd, 20).decode("ascii", "replace").strip()
            what = f"process {pid} records into it"
            fix = "choose another file"
            raise SourceError(Trouble("locked", what, fix, self._path)) from None
        if not _is_at(self._name, fd):
            return False
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        return True

    def _no_lock(self, what: str) -> SourceError:
        fix = "remove it, or choose another file for the recording"
        return SourceError(Trouble("locked", what, fix, self._name))

    def know(self) -> None:
        """Remembers which file stands at the path, to see when that is another."""
        # O_PATH: closing any other descriptor of it would drop SQLite's locks (fcntl(2)).
        self._file = os.open(self._path, os.O_PATH | os.O_CLOEXEC)

    def lost(self) -> str:
        """How the file was taken away: moved, deleted or emptied; empty while it is there."""
        if self._file < 0:
            return ""
        if _is_at(self._path, self._file):
            return "" if os.stat(self._path).st_size else "emptied"
        return "moved" if os.fstat(self._file).st_nlink else "deleted"

    def release(self) -> None:
        """Gives it free, and leaves nothing behind."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self._lock >= 0:
            with suppress(OSError):
                if _is_at(self._name, self._lock):
                    os.unlink(self._name)
            os.close(self._lock)
            self._lock = -1


def _is_at(path: str, fd: int) -> bool:
    """Whether the open file is the one at the path."""
    try:
        there, mine = os.stat(path), os.fstat(fd)
    except OSError:
        return False
    return (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino)


def default_path() -> str:
    """The recording that is written, and looked for, when none is named."""
    return os.path.join(recordings_folder(), "recording.db")
