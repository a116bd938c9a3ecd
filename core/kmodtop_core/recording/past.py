"""What a recording tells of the time before a moment, on a tracker's time line."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from ..errors import SourceError
from ..stats.format import UNSEEN
from ..stats.values import STAGES
from ..tracking.history import History, Values
from .growth import last_text
from .schema import unsigned
from .store import Store

_TINY_S = 1e-6
"""Seconds by which sums of times may be off."""


def _column(name: str) -> str:
    return f"coalesce({name}, 0)" if name in UNSEEN else name


_COLUMNS = (
    *(_column(stage.bytes) for stage in STAGES),
    " + ".join(_column(stage.failures) for stage in STAGES),
    _column("modcount"),
)
VALUES = ", ".join(_COLUMNS)
"""A history's values as columns of a sample; what kmodtop cannot see where it counts adds
nothing."""


_NAMED = ", ".join(f"{column} AS v{place}" for place, column in enumerate(_COLUMNS))


def _cells(table: str) -> str:
    names = ("uptime", "until", *(f"v{place}" for place in range(len(_COLUMNS))))
    return ", ".join(f"{table}.{name}" for name in names)


_AROUND = (
    "WITH moment(at) AS (VALUES %), around AS (SELECT at,"  # noqa: S608 - own words
    " (SELECT id FROM sample WHERE boot = ? AND run IS NOT NULL AND uptime <= at"
    " ORDER BY uptime DESC, id DESC LIMIT 1) AS early,"
    " (SELECT id FROM sample WHERE boot = ? AND run IS NOT NULL AND uptime > at"
    " ORDER BY uptime, id LIMIT 1) AS late FROM moment)"
    f" SELECT at, {_cells('b')}, (SELECT min(uptime) FROM gap WHERE boot = ?"
    f" AND uptime >= max(b.uptime, b.until)), {_cells('a')} FROM around"
    f" LEFT JOIN (SELECT id, uptime, until, {_NAMED} FROM sample) b ON b.id = early"
    f" LEFT JOIN (SELECT id, uptime, until, {_NAMED} FROM sample) a ON a.id = late"
)

_AT_ONCE = 500
"""Moments that are asked for together."""

_Text = tuple[float, float, Values]
"""When it came, until when it stood (seconds since boot), and the values."""

_Around = tuple[_Text | None, float | None, _Text | None]


class RecordedPast:
    """What a boot of a recording tells of the time before a frame; nothing of what came later.

    `zero`: seconds since boot at which the tracker's time line begins.
    """

    def __init__(self, store: Store, boot: int, zero: float) -> None:
        self._store, self._boot, self._zero = store, boot, zero
        self._now = 0.0
        self._texts: tuple[tuple[float, ...], list[int]] | None = None
        found = self._store.row(
            "u",
            "SELECT uptime FROM sample WHERE boot = ? AND run IS NOT NULL"
            " ORDER BY uptime, id LIMIT 1",
            (self._boot,),
        )
        self.first: float | None = found[0] - zero if found else None

    def add(self, at: float, values: Values | None) -> None:
        """It is on the tape already; time has come so far."""
        self._now = at
        self._texts = None

    def at(self, moments: Sequence[float]) -> list[tuple[float, ...] | None]:
        """The values at rising moments, in a straight line between texts; None within gaps."""
        zero, now = self._zero, self._now + _TINY_S
        known = [min(m, self._now) + zero for m in moments if m <= now]
        values: list[tuple[float, ...] | None] = []
        for first in range(0, len(known), _AT_ONCE):
            values += self._values(known[first : first + _AT_ONCE])
        return values + [None] * (len(moments) - len(known))

    def _values(self, uptimes: Sequence[float]) -> list[tuple[float, ...] | None]:
        """Those of a file that is damaged somewhere one by one."""
        try:
            return [self._between(at, *rows) for at, rows in self._around(uptimes)]
        except SourceError:
            return [self._alone(at) for at in uptimes]

    def _alone(self, uptime: float) -> tuple[float, ...] | None:
        try:
            return next(self._between(at, *rows) for at, rows in self._around([uptime]))
        except SourceError:
            return None  # the file is damaged there

    def _around(self, uptimes: Sequence[float]) -> Iterator[tuple[float, _Around]]:
        """Each moment with the text before, the gap after that, and the text after: in one
        question, as each takes longer to ask than to answer."""
        places = ", ".join("(?)" for _ in uptimes)
        values = (*uptimes, *(self._boot,) * 3)
        kinds = "r" + "UUIIIIII" + "U" + "UUIIIIII"
        sql = _AROUND.replace("%", places)
        for at, *cells in list(self._store.rows(kinds, sql, values)):
            yield at, (_text(cells[:8]), cells[8], _text(cells[9:]))

    def _between(
        self, uptime: float, before: _Text | None, gap: float | None, later: _Text | None
    ) -> tuple[float, ...] | None:
        if before is None:
            return None
        _, until, values = before
        now = self._zero + self._now
        if uptime <= until or uptime >= now:
            return values
        if gap is not None and gap <= uptime:
            return None
        if later is None or later[0] > now:
            return values if gap is not None and gap <= now else None
        if (gap is not None and gap < later[0]) or later[2] == values:
            return values
        part = (uptime - until) / (later[0] - until)
        return tuple([a + (b - a) * part for a, b in zip(values, later[2], strict=True)])

    def add_count(self, module: str, at: float, count: int) -> None:
        """It is on the tape already."""

    def forget_counts(self, module: str) -> None:
        """Tapes forget nothing."""

    def counts(self, module: str, moments: Sequence[float]) -> list[int | None]:
        """The module's count at rising moments; None before it was first seen."""
        try:
            return self._counts(module.encode("utf-8", "surrogateescape"), tuple(moments))
        except SourceError:
            return [None] * len(moments)  # the file is damaged there

    def _counts(self, name: bytes, moments: tuple[float, ...]) -> list[int | None]:
        if self._texts is None or self._texts[0] != moments:
            self._texts = moments, self._last_texts(moments)
        texts = self._texts[1]
        modules = list(self._store.rows("ii", _MODULES, (self._boot, name)))
        found: list[int | None] = [None] * len(moments)
        for module, first in modules:  # one a run
            begin = bisect_left(texts, first)
            self._fill(found, module, texts, begin, len(texts) - 1)
        return found

    def _last_texts(self, moments: Sequence[float]) -> list[int]:
        """The row of the last text by each moment; 0 where there was none."""
        shown = [min(moment, self._now) + self._zero + _TINY_S for moment in moments]
        texts = [last_text(self._store, self._boot, at) for at in shown]
        return [text[0] if text else 0 for text in texts]

    def _fill(
        self, found: list[int | None], module: int, texts: Sequence[int], left: int, right: int
    ) -> None:
        """From that place to that: a count that is the same at both is so between them."""
        if left > right:
            return
        first, last = self._count(module, texts[left]), self._count(module, texts[right])
        waiting = [(left, first, right, last)]
        while waiting:
            left, first, right, last = waiting.pop()
            found[left], found[right] = first, last
            if first == last:
                found[left : right + 1] = [first] * (right - left + 1)
            elif right - left > 1:
                middle = (left + right) // 2
                count = self._count(module, texts[middle])
                waiting += [(left, first, middle, count), (middle, count, right, last)]

    def _count(self, module: int, text: int) -> int | None:
        """The module's count after that text."""
        sql = (
            "SELECT count FROM growth WHERE module = ? AND sample <= ? ORDER BY sample DESC LIMIT 1"
        )
        found = self._store.row("I", sql, (module, text))
        return None if found is None else unsigned(found[0] or 0)


