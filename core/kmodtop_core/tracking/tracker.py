"""Tracker.observe(Sample | Gap) -> Frame: what grew, how fast, since when.

The next frame follows from the item and what came before; no clock is read
here. Frames are frozen values, everything that changes is kept by Tracker.
"""

from collections import deque
from dataclasses import replace

from ..errors import Trouble
from ..sample import Gap, Instant, Item, Sample
from ..stats.block import Block, NoStatistics, Warning
from ..stats.parse import parse
from ..stats.values import STAGES
from .changes import NO_CHANGE, Change, change, reset_reason, wrap_warning
from .frame import DOUBTFUL, UNSURE, Event, Frame, Standing
from .history import GrowingPast, History
from .rows import MIN_RATE_S, Anchor, Modules

RECENT_S = 0.9
"""Seconds over which recent growth and rates are taken at least; readings may come faster."""

_STALE_S = 5.0
"""Seconds without a fresh text after which the last growth of a file is no longer recent."""

_NOT_WHOLE = "the text before was not whole"
"""Why a step is no step: it is no new boot either."""


class Tracker:
    """Follows one source. `observe` is to be called with its items in order.

    `history`: where it keeps, or finds, what was before.
    """

    def __init__(self, history: GrowingPast | None = None) -> None:
        self.history: GrowingPast = history or History()
        self._frame: Frame | None = None
        self._start: Block | None = None
        self._modules: Modules | None = None
        self._anchors: deque[Anchor] = deque()
        self._fresh_at = 0.0
        self._warnings: dict[str, Warning] = {}

    @property
    def latest(self) -> Frame | None:
        """The frame of the last item; None before the first."""
        return self._frame

    def restore(self, standing: Standing) -> None:
        """Goes on from there, as if it had observed all that was before."""
        sample, block, now = standing.sample, standing.block, standing.now
        self._start = standing.start
        self._modules = Modules(self.history)
        self._modules.restore(standing.rows, standing.base)
        self._anchors = deque((*standing.before, Anchor(now, block.stats)))
        self._fresh_at = now
        self._warnings = {warning.code: warning for warning in standing.warnings}
        self._frame = Frame(
            at=sample.at, now=now, event=Event.SAME, sample=sample, block=block,
            taken=now, since_start=change(self._start.stats, block.stats),
            rows=tuple(standing.rows.values()), resets=standing.resets,
            warnings=(*block.warnings, *standing.warnings),
        )  # fmt: skip

    def observe(self, item: Item) -> Frame:
        """The frame after `item`. Never raises: a text that cannot be read is a gap."""
        now = self._time_line(item.at)
        self._frame = self._gap(item, now) if isinstance(item, Gap) else self._sample(item, now)
        return self._frame

    def _time_line(self, at: Instant) -> float:
        """Seconds since the first text; continues over a new boot, whose uptime begins at 0."""
        last = self._frame
        if last is None or last.sample is None:
            return 0.0  # before the first text the clock may have been another host's
        passed = at.uptime - last.at.uptime
        if passed < 0:
            known = at.wall is not None and last.at.wall is not None
            passed = max(0.0, (at.wall or 0) - (last.at.wall or 0)) if known else 1.0
        return last.now + passed

    # ---- trouble ---------------------------------------------------------

    def _gap(self, gap: Gap, now: float) -> Frame:
        """The last text stays, with its age; nothing is known of growth."""
        self.history.add(now, None)
        return replace(self._trouble(gap, now).quiet(), delta_s=None, wasted_rate=None)

    def _trouble(self, gap: Gap, now: float) -> Frame:
        last = self._frame
        if last is None:
            return Frame(gap.at, now, Event.GAP, gap=gap)
        if last.gap is None:
            return replace(last, at=gap.at, now=now, event=Event.GAP, gap=gap, gap_s=0.0)
        going_on = Gap(last.gap.at, gap.why)
        age = last.gap_s + now - last.now
        return replace(last, at=gap.at, now=now, event=Event.GAP, gap=going_on, gap_s=age)

    def _is_doubtful(self, block: Block) -> bool:
        """Whether the text looks half written: labels, a row's end, or rows are missing."""
        if not block.whole or any(w.code == "sum-mismatch" for w in block.warnings):
            return True
        if block.truncated or block.other == 0:
            return False
        known = self._frame.block if self._frame and _is_sure(self._frame) else None
        if known is None:
            return True
        names = {row.module for row in block.stats.duplicates}
        return any(row.module not in names for row in known.stats.duplicates)

    # ---- texts -----------------------------------------------------------

    def _sample(self, sample: Sample, now: float) -> Frame:
        last = self._frame
        if last and last.block and _is_same(sample, last.sample):
            return self._same(sample, last, last.block, now)
        try:
            block = parse(sample.text)[-1]
        except NoStatistics as none:
            if sample.settled:
                return self._gap(Gap(sample.at, none.error().why), now)
            return self._trouble(Gap(sample.at, DOUBTFUL), now)
        if not sample.settled and self._is_doubtful(block):
            if not _is_sure(last):
                frame = self._accept(sample, block, now)
                return replace(frame, warnings=(UNSURE, *frame.warnings))
            return self._trouble(Gap(sample.at, DOUBTFUL), now)
        if _lacks(block) and last and last.block and _is_sure(last) and not _lacks(last.block):
            lacks = "counters" if block.lacks else "its table"
            why = Trouble("incomplete", f"the text lacks {lacks}", "the last whole one is shown")
            return self._gap(Gap(sample.at, why), now)
        return self._accept(sample, block, now)

    def _same(self, sample: Sample, last: Frame, block: Block, now: float) -> Frame:
        """Nothing changed. Growth stays recent for a second, that of a file for longer."""
        self.history.add(now, _values(block))
        warnings = last.warnings
        if sample.settled and UNSURE in warnings:
            warnings = tuple(w for w in warnings if w is not UNSURE)
        frame = replace(
            last, at=sample.at, now=now, event=Event.BACK if last.gap else Event.SAME,
            sample=sample, taken=now, change=NO_CHANGE, delta_s=None, gap=None, gap_s=0.0,
            warnings=warnings,
        )  # fmt: skip
        if not sample.fresh:
            return frame.quiet() if now - self._fresh_at > _STALE_S else frame
        self._fresh_at = now
        if last.gap:
            self._anchors.append(Anchor(now, block.stats))
        else:
            self._anchors[-1].until = now
        anchor = self._anchor(now)
        if last.recent is NO_CHANGE or anchor is None or anchor.stats == block.stats:
            return frame.quiet()
        return self._with_growth(frame, block, now, anchor)

    def _accept(self, sample: Sample, block: Block, now: float) -> Frame:
        last = self._frame
        moved, reset = self._compare(sample, block)
        if reset is not None or self._start is None:
            self._begin(block, reset)
        self._warnings |= {w.code: w for w in wrap_warning(moved)}
        self.history.add(now, _values(block))
        known = last is not None and last.block is not None and reset is None
        frame = Frame(
            at=sample.at, now=now, event=self._event(reset), sample=sample,
            block=block, taken=now, change=moved,
            delta_s=now - self._fresh_at if known else None,
            warnings=(*block.warnings, *self._warnings.values()),
            resets=(last.resets if last else 0) + (reset not in (None, _NOT_WHOLE)),
        )  # fmt: skip
        frame = self._with_growth(frame, block, now, self._anchor(now))
        self._anchors.append(Anchor(now, block.stats))
        self._fresh_at = now
        return frame

    def _begin(self, block: Block, reset: str | None) -> None:
        """A boot begins: nothing is compared with what was before."""
        self._start = block
        self._modules = Modules(self.history)
        self._anchors.clear()
        self._warnings.clear()
        if reset and reset != _NOT_WHOLE:
            self._warnings["counter-reset"] = Warning("counter-reset", f"A new boot: {reset}.")

    def _with_growth(self, frame: Frame, block: Block, now: float, anchor: Anchor | None) -> Frame:
        """The frame with what has grown since the anchor and since the start."""
        assert self._start is not None
        assert self._modules is not None
        recent = change(anchor.stats, block.stats) if anchor else NO_CHANGE
        seconds = now - anchor.now if anchor else 0.0
        wasted = sum(recent.deltas.get(stage.bytes, 0) for stage in STAGES)
        return replace(
            frame,
            recent=recent if recent.deltas else NO_CHANGE,
            wasted_rate=wasted / seconds if seconds >= MIN_RATE_S else None,
            since_start=change(self._start.stats, block.stats),
            rows=self._modules.follow(block.stats.duplicates, now, anchor),
        )

    def _anchor(self, now: float) -> Anchor | None:
        """The latest text that is old enough to tell a rate, else the oldest there is.

        It is compared as of the latest moment at which it is known to have stood, so that it
        makes no difference how often an unchanged text was looked at.
        """
        while len(self._anchors) > 1 and now - self._anchors[1].since >= RECENT_S:
            self._anchors.popleft()
        if not self._anchors:
            return None
        anchor = self._anchors[0]
        anchor.now = min(anchor.until, max(anchor.since, now - RECENT_S))
        return anchor

    def _event(self, reset: str | None) -> Event:
        last = self._frame
        if last is None or last.block is None or reset == _NOT_WHOLE:
            return Event.FIRST
        if reset is not None:
            return Event.RESET
        return Event.BACK if last.gap and last.gap.why != DOUBTFUL else Event.CHANGE

    def _compare(self, sample: Sample, block: Block) -> tuple[Change, str | None]:
        """(what moved, why this is another boot or None)."""
        last = self._frame
        if last is None or last.block is None or last.sample is None:
            return NO_CHANGE, None
        if _lacks(last.block) or not _is_sure(last):
            return NO_CHANGE, _NOT_WHOLE
        moved = change(last.block.stats, block.stats)
        before, after = last.sample.host.boot_id, sample.host.boot_id
        if before and after:
            reason = "the boot id changed" if before != after else None
        elif sample.at.uptime < last.at.uptime:
            reason = "the uptime fell"
        else:
            reason = reset_reason(last.block.stats, block.stats, moved)
        return (NO_CHANGE, reason) if reason else (moved, None)


def _lacks(block: Block) -> bool:
    """Whether counters or the table are missing, so that nothing can be compared with it."""
    return bool(block.lacks) or block.table_missing


def _is_sure(last: Frame | None) -> bool:
    """Whether there is a text that others can be compared with, and that can stand for others."""
    return last is not None and last.block is not None and UNSURE not in last.warnings


def _is_same(sample: Sample, last: Sample | None) -> bool:
    known = last is not None and last.host.boot_id == sample.host.boot_id
    return known and last is not None and last.text == sample.text


def _values(block: Block) -> tuple[int, ...]:
    stats = block.stats
    lost = (stats.counter(stage.bytes) for stage in STAGES)
    return (*lost, stats.failed_requests, stats.modcount)
