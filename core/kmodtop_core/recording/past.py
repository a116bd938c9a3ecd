"""What a recording tells of the time before a moment, on a tracker's time line."""

from bisect import bisect_right
from collections.abc import Sequence

from ..errors import SourceError
from ..stats.format import UNSEEN
from ..stats.values import STAGES
from ..tracking.history import History, Values
from .schema import unsigned
from .store import Store

_TINY_S = 1e-6
"""Seconds by which sums of times may be off."""


def _column(name: str) -> str:
    return f"coalesce({name}, 0)" if name in UNSEEN else name


VALUES = ", ".join(
    (
        *(_column(stage.bytes) for stage in STAGES),
        " + ".join(_column(stage.failures) for stage in STAGES),
        _column("modcount"),
    )
)
"""A history's values as columns of a sample; what kmodtop cannot see where it counts adds
nothing."""


class RecordedPast:
    """What a boot of a recording tells of the time before a frame; nothing of what came later.

    `zero`: seconds since boot at which the tracker's time line begins.
    """

    def __init__(self, store: Store, boot: int, zero: float) -> None:
        self._store, self._boot, self._zero = store, boot, zero
        self._now = 0.0
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

    def at(self, moments: Sequence[float]) -> list[tuple[float, ...] | None]:
        """The values at rising moments, in a straight line between texts; None within gaps."""
        zero = self._zero
        now = self._now + _TINY_S
        return [self._value(min(m, self._now) + zero) if m <= now else None for m in moments]

    def _value(self, uptime: float) -> tuple[float, ...] | None:
        try:
            return self._known_value(uptime)
        except SourceError:
            return None  # the file is damaged there

    def _known_value(self, uptime: float) -> tuple[float, ...] | None:
        before = self._sample("uptime <= ? ORDER BY uptime DESC, id DESC", uptime)
        if before is None:
            return None
        _, until, values = before
        now = self._zero + self._now
        gap = self._gap(until)
        if uptime <= until or uptime >= now:
            return values
        if gap is not None and gap <= uptime:
            return None
        later = self._sample("uptime > ? ORDER BY uptime, id", uptime)
        if later is None or later[0] > now:
            return values if gap is not None and gap <= now else None
        if gap is not None and gap < later[0]:
            return values
        part = (uptime - until) / (later[0] - until)
        return tuple(a + (b - a) * part for a, b in zip(values, later[2], strict=True))

    def _sample(self, where: str, uptime: float) -> tuple[float, float, Values] | None:
        sql = (
            f"SELECT uptime, until, {VALUES} FROM sample"  # noqa: S608 - own names
            f" WHERE boot = ? AND run IS NOT NULL AND {where} LIMIT 1"
        )
        found = self._store.row("uuIIIIII", sql, (self._boot, uptime))
        if found is None or None in found:
            return None
        return found[0], max(found[:2]), values_of(found[2:])

    def _gap(self, after: float) -> float | None:
        sql = "SELECT min(uptime) FROM gap WHERE boot = ? AND uptime >= ?"
        found: float | None = self._store.one("U", sql, (self._boot, after))
        return found

    def add_count(self, module: str, at: float, count: int) -> None:
        """It is on the tape already."""

    def forget_counts(self, module: str) -> None:
        """Tapes forget nothing."""

    def counts(self, module: str, moments: Sequence[float]) -> list[int | None]:
        """The module's count at rising moments; None before it was first seen."""
        zero = self._zero
        points = self._store.rows(
            "uI",
            "SELECT s.uptime, g.count FROM module m JOIN growth g ON g.module = m.id"
            " JOIN sample s ON s.id = g.sample"
            " WHERE s.boot = ? AND m.name = ? AND m.occurrence = 0 AND s.uptime <= ?"
            " ORDER BY s.id DESC LIMIT 20000",
            (self._boot, module.encode("utf-8", "surrogateescape"), zero + self._now),
        )
        try:
            known = list(points)[::-1]
        except SourceError:
            return [None] * len(moments)
        times = [at - zero for at, _ in known]
        places = [bisect_right(times, moment) for moment in moments]
        return [unsigned(known[place - 1][1] or 0) if place else None for place in places]


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