_MODULES = (
    "SELECT m.id, m.first FROM module m JOIN run r ON r.id = m.run"
    " WHERE r.boot = ? AND m.name = ? AND m.occurrence = 0 ORDER BY m.first LIMIT 1000"
)


def _text(cells: Sequence[Any]) -> _Text | None:
    uptime, until, *values = cells
    if uptime is None or None in values:
        return None
    return uptime, max(uptime, until or uptime), values_of(values)


def values_of(columns: Sequence[int]) -> Values:
    """A history's values out of the columns VALUES."""
    *lost, failed, loaded = columns
    return (*(unsigned(value) for value in lost), failed, unsigned(loaded))


def history_of(store: Store, boot: int, zero: float) -> History:
    """All that a boot's texts tell of the past, in a history's resolutions."""
    history = History()
    points = store.rows(
        "uuIIIIII",
        f"SELECT uptime, until, {VALUES} FROM sample"  # noqa: S608 - own names
        " WHERE boot = ? AND run IS NOT NULL UNION ALL"
        " SELECT uptime, until, NULL, NULL, NULL, NULL, NULL, NULL FROM gap WHERE boot = ?"
        " ORDER BY uptime",
        (boot, boot),
    )
    for at, until, *values in points:
        known = None if None in values else values_of(values)
        history.add(at - zero, known)
        if until > at:
            history.add(until - zero, known)
    counts = store.rows(
        "buI",
        "SELECT m.name, s.uptime, g.count FROM growth g JOIN module m ON m.id = g.module"
        " JOIN sample s ON s.id = g.sample WHERE s.boot = ? ORDER BY s.uptime",
        (boot,),
    )
    for name, at, count in counts:
        history.add_count(name.decode("utf-8", "surrogateescape"), at - zero, unsigned(count or 0))
    return history
