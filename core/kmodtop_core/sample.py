"""What a source yields: a Sample, a Gap that says why there is none, or Events between them.

Time enters here and nowhere else: the source stamps what it yields.
"""

from typing import NamedTuple

from .errors import Trouble


class Instant(NamedTuple):
    """A moment. `uptime`: seconds since boot (CLOCK_BOOTTIME) or since a series began, never
    set back within a boot; `wall`: Unix seconds, None where nobody knows."""

    uptime: float
    wall: float | None = None


class Host(NamedTuple):
    """Where a text comes from; None is unknown."""

    name: str | None = None
    kernel: str | None = None
    cpus: int | None = None
    boot_id: str | None = None


NOWHERE = Host()


class Sample(NamedTuple):
    """A stats text as read, with its time.

    `fresh` is False for a look at a file that nobody has written to since.
    `settled` is False while somebody may be half-way through writing the text.
    `read_s`: seconds that the read took, None where nobody measured. The kernel holds its
    module mutex for that long (kernel/module/stats.c, read_file_mod_stats).
    """

    at: Instant
    text: bytes
    host: Host = NOWHERE
    fresh: bool = True
    settled: bool = True
    read_s: float | None = None


class Gap(NamedTuple):
    """No text at that moment, and the reason."""

    at: Instant
    why: Trouble


Item = Sample | Gap


class Events(NamedTuple):
    """What was heard between two texts: lines more of a piece of evidence, as they were taken.

    `at`: when they were taken; each line has its own time.
    """

    at: Instant
    piece: str
    data: bytes


Told = Item | Events
"""What a source may yield."""
