"""Row: a module of the duplicate table with what became of it, and Modules, which follows them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

from ..stats.values import Duplicate, FailReason, ModuleStats
from .history import GrowingPast

HOT_S = 10.0
"""Seconds after which growth is no longer hot."""

NOW_S = 2.0
"""Seconds for which a row that grew counts as growing now."""

NEW_S = 60.0
"""Seconds for which a module that appeared counts as new."""

MIN_RATE_S = 0.899
"""Seconds that must have passed for a rate: growth over less is known, but says little a second.
A thousandth less than RECENT_S, over which it is taken, as sums of times are off a little."""

MAX_TRACKED = 4096
"""Modules that are kept at most; the kernel shows 111, the rest have fallen off its list."""


@dataclass(frozen=True, slots=True)
class Row:
    """A module of the duplicate table.

    `delta`: failures since the sample before. `recent`: since the anchor, about a second ago;
    `rate`: the same a second, None when no time passed. `since_start`: since the first sample
    of this boot. `first_seen` and `last_grew` are seconds on the tracker's time line, None
    when that was before it began. `fallen` rows are no longer printed by the kernel: their
    count is the last one seen.
    """

    module: str
    count: int
    reason: FailReason
    delta: int = 0
    recent: int = 0
    rate: float | None = None
    since_start: int = 0
    first_seen: float | None = None
    last_grew: float | None = None
    fallen: bool = False

    def heat(self, now: float) -> int:
        """2 while it grows, 1 for some seconds after, then 0. `now`: seconds on the time line."""
        if self.last_grew is None:
            return 0
        age = now - self.last_grew
        return 2 if age < NOW_S else 1 if age < HOT_S else 0

    def is_new(self, now: float) -> bool:
        """Whether the module appeared in the table a moment ago."""
        return self.first_seen is not None and now - self.first_seen < NEW_S

    @property
    def is_quiet(self) -> bool:
        """Whether it is in the table and has not grown recently."""
        return not (self.recent or self.delta or self.fallen)

    def quiet(self) -> "Row":
        """The row when nothing has grown for a while."""
        return replace(self, delta=0, recent=0, rate=0.0) if self.recent or self.delta else self


Key = tuple[str, int]
"""(name, occurrence): a hostile text may show one name twice."""


def keyed(table: Sequence[Duplicate]) -> Iterable[tuple[Key, Duplicate]]:
    """The rows with their keys."""
    names = [row[0] for row in table]
    if len(set(names)) == len(names):
        return zip(zip(names, repeat(0)), table, strict=False)
    return _told_apart(table)


def _told_apart(table: Sequence[Duplicate]) -> Iterator[tuple[Key, Duplicate]]:
    seen: dict[str, int] = {}
    for row in table:
        seen[row.module] = seen.get(row.module, -1) + 1
        yield (row.module, seen[row.module]), row


class Anchor:
    """An earlier text, to which the present one is compared for what is recent.

    It is known to have stood from `since` to `until`; `now` is the moment within that to
    which the present is compared. All are seconds on the time line.
    """

    def __init__(self, since: float, stats: ModuleStats) -> None:
        self.since = self.until = self.now = since
        self.stats = stats
        self._counts: dict[Key, int] | None = None

    def count(self, key: Key) -> int | None:
        """How often the module had failed by then; None when its row was not there."""
        if self._counts is None:
            self._counts = {key: row.times for key, row in keyed(self.stats.duplicates)}
        return self._counts.get(key)


class Modules:
    """The modules of one boot: those in the table, and those that have fallen off it."""

    def __init__(self, history: GrowingPast) -> None:
        self._history = history
        self._rows: dict[Key, Row] = {}
        self._base: dict[Key, int] = {}
        self._begun = False
        self._known = True

    def restore(self, rows: Mapping[Key, Row], base: Mapping[Key, int]) -> None:
        """Goes on from these rows, as they stood after a text; `base` are counts of old ones."""
        self._rows, self._base, self._begun = dict(rows), dict(base), True
        self._known = False

    def follow(
        self, table: Sequence[Duplicate], now: float, anchor: Anchor | None
    ) -> tuple[Row, ...]:
        """The table in file order, then the rows that have fallen off it.

        The kernel's table has the newest row first: a row that shows up below a known one is
        old, and has come into view as the buffer grew.
        """
        before, self._rows = self._rows, {}
        below_known = not self._begun
        for key, duplicate in keyed(table):
            known = before.pop(key, None)
            if known is not None:
                below_known = True
                is_same = known.count == duplicate[1] and known.reason == duplicate[2]
                if is_same and self._known and known.is_quiet:
                    self._rows[key] = known  # compared with an anchor as old as this one, or older
                    continue
            if known is None and below_known:
                self._base[key] = duplicate.times
                self._rows[key] = Row(*duplicate)
            else:
                self._rows[key] = self._grown(key, known, duplicate, now, anchor)
            self._history.add_count(duplicate.module, now, duplicate.times)
        self._keep_fallen(before)
        self._begun = self._known = True
        return tuple(self._rows.values())

    def _keep_fallen(self, before: dict[Key, Row]) -> None:
        for key, row in before.items():
            if len(self._rows) < MAX_TRACKED:
                self._rows[key] = row if row.fallen else replace(row.quiet(), fallen=True)
            else:
                self._history.forget_counts(row.module)
                self._base.pop(key, None)

    def _grown(
        self, key: Key, row: Row | None, duplicate: Duplicate, now: float, anchor: Anchor | None
    ) -> Row:
        module, times, reason = duplicate
        delta = times - (row.count if row else 0)
        earlier, seconds = self._earlier(key, row, anchor), now - anchor.now if anchor else 0.0
        return Row(
            module=module,
            count=times,
            reason=reason,
            delta=delta,
            recent=times - earlier,
            rate=(times - earlier) / seconds if seconds >= MIN_RATE_S else None,
            since_start=times - self._base.get(key, 0),
            first_seen=row.first_seen if row else now,
            last_grew=now if delta > 0 else row.last_grew if row else None,
        )

    def _earlier(self, key: Key, row: Row | None, anchor: Anchor | None) -> int:
        """How often the module had failed at the anchor, as far as that is known."""
        shown = anchor.count(key) if anchor else None
        if shown is not None:
            return shown
        appeared_since = row is None or (
            anchor is not None and row.first_seen is not None and row.first_seen > anchor.now
        )
        return 0 if appeared_since or row is None else row.count
