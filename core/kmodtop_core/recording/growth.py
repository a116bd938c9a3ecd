"""Growth: of each text at which a failure had come, the counters and the rows that changed.

From the index, without a text being unpacked.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..stats.format import UNSEEN
from ..stats.values import COUNTERS, ULONG, Duplicate, FailReason, ModuleStats
from .reading import Boot, Storm
from .schema import unsigned
from .store import Store

_NAMES = ", ".join(COUNTERS)

_NEEDED = frozenset(COUNTERS) - frozenset(UNSEEN)
"""Counters without which a text cannot be used; the others are not seen where kmodtop counts."""

_TEXTS = (
    f"SELECT id, uptime, {_NAMES} FROM (SELECT id, uptime, {_NAMES},"  # noqa: S608 - own words
    " lag(failed_becoming) OVER w AS early, lag(failed_load_modules) OVER w AS late FROM sample"
    " WHERE +boot = :boot AND run = :run AND +uptime <= :upto AND id BETWEEN :after AND :last"
    " WINDOW w AS (ORDER BY id)) WHERE id > :after"
    " AND (early IS NULL OR failed_becoming != early OR failed_load_modules != late OR id IN"
    " (SELECT g.sample FROM module m JOIN growth g ON g.module = m.id"
    " AND g.sample > :after AND g.sample <= :last WHERE m.run = :run))"
)

_ROWS = (
    "SELECT g.sample, m.name, g.count, g.reason FROM growth g JOIN module m ON m.id = g.module"
    " WHERE m.run = ? AND g.sample > ? AND g.sample <= ? AND m.occurrence = 0"
    " ORDER BY g.sample, m.id"
)


_LAST = (1 << 63) - 1


class Step(NamedTuple):
    """A text: its row, its moment (seconds since boot), the counters, the rows that changed.

    `run`: the one that it is of, where that is told.
    """

    id: int
    uptime: float
    stats: ModuleStats
    changed: tuple[Duplicate, ...]
    run: int | None = None


def last_text(store: Store, boot: int, upto: float) -> tuple[int, int] | None:
    """(row, run) of the last text up to that moment. Raises SourceError."""
    sql = (
        "SELECT id, run FROM sample WHERE boot = ? AND uptime <= ? AND run IS NOT NULL"
        " ORDER BY uptime DESC, id DESC LIMIT 1"
    )
    found = store.row("ii", sql, (boot, upto))
    return found and (found[0], found[1])


def steps(
    store: Store, boot: Boot, run: int, upto: float, after: int = 0, last: int = _LAST
) -> Iterator[Step]:
    """The texts of the run after the row `after`, up to that moment, and to the row `last`.

    Raises SourceError.
    """
    rows = store.rows("ibIi", _ROWS, (run, after, last))
    waiting = next(rows, None)
    kinds = "iu" + "I" * len(COUNTERS)
    names = {"boot": boot.id, "run": run, "upto": upto, "after": after, "last": last}
    for row, uptime, *values in list(store.rows(kinds, _TEXTS, names)):
        changed = []
        while waiting is not None and waiting[0] <= row:
            changed.append(_duplicate(*waiting[1:]))
            waiting = next(rows, None)
        if (stats := _stats(values)) is not None:
            yield Step(row, uptime, stats, tuple(changed))


def stats_before(store: Store, boot: Boot, storm: Storm) -> ModuleStats:
    """The counters before a storm; nothing where it began with its run. Raises SourceError."""
    sql = (
        f"SELECT {_NAMES} FROM sample WHERE +boot = ? AND id < ?"  # noqa: S608 - own words
        " AND run = (SELECT run FROM sample WHERE id = ?) ORDER BY id DESC LIMIT 1"
    )
    values = store.row("I" * len(COUNTERS), sql, (boot.id, storm.id, storm.id))
    return (_stats(values) if values is not None else None) or ModuleStats()


def _stats(values: Sequence[int | None]) -> ModuleStats | None:
    """Of the columns; None where counters of failures that can be duplicates are not known."""
    if any(value is None for value, name in zip(values, COUNTERS, strict=True) if name in _NEEDED):
        return None
    return ModuleStats._make([*(unsigned(value or 0) for value in values), ()])


class Span(NamedTuple):
    """When a module failed within a storm: seconds since boot of the first and the last time."""

    module: str
    first: float
    last: float
    times: int


_SPANS = (
    "WITH edge AS (SELECT :first AS low, (SELECT id FROM sample WHERE boot = :boot"
    " AND uptime <= :ended ORDER BY uptime DESC, id DESC LIMIT 1) AS high)"
    " SELECT name, (SELECT uptime FROM sample WHERE id = early),"
    " (SELECT uptime FROM sample WHERE id = late),"
    " (SELECT count FROM growth WHERE module = found.id AND sample = late),"
    " coalesce((SELECT count FROM growth WHERE module = found.id AND sample < :first"
    " ORDER BY sample DESC LIMIT 1), base, 0)"
    " FROM (SELECT m.id, m.name, m.base,"
    " (SELECT min(sample) FROM growth WHERE module = m.id AND sample BETWEEN low AND high"
    " AND (m.base IS NULL OR sample > m.first)) AS early,"
    " (SELECT max(sample) FROM growth WHERE module = m.id"
    " AND sample BETWEEN low AND high) AS late"
    " FROM module m, edge WHERE m.run = (SELECT run FROM sample WHERE id = :first)"
    ") found WHERE early IS NOT NULL ORDER BY early, id"
)
"""By seeks in the index, module by module: a storm can have a million texts. A row that came into
view has not failed when it did."""


def spans(store: Store, storm: Storm) -> list[Span]:
    """The modules that failed in a storm, by their first failure in it. Raises SourceError."""
    boot = store.row("I", "SELECT boot FROM sample WHERE id = ?", (storm.id,))
    values = {"first": storm.id, "ended": storm.ended, "boot": boot[0] if boot else None}
    found = []
    for name, first, last, after, before in store.rows("buuII", _SPANS, values):
        times = unsigned(after or 0) - unsigned(before or 0)
        if times > 0:
            found.append(Span(name.decode("utf-8", "surrogateescape"), first, last, times))
    return found


def most_failed(store: Store, storm: Storm) -> list[tuple[str, int]]:
    """(module, failures as a duplicate) within the storm, most first. Raises SourceError."""
    found = [(span.module, span.times) for span in spans(store, storm)]
    return sorted(found, key=lambda entry: (-entry[1], entry[0]))


def _duplicate(name: bytes, count: int | None, reason: int) -> Duplicate:
    times = ULONG - 1 if count is None else unsigned(count)
    return Duplicate(name.decode("utf-8", "surrogateescape"), times, FailReason(reason & 3))
