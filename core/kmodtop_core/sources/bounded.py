"""Reading without being fooled: bounded in bytes, never stuck on a pipe or a device."""

import os
import select
import stat
import time
from collections.abc import Callable

from ..errors import SourceError, Trouble
from ..machine.facts import Machine
from ..plain import harmless
from .base import MOST_BYTES, too_large

_CHUNK = 1 << 16
_SILENCE_S = 2.0
"""Seconds to wait for somebody to write into a named pipe."""


def open_file(path: str, machine: Machine) -> int:
    """A descriptor of a file or pipe that can be read. Raises SourceError."""
    try:
        # O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise _unreadable(path, error, machine) from None
    mode = os.fstat(fd).st_mode
    if not stat.S_ISREG(mode):
        from ..machine.access import why_unfit  # only here: a file has no use for it

        if unfit := why_unfit(path, mode):
            os.close(fd)
            raise SourceError(unfit)
    return fd


def _unreadable(path: str, error: OSError, machine: Machine) -> SourceError:
    from ..machine.access import why_unreadable  # only here: what can be read has no use for it

    return SourceError(why_unreadable(path, error, machine))


def is_pipe(fd: int) -> bool:
    """Whether the descriptor is a pipe or FIFO."""
    return stat.S_ISFIFO(os.fstat(fd).st_mode)


def pread_all(fd: int, shown: str, start: int = 0) -> bytes:
    """All bytes of an open file from `start` on, in one system call where they fit into 64 KiB.

    Raises OSError, and SourceError for more than MOST_BYTES.
    """
    data = os.pread(fd, _CHUNK, start)
    if len(data) < _CHUNK:
        return data
    refuse_too_large(fd, shown)
    parts, total = [data], len(data)
    while chunk := os.pread(fd, 1 << 20, start + total):
        parts.append(chunk)
        total += len(chunk)
        if total > MOST_BYTES:
            raise too_large(shown, "no end")
    return b"".join(parts)


def refuse_too_large(fd: int, shown: str) -> None:
    """Raises SourceError for a file of more than MOST_BYTES."""
    size = os.fstat(fd).st_size
    if size > MOST_BYTES:
        raise too_large(shown, f"{size:,} bytes")


def read_pipe(fd: int, shown: str, patience: float | None = None) -> bytes:
    """All that comes through a pipe until its end. Raises SourceError.

    `patience`: seconds to wait for the first byte, None for ever.
    """
    parts, total = [], 0
    give_up = None if patience is None else time.monotonic() + patience
    while True:
        chunk = _next_chunk(fd)
        if chunk:
            give_up = None
            parts.append(chunk)
            total += len(chunk)
            if total > MOST_BYTES:
                raise too_large(shown, "no end")
            continue
        if chunk == b"" and (parts or give_up is None):
            return b"".join(parts)
        if give_up is not None and time.monotonic() > give_up:
            raise SourceError(
                Trouble(
                    "silent-pipe",
                    "is a pipe that nobody writes to",
                    "start its writer first",
                    shown,
                )
            )
        select.select([fd] if chunk is None else [], [], [], 0.1)


def _next_chunk(fd: int) -> bytes | None:
    """What there is: b"" at the end or without a writer, None when nothing has come yet."""
    try:
        return os.read(fd, _CHUNK)
    except BlockingIOError:
        return None


def read_path(path: str, machine: Machine) -> bytes:
    """The whole file or pipe at `path`. Raises SourceError."""
    return _whole(path, machine, pread_all)


def read_to_end(path: str, machine: Machine) -> bytes:
    """The same of a file that is handed out page by page, as a trace is: until there is no more.

    Raises SourceError.
    """
    return _whole(path, machine, _pages)


def _pages(fd: int, shown: str) -> bytes:
    refuse_too_large(fd, shown)
    parts: list[bytes] = []
    total = 0
    while part := os.read(fd, 1 << 20):
        parts.append(part)
        total += len(part)
        if total > MOST_BYTES:
            raise too_large(shown, "no end")
    return b"".join(parts)


def _whole(path: str, machine: Machine, read: Callable[[int, str], bytes]) -> bytes:
    fd = open_file(path, machine)
    try:
        if is_pipe(fd):
            return read_pipe(fd, harmless(path), _SILENCE_S)
        return read(fd, harmless(path))
    except OSError as error:
        raise _unreadable(path, error, machine) from None
    finally:
        os.close(fd)
