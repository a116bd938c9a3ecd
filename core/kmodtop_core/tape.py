"""Tape: one boot of a recording, to be looked at as of any moment.

A tracker for a moment is not built by observing all that came before: the
recording's index tells where a tracker stood at the text before, and the last
steps are then observed by the same tracker that serves the live view.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from .blocks import Block, NoStatistics, Warning
from .errors import SourceError, Trouble
from .history import Values
from .modules import MAX_TRACKED, Anchor, Key, Row, keyed
from .recording import Boot, Kept, Recording, unsigned
from .sample import Gap, Sample
from .stats import STAGES, FailReason
from .statsfile import parse
from .tracker import RECENT_S, Frame, Standing, Tracker

HOLE_S = 15.0
"""Seconds without a look after which nothing is known: nobody was recording. A recorder notes
every ten seconds that a text still stands."""

_MOST_STEPS = 200
"""Items that are observed at most to reach a moment; a recording can be hostile."""

_LEFT = {"sample": " AND size > 0", "gap": ""}
"""Texts may have been thinned out; only their times are left then."""

_TINY_S = 1e-6
"""Seconds by which sums of times may be off."""

_FEW_STEPS = 16
"""Texts that are observed to know what was recent; at ten a second, ten would do."""

VALUES = ", ".join(
    (*(stage.bytes for stage in STAGES), " + ".join(stage.failures for stage in STAGES))
)
"""A history's values as columns of a sample."""


