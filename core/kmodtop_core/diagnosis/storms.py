"""Storms as they happen: when failures begin to grow, and when they have stopped.

A storm is over once nothing has failed for ten seconds; the index of a recording
has the same storms (table `storm`).
"""

from .. import units
from ..plain import harmless
from ..recording.index import STORM_PAUSE_S
from ..stats.values import STAGES
from ..tracking.frame import Frame

_MOST_MODULES = 4


class StormWatch:
    """Follows frames; tells in a sentence when a storm begins and when it is over.

    `over`: how many have ended.
    """

    def __init__(self) -> None:
        self._began: float | None = None
        self._grew = 0.0
        self._failures = 0
        self._bytes = 0
        self._modules: dict[str, int] = {}
        self.over = 0

    def observe(self, frame: Frame) -> str:
        """What to report of this frame; mostly nothing."""
        deltas = frame.change.deltas
        failures = sum(max(0, deltas.get(stage.failures, 0)) for stage in STAGES)
        told = self.ended() if self._is_over(frame) else ""
        if not failures:
            return told
        if self._began is None:
            self._began, self._failures, self._bytes = frame.at.uptime, 0, 0
            self._modules = {}
            told = f"a storm of failures began {frame.at.uptime:,.1f} s after boot"
        self._grew = frame.at.uptime
        self._failures += failures
        self._bytes += sum(max(0, deltas.get(stage.bytes, 0)) for stage in STAGES)
        for row in frame.rows:
            if row.delta > 0:
                self._modules[row.module] = self._modules.get(row.module, 0) + row.delta
        return told

    def _is_over(self, frame: Frame) -> bool:
        at = frame.at.uptime
        return self._began is not None and (at - self._grew > STORM_PAUSE_S or at < self._grew)

    def ended(self, is_over: bool = True) -> str:
        """What the storm came to, if there is one; or what it has come to by now."""
        if self._began is None:
            return ""
        most = sorted(self._modules.items(), key=lambda entry: -entry[1])
        names = ", ".join(f"{harmless(n)} {units.count(c)}" for n, c in most[:_MOST_MODULES])
        more = f" and {len(most) - _MOST_MODULES} more" if len(most) > _MOST_MODULES else ""
        span = units.span(self._grew - self._began)
        how = "is over" if is_over else "had not ended when the recording did"
        told = (
            f"the storm {how}, {self._grew:,.1f} s after boot: {units.count(self._failures)}"
            f" failed requests, {units.size(self._bytes)} wasted within {span}"
        )
        self._began = None
        self.over += 1
        return f"{told}; {names}{more}" if names else told
