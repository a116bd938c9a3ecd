"""A boot held against limits: a case each, with a name that never varies.

What is not known passes nothing: such a case is skipped, with the reason.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from .. import units
from ..errors import Exit, Trouble
from ..recording.reading import Boot, Kept, Recording
from ..sample import Sample
from ..stats.block import ABSURD_BYTES, Block, NoStatistics
from ..stats.parse import parse
from ..stats.values import STAGES, ModuleStats
from .report import wasted

WINDOW_S = 60.0
"""Seconds at the end of a recording over which a rate is taken."""


class Status(StrEnum):
    """How a case came out; the words of the JSON contract kmodtop.check/1."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


class Limits(NamedTuple):
    """The most that there may be; None is no limit. `wasted` in bytes, `rate` in bytes a second.

    `failures`: loads that failed at any stage; `duplicates`: those of the table.
    """

    wasted: int | None = None
    failures: int | None = None
    duplicates: int | None = None
    rate: int | None = None


class Case(NamedTuple):
    """A limit, and what was found: both in `unit`, None where not known. `sentence` says it."""

    name: str
    status: Status
    sentence: str
    unit: str = ""
    limit: int | None = None
    found: float | None = None


class Growth(NamedTuple):
    """What came more within so many seconds."""

    seconds: float
    failures: int
    wasted: int


NAMES = ("max-wasted", "max-failures", "max-duplicates", "max-rate")
"""Of the cases, in the order of Limits."""

GROWTH = "growth"
"""The case where there are no limits: nothing may fail while it is looked at."""

_UNSUPPORTED = ("no-kernel-support", "debugfs-off", "debugfs-not-mounted")
"""Troubles that are no fault of what is tested."""


def judged(recording: Recording, boot: Boot, limits: Limits, how: str = "iec") -> list[Case]:
    """The cases of the limits that are set, or the one of growth; `how`: of bytes.

    Raises NoStatistics where the boot has no text that holds any.
    """
    last = recording.last_sample(boot, float("inf"), accepted=True)
    if last is None:
        raise NoStatistics("holds no module statistics", "take another source")
    block = _block(last)
    growth = _growth(recording, boot, last)
    if not any(limit is not None for limit in limits):
        return [_still(growth, how)]
    return list(_cases(block, growth, limits, how))


def unjudged(why: Trouble, limits: Limits) -> list[Case]:
    """The same of a source that cannot be read: what is no fault of it is skipped."""
    status = Status.SKIPPED if why.code in _UNSUPPORTED else Status.ERROR
    set_ = [name for name, limit in zip(NAMES, limits, strict=True) if limit is not None]
    return [Case(name, status, why.sentence) for name in set_ or [GROWTH]]


def exit_status(cases: Sequence[Case]) -> Exit:
    """That of the worst."""
    found = {case.status for case in cases}
    if Status.FAILED in found:
        return Exit.FOUND
    return Exit.UNREADABLE if found - {Status.PASSED} else Exit.DONE


def _block(kept: Kept) -> Block:
    assert isinstance(kept.item, Sample)  # last_sample gives no other
    return parse(kept.item.text)[-1]


def _cases(block: Block, growth: Growth | None, limits: Limits, how: str) -> Iterator[Case]:
    if limits.wasted is not None:
        yield _level(NAMES[0], wasted(block), limits.wasted, how)
    if limits.failures is not None:
        yield _failures(block, limits.failures)
    if limits.duplicates is not None:
        yield _duplicates(block, limits.duplicates)
    if limits.rate is not None:
        yield _rate(growth, limits.rate, how)


def _level(name: str, found: int | None, limit: int, how: str) -> Case:
    if found is None or found >= ABSURD_BYTES:
        what = "the text does not say how much was wasted"
        return Case(name, Status.SKIPPED, what, "bytes", limit)
    if found != limit and units.size(found, how) == units.size(limit, how):
        how = "raw"  # rounded, they would be the same
    told = f"{units.size(found, how)} wasted"
    return _held(Case(name, Status.PASSED, told, "bytes", limit, found), units.size(limit, how))


