"""Changes as lines: for pipes, serial consoles and screen readers, or as JSON.

The JSON keys are a contract: kmodtop.change/1.
"""

from typing import Any

from .. import units
from ..plain import harmless
from ..stats.values import STAGES
from ..tracking.frame import DOUBTFUL, Event, Frame
from .report import wasted

_MOST_MODULES = 6
"""Growing modules that a line of text names."""


class Follower:
    """Tells of each frame whether it is worth a line."""

    def __init__(self) -> None:
        self._told: object = None

    def is_news(self, frame: Frame) -> bool:
        """Whether something happened that was not told yet."""
        if frame.event is Event.SAME:
            return False
        if frame.event is not Event.GAP:
            self._told = None
            return True
        assert frame.gap is not None
        again = self._told == frame.gap.why or frame.gap.why == DOUBTFUL
        if frame.gap.why.code in ("waiting", "simulating"):
            return False  # it has only just begun
        self._told = frame.gap.why
        return not again


def change_object(frame: Frame) -> dict[str, Any]:
    """One change; what is not known is None."""
    at, block = frame.at, frame.block
    lost = sum(frame.change.deltas.get(stage.bytes, 0) for stage in STAGES)
    total = None if block is None else wasted(block)
    found: dict[str, Any] = {
        "schema": "kmodtop.change/1",
        "at": None if at.wall is None else units.rfc3339(at.wall),
        "uptime_s": round(at.uptime, 3),
        "delta_s": None if frame.delta_s is None else round(frame.delta_s, 3),
        "counters": {} if block is None else {
            name: {"value": block.stats.counter(name), "delta": delta}
            for name, delta in frame.change.deltas.items()
        },
        "virtual_mem_wasted_bytes": {
            "value": total,
            "delta": lost if _is_step(frame) else None,
            "rate": None if frame.wasted_rate is None else round(frame.wasted_rate, 3),
        },
        "growing": [
            {"module": row.module, "count": row.count, "delta": row.delta,
             "reasons": row.reason.names}
            for row in frame.rows if row.delta > 0
        ],
        "event": frame.event,
    }  # fmt: skip
    if frame.event is Event.GAP and frame.gap:
        found |= {"code": frame.gap.why.code, "message": frame.gap.why.sentence}
    return found


def _is_step(frame: Frame) -> bool:
    """Whether the frame is compared with the one before."""
    return frame.event in (Event.CHANGE, Event.BACK)


def change_text(frame: Frame, how: str = "iec") -> str:
    """One line, without an end."""
    at = frame.at
    when = f"{at.uptime:.1f} s" if at.wall is None else units.clock(at.wall)
    return f"{when}  {_what(frame, how)}"


def _what(frame: Frame, how: str) -> str:
    if frame.event is Event.GAP and frame.gap:
        return f"no data: {frame.gap.why.sentence}"
    block = frame.block
    assert block is not None
    total = wasted(block)
    amount = "?" if total is None else units.size(total, how)
    failed = units.count(block.stats.failed_requests)
    begun = {Event.FIRST: "now ", Event.RESET: "a new boot: ", Event.BACK: "data again: "}
    head = f"{begun.get(frame.event, '')}{amount} wasted"
    if not _is_step(frame):
        return f"{head}, {failed} failed, {units.count(block.stats.modcount)} loads"
    lost = sum(frame.change.deltas.get(stage.bytes, 0) for stage in STAGES)
    more = sum(frame.change.deltas.get(stage.failures, 0) for stage in STAGES)
    speed = f", {units.rate(frame.wasted_rate, how)}" if frame.wasted_rate else ""
    text = f"{head} ({_plus(lost, how)}{speed}), {failed} failed ({more:+,})"
    loaded = frame.change.deltas.get("modcount", 0)
    if loaded:
        text += f", {units.count(block.stats.modcount)} loads ({loaded:+,})"
    grown = sorted((row for row in frame.rows if row.delta > 0), key=lambda row: -row.delta)
    named = [f"{harmless(row.module)} +{units.count(row.delta)}" for row in grown[:_MOST_MODULES]]
    if len(grown) > _MOST_MODULES:
        named.append(f"{len(grown) - _MOST_MODULES} more")
    return f"{text}: {', '.join(named)}" if named else text


def _plus(value: int, how: str) -> str:
    return f"{'+' if value >= 0 else ''}{units.size(value, how)}"
