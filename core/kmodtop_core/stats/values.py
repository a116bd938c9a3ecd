"""ModuleStats: the frozen value that everything shares.

Values on the way from bytes to a report are named tuples: the standard
library's dataclasses take five times as long to define, and their import alone
costs a report as much as starting Python.

The names are the kernel's own: those of the sibling files of `stats` in
/sys/kernel/debug/modules (kernel/module/stats.c, module_stats_init()).
Counts are u32 in the kernel, byte totals are unsigned long.
"""

from collections.abc import Iterator
from enum import IntFlag
from typing import NamedTuple

ULONG = 1 << 64
"""Modulus of the kernel's unsigned long on 64-bit machines."""

U32 = 1 << 32
"""Modulus of the kernel's counts, and of unsigned long on 32-bit machines."""

ROW_LIMIT = 111
"""Rows of the duplicate table that the kernel prints at most (MAX_FAILED_MOD_PRINT)."""


class FailReason(IntFlag):
    """Where duplicates of a module failed (enum fail_dup_mod_reason, a bit mask)."""

    BECOMING = 1
    LOAD = 2

    @property
    def label(self) -> str:
        """The kernel's word for the mask; an empty one is its own bug message."""
        return _REASON_LABELS[self & 3]

    @property
    def names(self) -> list[str]:
        """Sorted short names, as the JSON contract spells them."""
        return _REASON_NAMES[self & 3]


_REASON_LABELS = ("Bug-on-stats", "Becoming", "Load", "Becoming & Load")
_REASON_NAMES = (["bug-on-stats"], ["becoming"], ["load"], ["becoming", "load"])
REASONS = {label: FailReason(mask) for mask, label in enumerate(_REASON_LABELS)}


class Duplicate(NamedTuple):
    """One row of the table: a module that failed because its name was already there.

    `module` is the name as read; bytes that are no UTF-8 are kept as surrogates.
    `times` is how often it failed so, the kernel's How-many-times.
    """

    module: str
    times: int
    reason: FailReason


class Stage(NamedTuple):
    """A step of a load at which a request can fail, with the names of its two counters.

    `meaning`: what has failed there, for people.
    """

    name: str
    failures: str
    bytes: str
    meaning: str


STAGES = (
    Stage("kread", "failed_kreads", "invalid_kread_bytes", "reading the file failed"),
    Stage("decompress", "failed_decompress", "invalid_decompress_bytes", "unpacking it failed"),
    Stage(
        "becoming",
        "failed_becoming",
        "invalid_becoming_bytes",
        "refused before its place was allocated",
    ),
    Stage(
        "load", "failed_load_modules", "invalid_mod_bytes", "refused after its place was allocated"
    ),
)
"""In the order of the load path (kernel/module/main.c, load_module()).

A fifth would also need its label in format, a style in theme, a place in load_path, and a new
schema of recordings, whose columns are the counters.
"""


class Average(NamedTuple):
    """An average that the kernel prints when neither of its counters is 0."""

    key: str
    total: str
    divisor: str


AVERAGES = (
    Average("mod_size", "total_mod_size", "modcount"),
    Average("text_size", "total_text_size", "modcount"),
    Average("kread_fail", "invalid_kread_bytes", "failed_kreads"),
    Average("becoming_fail", "invalid_becoming_bytes", "failed_becoming"),
    Average("decompress_fail", "invalid_decompress_bytes", "failed_decompress"),
    Average("load_fail", "invalid_mod_bytes", "failed_load_modules"),
)
"""In the order of the text (kernel/module/stats.c, read_file_mod_stats())."""


class ModuleStats(NamedTuple):
    """The kernel's module loading statistics at one moment.

    Counts are failures or loads since boot, `total_*` and `invalid_*` are bytes.
    `duplicates` is in file order: newest first by first failure.
    """

    modcount: int = 0
    failed_kreads: int = 0
    failed_decompress: int = 0
    failed_becoming: int = 0
    failed_load_modules: int = 0
    total_mod_size: int = 0
    total_text_size: int = 0
    invalid_kread_bytes: int = 0
    invalid_decompress_bytes: int = 0
    invalid_becoming_bytes: int = 0
    invalid_mod_bytes: int = 0
    duplicates: tuple[Duplicate, ...] = ()

    def counter(self, name: str) -> int:
        """The counter of that name, one of COUNTERS."""
        value: int = getattr(self, name)
        return value

    def counters(self) -> Iterator[tuple[str, int]]:
        """All eleven, in the order in which the kernel prints them."""
        return ((name, self.counter(name)) for name in COUNTERS)

    @property
    def virtual_mem_wasted_bytes(self) -> int:
        """Bytes of address space allocated and freed again, wrapped as the kernel's sum is."""
        return sum(self.counter(stage.bytes) for stage in STAGES) % ULONG

    @property
    def failures(self) -> int:
        """Loads that failed after the read: becoming plus load. Only these can be duplicates."""
        return self.failed_becoming + self.failed_load_modules

    @property
    def failed_requests(self) -> int:
        """Failures of all four stages."""
        return sum(self.counter(stage.failures) for stage in STAGES)

    @property
    def duplicate_failures(self) -> int:
        """Sum of the table's counts."""
        return sum([row[1] for row in self.duplicates])

    def average(self, average: Average, modulus: int = ULONG) -> int | None:
        """Bytes, rounded up and wrapped as by the kernel's DIV_ROUND_UP(); None if not printed."""
        total, divisor = self.counter(average.total), self.counter(average.divisor)
        if not total or not divisor:
            return None
        return (total + divisor - 1) % modulus // divisor


COUNTERS = ModuleStats._fields[:-1]
"""Names of the eleven counters, in the order of the text."""

BYTE_COUNTERS = tuple(name for name in COUNTERS if name.endswith(("_bytes", "_size")))
"""Those of bytes, which are unsigned long in the kernel; the others are u32."""
