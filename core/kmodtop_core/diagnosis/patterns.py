"""Patterns: what a module's count looks like, in one word."""

from collections import Counter
from collections.abc import Sequence

from ..stats.values import Duplicate
from .case import Case
from .evidence.cpu_driven import is_cpu_driven

PER_CPU, PER_DEVICE, PART = "per-cpu", "per-device", "part"
RACE, AGAIN, SINGLE = "race", "again", "single"
"""As often as there are CPUs, or devices, but one; fewer times; two or three times, as two
loaders that meet do; more often than devices explain; once."""

FEW = 3
"""Duplicates of a module up to which two loaders that met explain them."""

LEAST_DEVICES = 4
"""Devices from which on a count says anything: a few requests meet by chance."""

LEAST_EQUAL = 3
"""Modules of one count that make a width."""


def width(rows: Sequence[Duplicate]) -> int | None:
    """The count that several modules with an alias for CPUs end at; None if there is none.

    Where each of N CPUs asks and one wins, such modules are refused N - 1 times at most.
    """
    counts = Counter(row.times for row in rows if is_cpu_driven(row.module))
    high = [times for times, number in counts.items() if number >= LEAST_EQUAL and times > FEW]
    return max(high, default=None)


def pattern_of(case: Case, row: Duplicate, wide: int | None) -> str:
    """The row's pattern; `wide`: what `width` says of the table."""
    expected = case.expected(row.module)
    if row.times == 1:
        return SINGLE
    if expected is not None and expected.devices >= LEAST_DEVICES:
        if row.times > expected.most:
            return AGAIN
        near = 2 * row.times >= expected.most
        return (PER_CPU if expected.is_cpu else PER_DEVICE) if near else PART
    if row.times <= FEW:
        return RACE
    if expected is not None or (case.cpus is not None and row.times > case.cpus):
        return AGAIN
    if wide is None or not is_cpu_driven(row.module):
        return AGAIN if wide is None or row.times > wide else PART
    return AGAIN if row.times > wide + 1 else PER_CPU if 2 * row.times >= wide else PART
