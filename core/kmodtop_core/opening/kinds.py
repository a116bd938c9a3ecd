"""Kinds of sources: which one a name means."""

import os
from enum import Enum, auto

from ..errors import SourceError, Trouble
from ..machine.facts import DEBUGFS, KERNEL_PSEUDO, STATS_PATH, Machine, filesystem, needs_polling

SIM, SSH, TRACE = "sim:", "ssh://", "trace:"
"""How the names of simulated boots, of other hosts, and of this machine's trace begin."""

_RECORDING = b"SQLite format 3\0"
"""How the file of a recording begins (sqlite.org/fileformat2, "Magic Header String")."""


class Kind(Enum):
    """Kinds of sources. FILE is also what is not there yet, a pipe, or no file at all."""

    STDIN = auto()
    SIMULATED = auto()
    REMOTE = auto()
    TRACED = auto()
    POLLED = auto()
    RECORDING = auto()
    SERIES = auto()
    BUNDLE = auto()
    FILE = auto()


_NAMED = {"-": Kind.STDIN, SIM: Kind.SIMULATED, SSH: Kind.REMOTE, TRACE: Kind.TRACED}

PLAYED = (Kind.RECORDING, Kind.SERIES, Kind.BUNDLE)
"""Whole boots, which can be played."""


def kind_of(name: str | None, machine: Machine) -> Kind:
    """What `name` means; None is the kernel's own file. Raises SourceError for what is no name."""
    if name and "\0" in name:
        why = Trouble("bad-name", "a name cannot hold a NUL byte", "check the name", name)
        raise SourceError(why)
    for begin, kind in _NAMED.items():
        if name and (name == begin or (begin in (SIM, SSH) and name.startswith(begin))):
            return kind
    path = name or STATS_PATH
    where = _filesystem(path, machine)
    if where in KERNEL_PSEUDO:
        return Kind.POLLED  # not even its beginning is read: that can panic the machine
    if os.path.isdir(path):
        return Kind.BUNDLE if _is_bundle(path) else Kind.FILE
    head = _head(path)
    if head.startswith(_RECORDING):
        return Kind.RECORDING
    if head.startswith(b"PK\3\4") and _is_bundle(path, head):
        return Kind.BUNDLE
    if is_series(head):
        return Kind.SERIES
    return Kind.POLLED if needs_polling(where) else Kind.FILE


def _is_bundle(path: str, head: bytes = b"") -> bool:
    from ..sources import bundle  # only here: few are any

    return bundle.is_file(head) if head else bundle.is_folder(path)


def _filesystem(path: str, machine: Machine) -> str | None:
    """That of the file, or of its nearest folder where it is not there yet."""
    place = os.path.abspath(path)
    if place.startswith(f"{DEBUGFS}/"):
        return "debugfs"  # mounted there or not yet
    while place != "/" and not os.path.exists(place):
        place = os.path.dirname(place)
    return filesystem(place, machine)


def is_played(name: str | None, machine: Machine) -> bool:
    """Whether it is a recording, a series or a bundle."""
    return kind_of(name, machine) in PLAYED


def is_series(data: bytes) -> bool:
    """Whether the bytes begin as a series does: with an object that has the key."""
    return data[:64].lstrip().startswith(b"{") and b'"series"' in data[:4096].split(b"\n", 1)[0]


def _head(path: str) -> bytes:
    try:
        if not os.path.isfile(path):
            return b""
        with open(path, "rb") as file:
            return file.read(4096)
    except OSError:
        return b""  # the reason is reported when it is read
