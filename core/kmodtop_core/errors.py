"""Errors as people meet them: what, why, what to do, and the exit status of each.

A Trouble is composed once, where it is found. Whoever shows it takes its parts;
nobody takes a sentence apart again.
"""

from enum import IntEnum
from errno import EROFS
from typing import NamedTuple

from .plain import harmless


class Exit(IntEnum):
    """Exit statuses; those of signals are 128 and their number."""

    DONE = 0
    FOUND = 1
    USAGE = 2
    UNREADABLE = 3
    NO_STATISTICS = 4
    FAULT = 70
    """Of kmodtop itself (sysexits(3), EX_SOFTWARE): nothing of what was looked at."""


class _Parts(NamedTuple):
    code: str
    what: str
    fix: str = ""
    subject: str = ""


class Trouble(_Parts):
    """Something that keeps a source, a file or a terminal from being used.

    `code` is stable, for programs. `subject` is what it is about, `what` is wrong with it and
    why, `fix` what to do. Whatever text of a host or a file went into them is harmless.
    """

    __slots__ = ()

    def __new__(cls, code: str, what: str, fix: str = "", subject: str = "") -> "Trouble":
        return super().__new__(cls, code, harmless(what), harmless(fix), harmless(subject))

    @property
    def told(self) -> str:
        """What is wrong and what to do, where the subject is known."""
        return f"{self.what}; {self.fix}" if self.fix else self.what

    @property
    def sentence(self) -> str:
        """All of it: subject, what, why, what to do."""
        return f"{self.subject}: {self.told}" if self.subject else self.told


def unwritable(path: str, error: OSError) -> "SourceError":
    """For a file that cannot be made or written there."""
    code = "read-only" if error.errno == EROFS else "unwritable"
    what = f"cannot be written ({error.strerror})"
    return SourceError(Trouble(code, what, "choose another file", path))


class SourceError(Exception):
    """Something that cannot be used, with the reason; `status` is the exit status."""

    def __init__(self, why: Trouble, status: int = Exit.UNREADABLE) -> None:
        super().__init__(why.sentence)
        self.why, self.status = why, status
