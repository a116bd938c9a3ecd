"""Where a verb's text goes: stdout, or the file that was asked for."""

import os
import stat
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress

from kmodtop_core.errors import Exit, SourceError, Trouble, unwritable
from kmodtop_core.plain import to_ascii

from ..options import Writing


def deliver(text: str, how: Writing) -> None:
    """To stdout, or into the file that was asked for. Raises SourceError."""
    deliver_all([text], how)


def deliver_all(parts: Iterable[str], how: Writing) -> None:
    """The same of a text that comes bit by bit, and may be longer than there is memory."""
    shown = map(to_ascii, parts) if how.ascii else iter(parts)
    if how.output is None:
        encoding = sys.stdout.encoding or "ascii"
        for text in shown:
            sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
        return
    refuse_own_input(how.output, how.given)
    _replace(how.output, (text.encode(errors="backslashreplace") for text in shown))


def _replace(path: str, parts: Iterable[bytes]) -> None:
    """A file that is there stays until all of the new one is written; a device or a pipe is
    written to as it is. Raises SourceError."""
    try:
        info = os.stat(path) if os.path.exists(path) else None
        if info is not None and not stat.S_ISREG(info.st_mode):
            with open(path, "wb") as file:
                file.writelines(parts)
            return
    except OSError as error:
        raise unwritable(path, error) from None
    mode = None if info is None else stat.S_IMODE(info.st_mode)
    put_in_place(os.path.realpath(path), parts, mode)


def put_in_place(path: str, parts: Iterable[bytes], mode: int | None = None) -> None:
    """Whole at any moment: a new file of the same folder, with that mode whatever the umask, is
    renamed over it (rename(2)).

    Raises SourceError; then what was there stays, and nothing is left beside it.
    """
    new = f"{path}.{os.getpid()}"
    try:
        with suppress(FileNotFoundError):
            os.unlink(new)  # of a process that had the same number and was killed
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            with open(fd, "wb") as file:
                if mode is not None:
                    os.fchmod(fd, mode)
                file.writelines(parts)
            os.replace(new, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(new)
            raise
    except OSError as error:
        raise unwritable(path, error) from None


def deliver_bytes(parts: Iterable[bytes], how: Writing) -> None:
    """The same of what a kernel would print, to the byte."""
    if how.output is None:
        for data in parts:
            sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    refuse_own_input(how.output, how.given)
    _replace(how.output, parts)


def refuse_own_input(output: str, given: Sequence[str]) -> None:
    """Writing over what was read would destroy it. Raises SourceError."""
    for name in given:
        both = os.path.exists(name) and os.path.exists(output)
        if both and os.path.samefile(name, output):
            fix = "choose another file to write"
            why = Trouble("own-input", "is what was read", fix, output)
            raise SourceError(why, Exit.USAGE)