class Tape:
    """One boot. Moments are seconds since boot, `line` makes them those of a tracker.

    `begin` is the first item's, `zero` the first text's.
    """

    def __init__(self, recording: Recording, boot: Boot) -> None:
        self.recording, self.boot = recording, boot
        self._store = recording.store
        self.begin = self._first("sample", "gap") or 0.0
        zero = self._first("sample")
        self.zero = self.begin if zero is None else zero

    @property
    def end(self) -> float:
        """The last look, as far as it was noted."""
        latest = (
            "SELECT max(uptime, until) FROM {} WHERE boot = ? ORDER BY uptime DESC, id DESC LIMIT 1"
        )
        try:
            found = [
                self._store.row("u", latest.format(table), (self.boot.id,))
                for table in ("sample", "gap")
            ]
        except SourceError:
            return self.begin  # the file is damaged there
        return max((row[0] for row in found if row), default=self.begin)

    def _first(self, *tables: str) -> float | None:
        found = [
            self._store.one(
                "U",
                f"SELECT min(uptime) FROM {table} WHERE boot = ?{_LEFT[table]}",  # noqa: S608
                (self.boot.id,),
            )
            for table in tables
        ]
        return min((at for at in found if at is not None), default=None)

    def line(self, uptime: float) -> float:
        """Seconds on the tracker's time line."""
        return uptime - self.zero

    # ---- a moment --------------------------------------------------------

    def in_force(self, uptime: float) -> Kept | None:
        """What had come last by that moment."""
        sample = self.recording.last_sample(self.boot, uptime)
        gap = self.recording.last_gap(self.boot, uptime)
        return max((k for k in (sample, gap) if k), key=lambda k: k.order, default=None)

    def tracker(self, uptime: float) -> Tracker:
        """A tracker that has observed all up to that moment."""
        tracker = Tracker(RecordedPast(self))
        present = self.in_force(uptime)
        if present is None:
            return tracker
        before = self._foothold(uptime)
        after = float("-inf")
        if before is not None:
            tracker.restore(self.standing(before))
            after = before.item.at.uptime
            if before.until > after:
                tracker.observe(before.look(before.until))
        steps = list(self.recording.kept(self.boot, after, uptime))[-_MOST_STEPS:]
        for kept in steps[:-1]:
            for item in kept.looks():
                tracker.observe(item)
        tracker.observe(present.item)
        self.look(tracker, present, uptime)
        return tracker

    def _foothold(self, uptime: float) -> Kept | None:
        """The text from which on is observed what was recent at that moment; None is from the
        beginning. At least the last step is observed, so that it is known."""
        texts = list(
            self._store.rows(
                "u",
                "SELECT uptime FROM sample"
                " WHERE boot = ? AND run IS NOT NULL AND size > 0 AND uptime <= ?"
                " ORDER BY uptime DESC, id DESC LIMIT ?",
                (self.boot.id, uptime, _FEW_STEPS),
            )
        )
        recent = [at for (at,) in texts if at > texts[0][0] - RECENT_S] if texts else []
        edge = recent[-1] if recent else uptime
        return self.recording.last_sample(self.boot, _just_before(edge), accepted=True)

    def look(self, tracker: Tracker, present: Kept, uptime: float) -> Frame | None:
        """Lets the tracker look at that moment; None when nothing is told that it did not know."""
        begun = present.item.at.uptime
        if uptime <= begun:
            return None
        if uptime <= present.until:
            return tracker.observe(present.look(uptime))
        if uptime - present.until <= HOLE_S or uptime > self.end:
            last = present.until
            return tracker.observe(present.look(last)) if last > begun else None
        why = Trouble("not-recorded", "nobody was recording", "go on to the next change")
        return tracker.observe(Gap(present.look(uptime).at, why))

    def standing(self, kept: Kept) -> Standing:
        """Where a tracker stands after that text. The text must be one that was accepted."""
        if kept.run is None or not isinstance(kept.item, Sample):
            raise self._store.damaged(f"text {kept.id} is no part of a run")
        block, run = self._block(kept), self.recording.sample(self.boot, kept.run)
        rows, base = self._rows(block, kept)
        warnings = self._store.rows(
            "tt",
            "SELECT code, message FROM warning WHERE run = ? AND sample <= ? LIMIT ?",
            (kept.run, kept.id, MAX_TRACKED),
        )
        resets = self._store.one(
            "i",
            "SELECT count(*) FROM run WHERE boot = ? AND id <= ? AND reason IS NOT NULL",
            (self.boot.id, kept.run),
        )
        return Standing(
            sample=kept.item,
            block=block,
            now=self.line(kept.item.at.uptime),
            start=self._block(run),
            rows=rows,
            base=base,
            before=tuple(self._anchors(kept)),
            warnings=tuple({code: Warning(code, text) for code, text in warnings}.values()),
            resets=resets,
        )

    def _block(self, kept: Kept) -> Block:
        """The statistics of a text that the index says has some."""
        try:
            return parse(kept.item.text if isinstance(kept.item, Sample) else b"")[-1]
        except NoStatistics:
            raise self._store.damaged(f"text {kept.id} holds no statistics") from None

    def _anchors(self, kept: Kept) -> Iterator[Anchor]:
        """The texts of the last second, and the one before."""
        at = kept.item.at.uptime
        oldest = self.recording.last_sample(self.boot, at - RECENT_S, accepted=True)
        after = at - RECENT_S if oldest is None else _just_before(oldest.item.at.uptime)
        texts = [
            k
            for k in self.recording.kept(self.boot, after, at)
            if k.run == kept.run and k.id < kept.id
        ]
        step = max(1, len(texts) // _MOST_STEPS)
        for earlier in texts[::step]:
            anchor = Anchor(self.line(earlier.item.at.uptime), self._block(earlier).stats)
            if not earlier.still:
                anchor.until = self.line(earlier.until)
            yield anchor

    def _rows(self, block: Block, kept: Kept) -> tuple[dict[Key, Row], dict[Key, int]]:
        """The modules of the run up to that text: those it shows, then those fallen off it."""
        known = dict(self._modules(kept))
        base = {key: entry[0] for key, entry in known.items() if entry[0] is not None}
        rows: dict[Key, Row] = {}
        for key, duplicate in keyed(block.stats.duplicates):
            rows[key] = _row(key, duplicate.times, duplicate.reason, known.get(key))
        for key, entry in known.items():
            if key not in rows and len(rows) < MAX_TRACKED:
                row = _row(key, entry[3], FailReason(entry[4] & 3), entry)
                rows[key] = replace(row, fallen=True)
        return rows, base

    def _modules(self, kept: Kept) -> Iterator[tuple[Key, tuple[Any, ...]]]:
        """(base, first seen, last grew, count, reason) of each module known by then."""
        modules = list(
            self._store.rows(
                "ibiiI",
                "SELECT id, name, occurrence, first, base FROM module"
                " WHERE run = ? AND first <= ? ORDER BY id DESC LIMIT ?",
                (kept.run, kept.id, 2 * MAX_TRACKED),
            )
        )
        times = _Times(self)
        for row, name, occurrence, first, base in modules:
            count, reason, risen = self._latest(row, kept.id)
            grew = None if base is not None and risen == first else times.of(risen)
            seen = None if base is not None else times.of(first)
            base = base if base is None else unsigned(base)
            key = (name.decode("utf-8", "surrogateescape"), occurrence)
            yield key, (base, seen, grew, unsigned(count or 0), reason)

    def _latest(self, module: int, upto: int) -> tuple[int, int, int]:
        """(count, reason, the sample in which the count last rose) of a module."""
        changes = self._store.rows(
            "iIi",
            "SELECT sample, count, reason FROM growth WHERE module = ? AND sample <= ?"
            " ORDER BY sample DESC",
            (module, upto),
        )
        found = next(changes, None)
        if found is None:
            raise self._store.damaged(f"module {module} has no count")
        sample, count, reason = found
        risen, last = sample, count
        for earlier, before, _ in changes:
            if unsigned(last or 0) > unsigned(before or 0):
                break
            risen, last = earlier, before  # it fell there: a table that is not the kernel's
        return count, reason, risen

    # ---- moving ----------------------------------------------------------

    def next_change(self, uptime: float) -> float | None:
        """When something came after that moment; None at the end."""
        return self._nearest("min(uptime)", ">", uptime, min)

    def last_change(self, uptime: float) -> float | None:
        """When something came before that moment; None at the beginning."""
        return self._nearest("max(uptime)", "<", uptime, max)

    def _nearest(self, what: str, than: str, uptime: float, choose: Any) -> float | None:
        found = [
            self._store.one(
                "U",
                f"SELECT {what} FROM {table} WHERE boot = ? AND uptime {than} ?{left}",  # noqa: S608
                (self.boot.id, uptime),
            )
            for table, left in _LEFT.items()
        ]
        known = [value for value in found if value is not None]
        return choose(known) if known else None

    def next_storm(self, uptime: float) -> float | None:
        """When the next storm began."""
        return self._storm("min(began)", ">", uptime)

    def last_storm(self, uptime: float) -> float | None:
        """When the storm that goes on, or the one before, began."""
        return self._storm("max(began)", "<", uptime)

    def _storm(self, what: str, than: str, uptime: float) -> float | None:
        sql = f"SELECT {what} FROM storm WHERE boot = ? AND began {than} ?"  # noqa: S608
        found: float | None = self._store.one("U", sql, (self.boot.id, uptime))
        return found


class RecordedPast:
    """What a tape tells of the time before a frame. Nothing is shown of what came later."""

    def __init__(self, tape: Tape) -> None:
        self._tape, self._store, self._boot = tape, tape.recording.store, tape.boot.id
        self._now = 0.0
        found = self._store.row(
            "u",
            "SELECT uptime FROM sample WHERE boot = ? AND run IS NOT NULL"
            " ORDER BY uptime, id LIMIT 1",
            (self._boot,),
        )
        self.first: float | None = tape.line(found[0]) if found else None

    def add(self, at: float, values: Values | None) -> None:
        """It is on the tape already; time has come so far."""
        self._now = at

    def at(self, moments: Sequence[float]) -> list[tuple[float, ...] | None]:
        """The values at rising moments, in a straight line between texts; None within gaps."""
        zero = self._tape.zero
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
        now = self._tape.zero + self._now
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
        found = self._store.row("uuIIIII", sql, (self._boot, uptime))
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
        zero = self._tape.zero
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
    return (*(unsigned(value) for value in columns[:-1]), columns[-1])


class _Times:
    """When the samples came, on the time line; most modules share a few."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._known: dict[int, float] = {}

    def of(self, sample: int) -> float:
        """Seconds on the time line."""
        if sample not in self._known:
            sql = "SELECT uptime FROM sample WHERE id = ?"
            uptime = self._tape.recording.store.one("u", sql, (sample,))
            self._known[sample] = self._tape.line(uptime)
        return self._known[sample]


def _just_before(uptime: float) -> float:
    return math.nextafter(uptime, float("-inf"))


def _row(key: Key, count: int, reason: Any, entry: tuple[Any, ...] | None) -> Row:
    base, seen, grew = entry[:3] if entry else (count, None, None)
    return Row(
        key[0], count, reason, since_start=count - (base or 0), first_seen=seen, last_grew=grew
    )
