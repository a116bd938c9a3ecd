"""A boot of a recording as a case, as of any moment; a live view is a recording in memory.

What was learnt of one moment is gone on with at the next, so that a live view pays for
what has come since, not for all that it has seen.
"""

from ..recording.growth import last_run, spans, stats_before, steps
from ..recording.index import STORM_PAUSE_S
from ..recording.reading import Boot, Kept, Recording
from ..recording.reading import Storm as RecordedStorm
from ..sample import Sample
from ..stats.block import Block, NoStatistics
from ..stats.parse import parse
from ..tracing.requests import Requests, Told
from .askers import TIMING_S, Match, heard, match
from .case import Case, counts_of, in_order, whole_table
from .evidence.pieces import SIMULATED, read_evidence
from .finding import Storm
from .ledger import Ledger
from .module_bytes import bytes_of
from .traced_bytes import traced_bytes

_ALWAYS = float("-inf")

_GRACE_S = 1.0
"""Seconds for which a storm of a recording is still one that is under way."""


class BootCase:
    """Of one boot. `pieces`: evidence beside what is recorded, which it goes before."""

    def __init__(
        self, recording: Recording, boot: Boot, pieces: dict[str, bytes] | None = None
    ) -> None:
        self._recording, self._boot = recording, boot
        kept = recording.evidence(boot)
        kept.pop(SIMULATED, None)  # whoever made the file is not believed that
        self.evidence = read_evidence(kept | (pieces or {}))
        self._told: dict[RecordedStorm, Storm] = {}
        self._requests = self.evidence.requests or Requests()
        self._requests.skip = self._requests.ended  # the same events may have been heard, too
        self._heard = 0
        self._begin(None)

    def _begin(self, run: int | None) -> None:
        self._run = run
        self._ledger = Ledger()
        self._first: dict[str, int] | None = None
        self._others = 0
        self._counts: dict[str, int] = {}
        self._row, self._at = 0, float("-inf")

    def at(
        self, upto: float = float("inf"), is_live: bool = False, is_replay: bool = False
    ) -> Case | None:
        """The case as of that moment (seconds since boot); None before the first text.

        `is_live`: the moment is now, or one that is played, so that a storm may be under way;
        `is_replay`: what comes later is recorded already.
        Raises SourceError.
        """
        kept = self._recording.last_sample(self._boot, upto, accepted=True)
        if kept is None or not isinstance(kept.item, Sample):
            return None
        block = self._block(kept.item, kept.id)
        self._follow(upto)
        until = min(upto, kept.until)
        recorded = self._recording.storms(self._boot)
        storms = tuple(self._storm(s, block, upto) for s in recorded if s.began <= upto)
        grown, evidence = self._grown(), self.evidence
        self._hear()
        told = self._requests.at(until)
        all_told = None if told is None else heard(told, self._match(told, block, until), grown)
        modules = traced_bytes(all_told, counts_of(block)) or bytes_of(
            self._ledger, block.stats, evidence.sizes, evidence.is_plain
        )
        quiet_s = upto - (storms[-1].ended or 0.0) if storms else STORM_PAUSE_S
        # Of a recording it is known that no more came.
        is_growing = is_live and quiet_s < (_GRACE_S if is_replay else STORM_PAUSE_S)
        return Case(
            block=block,
            host=self._boot.as_host(),
            at=kept.look(until).at,
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

    def _hear(self) -> None:
        """What has been heard since the last time."""
        for row, events in self._recording.heard(self._boot, self._heard):
            self._heard = row
            self._requests.hear(events.piece, events.data)

    def _match(self, told: Told, block: Block, until: float) -> Match | None:
        """The duplicates that were told against the growth of the table in the same span."""
        if not told.failed:
            return None
        rows = whole_table(block)
        if rows is None:
            return match(told, None, _ALWAYS, until)
        texts, _ = self._recording.counts(self._boot)
        # Of one text alone nobody knows when it was read.
        timing = TIMING_S if texts > 1 else 0.0
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

    def _follow(self, upto: float) -> None:
        """The texts up to that moment; from the beginning where it lies before the last one."""
        store = self._recording.store
        run = last_run(store, self._boot, upto)
        if run != self._run or upto < self._at:
            self._begin(run)
        if run is None:
            return
        for step in steps(store, self._boot, run, upto, self._row):
            self._ledger.observe(step.stats, step.changed)
            self._counts |= {row.module: row.times for row in step.changed}
            if self._first is None:
                self._first, self._others = dict(self._counts), self._ledger.others
            self._row, self._at = step.id, step.uptime

    def _before(self) -> str:
        """What all of it was before, where nothing is known of when."""
        texts, until = self._recording.counts(self._boot)
        watched = texts > 1 or until > self._boot.uptime
        return "it was watched" if watched else "this text was made"

    def _grown(self) -> dict[str, int]:
        before = self._first or {}
        grown = {module: n - before.get(module, 0) for module, n in self._counts.items()}
        return {module: n for module, n in grown.items() if n > 0}

    def _storm(self, found: RecordedStorm, block: Block, upto: float) -> Storm:
        """As far as it was known by then."""
        store = self._recording.store
        if found.ended <= upto:
            if found not in self._told:
                modules = tuple(span.module for span in spans(store, found))
                self._told[found] = Storm(
                    found.began, found.peak_at, found.ended, found.failures, found.wasted, modules
                )
            return self._told[found]
        before = stats_before(store, self._boot, found)
        failures = max(0, block.stats.failed_requests - before.failed_requests)
        gone = block.stats.virtual_mem_wasted_bytes - before.virtual_mem_wasted_bytes
        peak = found.peak_at if found.peak_at is not None and found.peak_at <= upto else None
        modules = tuple(span.module for span in spans(store, found._replace(ended=upto)))
        return Storm(found.began, peak, upto, failures, float(max(0, gone)), modules)


def _grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {module: times - before.get(module, 0) for module, times in after.items()}
