"""Standings: where a tracker stood after a text, by the index alone."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..sample import Sample
from ..stats.block import Block, NoStatistics, Warning
from ..stats.parse import parse
from ..stats.values import FailReason
from ..tracking.frame import Standing
from ..tracking.rows import MAX_TRACKED, Anchor, Key, Row, keyed
from ..tracking.tracker import RECENT_S
from .reading import Boot, Kept, Recording
from .schema import unsigned
from .store import Store

_MOST_ANCHORS = 200
"""Texts of the last second that are looked at at most; a recording can be hostile."""


class Standings:
    """Of one boot. `zero`: seconds since boot at which the tracker's time line begins."""

    def __init__(self, recording: Recording, boot: Boot, zero: float) -> None:
        self._recording, self._boot, self._zero = recording, boot, zero
        self._store = recording.store

    def _line(self, uptime: float) -> float:
        return uptime - self._zero

    def after(self, kept: Kept) -> Standing:
        """Where a tracker stands after that text. The text must be one that was accepted."""
        if kept.run is None or not isinstance(kept.item, Sample):
            raise self._store.damaged(f"text {kept.id} is no part of a run")
        block, run = self._block(kept), self._recording.sample(self._boot, kept.run)
        rows, base = self._rows(block, kept)
        warnings = self._store.rows(
            "tt",
            "SELECT code, message FROM warning WHERE run = ? AND sample <= ? LIMIT ?",
            (kept.run, kept.id, MAX_TRACKED),
        )
        resets = self._store.one(
            "i",
            "SELECT count(*) FROM run WHERE boot = ? AND id <= ? AND reason IS NOT NULL",
            (self._boot.id, kept.run),
        )
        return Standing(
            sample=kept.item,
            block=block,
            now=self._line(kept.item.at.uptime),
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
        oldest = self._recording.last_sample(self._boot, at - RECENT_S, accepted=True)
        after = at - RECENT_S if oldest is None else just_before(oldest.item.at.uptime)
        texts = [
            k
            for k in self._recording.kept(self._boot, after, at)
            if k.run == kept.run and k.id < kept.id
        ]
        step = max(1, len(texts) // _MOST_ANCHORS)
        for earlier in texts[::step]:
            anchor = Anchor(self._line(earlier.item.at.uptime), self._block(earlier).stats)
            if not earlier.still:
                anchor.until = self._line(earlier.until)
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
        times = _Times(self._store, self._zero)
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


class _Times:
    """When the samples came, on the time line; most modules share a few."""

    def __init__(self, store: Store, zero: float) -> None:
        self._store, self._zero = store, zero
        self._known: dict[int, float] = {}

    def of(self, sample: int) -> float:
        """Seconds on the time line."""
        if sample not in self._known:
            sql = "SELECT uptime FROM sample WHERE id = ?"
            uptime = self._store.one("u", sql, (sample,))
            self._known[sample] = uptime - self._zero
        return self._known[sample]


def just_before(uptime: float) -> float:
    """The moment before, as near as there is one."""
    return math.nextafter(uptime, float("-inf"))


def _row(key: Key, count: int, reason: Any, entry: tuple[Any, ...] | None) -> Row:
    base, seen, grew = entry[:3] if entry else (count, None, None)
    return Row(
        key[0], count, reason, since_start=count - (base or 0), first_seen=seen, last_grew=grew
    )
