"""Row: a module of the duplicate table with what became of it, and Modules, which follows them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .history import History
from .stats import Duplicate, FailReason, ModuleStats

HOT_S = 10.0
"""Seconds after which growth is no longer hot."""

NOW_S = 2.0
"""Seconds for which a row that grew counts as growing now."""

NEW_S = 60.0
"""Seconds for which a module that appeared counts as new."""

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

    def quiet(self) -> "Row":
        """The row when nothing has grown for a while."""
        return replace(self, delta=0, recent=0, rate=0.0) if self.recent or self.delta else self


class Anchor:
    """An earlier reading, to which the present one is compared for what is recent."""

    def __init__(self, now: float, stats: ModuleStats) -> None:
        self.now, self.stats = now, stats
        self._counts: dict[str, int] | None = None

    def count(self, module: str) -> int:
        """How often the module had failed by then."""
        if self._counts is None:
            self._counts = {row.module: row.times for row in self.stats.duplicates}
        return self._counts.get(module, 0)


class Modules:
    """The modules of one boot: those in the table, and those that have fallen off it.

    Keys are (name, occurrence): a hostile text may show one name twice.
    """

    def __init__(self, start: ModuleStats, history: History) -> None:
        self._start = Anchor(0.0, start)
        self._history = history
        self._rows: dict[tuple[str, int], Row] = {}
        self._begun = False

    def follow(
        self, table: Iterable[Duplicate], now: float, anchor: Anchor | None
    ) -> tuple[Row, ...]:
        """The table in file order, then the rows that have fallen off it."""
        before, self._rows = self._rows, {}
        for duplicate in table:
            key = (duplicate.module, 0)
            while key in self._rows:
                key = (duplicate.module, key[1] + 1)
            self._rows[key] = self._grown(before.pop(key, None), duplicate, now, anchor)
            self._history.add_count(duplicate.module, now, duplicate.times)
        self._keep_fallen(before)
        self._begun = True
        return tuple(self._rows.values())

    def _keep_fallen(self, before: dict[tuple[str, int], Row]) -> None:
        for key, row in before.items():
            if len(self._rows) < MAX_TRACKED:
                self._rows[key] = row if row.fallen else replace(row.quiet(), fallen=True)
            else:
                self._history.forget_counts(row.module)

    def _grown(
        self, row: Row | None, duplicate: Duplicate, now: float, anchor: Anchor | None
    ) -> Row:
        module, times, reason = duplicate
        if row is None and not self._begun:
            return Row(module, times, reason)
        delta = times - (row.count if row else 0)
        recent = times - anchor.count(module) if anchor else delta
        seconds = now - anchor.now if anchor else 0.0
        return Row(
            module=module,
            count=times,
            reason=reason,
            delta=delta,
            recent=recent,
            rate=recent / seconds if seconds > 0 else None,
            since_start=times - self._start.count(module),
            first_seen=row.first_seen if row else now,
            last_grew=now if delta > 0 else row.last_grew if row else None,
        )
