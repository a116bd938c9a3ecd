"""A boot of a recording as a case, as of any moment; a live view is a recording in memory.

What was learnt of one moment is gone on with at the next, so that a live view pays for
what has come since, not for all that it has seen.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..recording.growth import Step, last_text, spans, stats_before, steps
from ..recording.index import STORM_PAUSE_S
from ..recording.reading import Boot, Kept, Recording
from ..recording.reading import Storm as RecordedStorm
from ..sample import Instant, Sample
from ..stats.block import Block, NoStatistics
from ..stats.parse import parse
from ..stats.values import ModuleStats
from .case import Case, counts_of, in_order, whole_table
from .evidence.pieces import SIMULATED, read_evidence
from .finding import Storm
from .ledger import Ledger
from .module_bytes import bytes_of
from .traced_bytes import traced_bytes

if TYPE_CHECKING:
    from ..tracing.requests import Told
    from .askers import Match

_ALWAYS = float("-inf")


class Shown(NamedTuple):
    """A text that holds statistics, and the moment of the last look that found it.

    `step`: what it had changed when it came, where it is the last that was recorded.
    """

    block: Block
    at: Instant
    step: Step | None = None


_MOST_STEPS, _SOME = 400, 24
"""Texts that are gone through to reach a moment at once; beyond that the first half of these, and
some of the rest."""

_GRACE_S = 1.0
"""Seconds for which a storm of a recording is still one that is under way."""


class BootCase:
    """Of one boot. `pieces`: evidence beside what is recorded, which it goes before.

    `is_brief`: an answer is wanted at once, where all of a long recording would take seconds.
    """

    def __init__(
        self,
        recording: Recording,
        boot: Boot,
        pieces: dict[str, bytes] | None = None,
        is_brief: bool = False,
    ) -> None:
        self._recording, self._boot, self._is_brief = recording, boot, is_brief
        kept = recording.evidence(boot)
        kept.pop(SIMULATED, None)  # whoever made the file is not believed that
        self.evidence = read_evidence(kept | (pieces or {}))
        self._told: dict[int, tuple[RecordedStorm, Storm]] = {}
        self._open: _OpenStorm | None = None
        self._requests = self.evidence.requests
        if self._requests is not None:
            self._requests.skip = self._requests.ended  # the same may have been heard, too
        self._heard = 0
        self._begin(None)

    def _begin(self, run: int | None) -> None:
        self._run = run
        self._ledger = Ledger()
        self._first: dict[str, int] | None = None
        self._others = 0
        self._counts: dict[str, int] = {}
        self._row, self._at = 0, float("-inf")
        self._open = None

    def at(
        self,
        upto: float = float("inf"),
        is_live: bool = False,
        is_replay: bool = False,
        shown: Shown | None = None,
    ) -> Case | None:
        """The case as of that moment (seconds since boot); None before the first text.

        `is_live`: the moment is now, or one that is played, so that a storm may be under way;
        `is_replay`: what comes later is recorded already. `shown`: the text of that moment, where
        that is at hand. Raises SourceError.
        """
        shown = shown or self._shown(upto)
        if shown is None:
            return None
        block, until = shown.block, shown.at.uptime
        self._follow(upto, shown.step)
        recorded = self._recording.storms(self._boot)
        begun = [storm for storm in recorded if storm.began <= upto]
        storms = tuple([self._storm(s, block, upto, s is begun[-1]) for s in begun])
        grown, evidence = self._grown(), self.evidence
        self._hear()
        told = self._requests.at(until) if self._requests is not None else None
        all_told = None
        if told is not None:
            from .askers import heard  # only here: nearly nobody hears who asks

            all_told = heard(told, self._match(told, block, until), grown)
        modules = traced_bytes(all_told, counts_of(block)) or bytes_of(
            self._ledger, block.stats, evidence.sizes, evidence.is_plain
        )
        quiet_s = upto - (storms[-1].ended or 0.0) if storms else STORM_PAUSE_S
        # Of a recording it is known that no more came.
        is_growing = is_live and quiet_s < (_GRACE_S if is_replay else STORM_PAUSE_S)
        return Case(
            block=block,
            host=self._boot.as_host(),
            at=shown.at,
            evidence=evidence,
            modules=tuple(modules),
            storms=storms,
            before="" if grown or storms else self._before(),
            is_growing=is_growing,
            order=in_order(block),
            grown=grown,
            storms_in_all=len(recorded) if is_replay else None,
            others=self._ledger.others - self._others if self._first is not None else None,
            heard=all_told,
        )

    def _shown(self, upto: float) -> Shown | None:
        kept = self._recording.last_sample(self._boot, upto, accepted=True)
        if kept is None or not isinstance(kept.item, Sample):
            return None
        at = kept.look(min(upto, kept.until)).at
        return Shown(self._block(kept.item, kept.id), at)

    def _hear(self) -> None:
        """What has been heard since the last time."""
        for row, events in self._recording.heard(self._boot, self._heard):
            self._heard = row
            if self._requests is None:
                from ..tracing.requests import Requests

                self._requests = Requests()
            self._requests.hear(events.piece, events.data)

    def _match(self, told: "Told", block: Block, until: float) -> "Match | None":
        """The duplicates that were told against the growth of the table in the same span."""
        from .askers import TIMING_S, match

        if not told.failed or self._requests is None:
            return None
        rows = whole_table(block)
        if rows is None:
            return match(told, None, _ALWAYS, until)
        # Of one text alone nobody knows when it was read.
        timing = TIMING_S if self._recording.has_several(self._boot) else 0.0
        told = self._requests.at(until + timing) or told
        before = self._recording.last_sample(self._boot, told.began or 0.0, accepted=True)
        if before is not None and block.counted is None:
            return match(told, _grown(self._rows(before), rows), _ALWAYS, until, timing)
        whole = match(told, rows, _ALWAYS, until, timing)
        first = self._recording.first_sample(self._boot)
        if block.counted is not None:
            return whole._replace(is_own=True)
        if whole.is_equal or first is None:
            return whole
        since = first.item.at.uptime
        part = match(told, _grown(self._rows(first), rows), since, until, timing)
        return part if part.traced else whole

    def _rows(self, kept: Kept) -> dict[str, int]:
        """Of a text."""
        assert isinstance(kept.item, Sample)
        return counts_of(self._block(kept.item, kept.id))

    def _block(self, sample: Sample, row: int) -> Block:
        try:
            return parse(sample.text)[-1]
        except NoStatistics:
            raise self._recording.store.damaged(f"text {row} holds no statistics") from None

    def _follow(self, upto: float, last: Step | None) -> None:
        """The texts up to that moment, of which the last may be at hand; from the beginning where
        it lies before the last one."""
        if last is not None and last.run == self._run and last.id in (self._row, self._row + 1):
            if last.id > self._row:
                self._take(last)
            return
        row, run = last_text(self._recording.store, self._boot.id, upto) or (0, None)
        if run != self._run or upto < self._at:
            self._begin(run)
        if run is None:
            return
        begin = max(self._row, run - 1)
        if self._is_brief and row - begin > _MOST_STEPS:
            if begin < run:
                self._take_all(run, upto, begin + _MOST_STEPS // 2)
            self._take_some(run, row)
        else:
            self._take_all(run, upto, row)
        self._row = max(self._row, row)

    def _take_all(self, run: int, upto: float, last: int) -> None:
        for step in steps(self._recording.store, self._boot, run, upto, self._row, last):
            self._take(step)

    def _take_some(self, run: int, last: int) -> None:
        """Of very many texts a few, evenly apart: as if it had been looked at less often. Fewer
        equations come of that, but no wrong ones."""
        begin = max(self._row, run - 1)
        for number in range(1, _SOME + 1):
            kept = self._recording.accepted(
                self._boot, run, begin + (last - begin) * number // _SOME
            )
            if kept is None or kept.id <= self._row or not isinstance(kept.item, Sample):
                continue
            stats = self._block(kept.item, kept.id).stats
            known = self._counts
            changed = tuple([d for d in stats.duplicates if known.get(d.module) != d.times])
            self._take(Step(kept.id, kept.item.at.uptime, stats, changed))

    def _take(self, step: Step) -> None:
        self._ledger.observe(step.stats, step.changed)
        if self._open is not None:
            self._open.take(step, self._counts)
        self._counts |= {row.module: row.times for row in step.changed}
        if self._first is None:
            self._first, self._others = dict(self._counts), self._ledger.others
        self._row, self._at = step.id, step.uptime

    def _before(self) -> str:
        """What all of it was before, where nothing is known of when."""
        watched = self._recording.was_watched(self._boot)
        return "it was watched" if watched else "this text was made"

    def _grown(self) -> dict[str, int]:
        before = self._first or {}
        grown = {module: n - before.get(module, 0) for module, n in self._counts.items()}
        return {module: n for module, n in grown.items() if n > 0}

    def _storm(self, found: RecordedStorm, block: Block, upto: float, is_last: bool) -> Storm:
        """As far as it was known by then."""
        known = self._told.get(found.id)
        if known is not None and known[0] == found and found.ended <= upto:
            return known[1]
        if is_last:
            before, modules = self._last_storm(found, upto)
        else:
            before = None
            seen = spans(self._recording.store, found)
            modules = tuple(dict.fromkeys(span.module for span in seen))
        if found.ended <= upto:
            told = Storm(
                found.began, found.peak_at, found.ended, found.failures, found.wasted, modules
            )
            self._told[found.id] = found, told
            return told
        before = before or stats_before(self._recording.store, self._boot, found)
        failures = max(0, block.stats.failed_requests - before.failed_requests)
        gone = block.stats.virtual_mem_wasted_bytes - before.virtual_mem_wasted_bytes
        peak = found.peak_at if found.peak_at is not None and found.peak_at <= upto else None
        return Storm(found.began, peak, upto, failures, float(max(0, gone)), modules)

    def _last_storm(self, found: RecordedStorm, upto: float) -> tuple[ModuleStats, tuple[str, ...]]:
        """The counters before it, and its modules by then."""
        if self._open is None or self._open.id != found.id:
            store = self._recording.store
            before = stats_before(store, self._boot, found)
            seen = spans(store, found._replace(ended=min(upto, found.ended)))
            self._open = _OpenStorm(found.id, before, [span.module for span in seen])
        return self._open.before, tuple(self._open.modules)


class _OpenStorm:
    """One that is under way, of which not all is asked anew at each moment. `before`: the
    counters before it; `modules` in the order of their first failure in it."""

    def __init__(self, number: int, before: ModuleStats, modules: list[str]) -> None:
        self.id, self.before = number, before
        self.modules = dict.fromkeys(modules)

    def take(self, step: Step, counts: Mapping[str, int]) -> None:
        """A text more; `counts` are those of the modules before it. Modules that it is the first
        to show may have failed long ago: the next moment asks."""
        for row in step.changed:
            if row.module not in counts:
                self.id = -1
            elif row.times > counts[row.module]:
                self.modules[row.module] = None


def _grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {module: times - before.get(module, 0) for module, times in after.items()}