def _failures(block: Block, limit: int) -> Case:
    found = block.stats.failed_requests
    told = f"{units.counted(found, 'load')} failed"
    if block.counted is not None:
        told += " at the stages that a trace tells"
    case = _held(Case(NAMES[1], Status.PASSED, told, "loads", limit, found), units.count(limit))
    lacks = [stage.failures for stage in STAGES if stage.failures in block.lacks]
    if lacks and case.status is Status.PASSED:
        what = f"the text lacks {', '.join(lacks)}: at least {told}"
        return case._replace(status=Status.SKIPPED, sentence=what, found=None)
    return case


def _duplicates(block: Block, limit: int) -> Case:
    """Of a cut table the rest is not known, but never more than what failed in all."""
    found = block.stats.duplicate_failures
    told = units.counted(found, "duplicate")
    case = Case(NAMES[2], Status.PASSED, told, "duplicates", limit, found)
    if found > limit or not (block.truncated or block.table_missing):
        return _held(case, units.count(limit))
    most = None if set(block.lacks) else block.stats.failures
    if most is not None and most <= limit:
        told = f"{units.counted(most, 'duplicate')} at most"
        return _held(case._replace(sentence=told, found=most), units.count(limit))
    what = "the table was cut" if block.truncated else "the table is missing"
    most_told = "" if most is None else f", {units.count(most)} at most"
    told = f"{what}: {told} at least{most_told}"
    return case._replace(status=Status.SKIPPED, sentence=told, found=None)


def _rate(growth: Growth | None, limit: int, how: str) -> Case:
    name, unit = NAMES[3], "bytes/s"
    if growth is None:
        return Case(name, Status.SKIPPED, _ONE_TEXT, unit, limit)
    found = growth.wasted / growth.seconds
    told = f"{units.rate(found, how)} wasted over {units.span(growth.seconds)}"
    return _held(Case(name, Status.PASSED, told, unit, limit, found), units.rate(limit, how))


_ONE_TEXT = "one text does not tell whether anything grows"


def _held(case: Case, limit: str) -> Case:
    """Against its limit."""
    is_over = case.found is not None and case.limit is not None and case.found > case.limit
    told = f"{case.sentence}, more than {limit}" if is_over else f"{case.sentence} (limit {limit})"
    return case._replace(status=Status.FAILED if is_over else Status.PASSED, sentence=told)


def _still(growth: Growth | None, how: str) -> Case:
    if growth is None:
        return Case(GROWTH, Status.SKIPPED, _ONE_TEXT, "loads", 0)
    span = units.span(growth.seconds)
    case = Case(GROWTH, Status.PASSED, f"nothing failed within {span}", "loads", 0, 0)
    if not growth.failures and growth.wasted <= 0:
        return case
    told = (
        f"{units.counted(growth.failures, 'load')} failed within {span},"
        f" {units.size(growth.wasted, how)} wasted"
    )
    return case._replace(status=Status.FAILED, sentence=told, found=growth.failures)


def _growth(recording: Recording, boot: Boot, last: Kept) -> Growth | None:
    """Within the last minute; None where one text was looked at once. What a reset took away is no
    growth."""
    begin = last.until - WINDOW_S
    before = recording.last_sample(boot, begin, accepted=True) or recording.first_sample(boot)
    assert before is not None  # `last` is one
    since = max(begin, before.item.at.uptime)
    if last.until - since <= 0:
        return None
    failures, lost, run = 0, 0, before.run
    stats = _block(before).stats
    for kept in recording.kept(boot, before.item.at.uptime, last.until):
        new = _stats(kept)
        if new is None:
            continue
        if kept.run == run:
            failures += max(0, new.failed_requests - stats.failed_requests)
            lost += max(0, _wasted(new) - _wasted(stats))
        stats, run = new, kept.run
    return Growth(last.until - since, failures, lost)


def _wasted(stats: ModuleStats) -> int:
    found = [stats.counter(stage.bytes) for stage in STAGES]
    return sum(value for value in found if value < ABSURD_BYTES)


def _stats(kept: Kept) -> ModuleStats | None:
    """None of a gap, or of a text that was not accepted."""
    if kept.run is None or not isinstance(kept.item, Sample):
        return None
    return parse(kept.item.text)[-1].stats
