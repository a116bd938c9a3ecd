"""Drawings of a boot as SVG: waste over time, and which module failed when.

In the manner of `systemd-analyze plot`. Sizes in user units; colours come from classes, so
that the page decides on light and dark.
"""

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from .. import units
from ..plain import clip, harmless

WIDE = 960
LEFT = 190
"""Units for the names of modules, left of the time."""

_RIGHT = 90
_CURVE_HIGH = 120
_LANE_HIGH = 16
_HEAD_HIGH = 24
_LONGEST_NAME = 28
_TICKS = 8


class Moment(NamedTuple):
    """Waste by then: bytes at becoming and at load, in all; None of both is a gap."""

    at: float
    early: float | None
    late: float | None


class Lane(NamedTuple):
    """A module: when it failed first and last (seconds), how often, bytes if known."""

    module: str
    first: float
    last: float
    times: int
    wasted: int | None


class Mark(NamedTuple):
    """Something that was reached: a milestone, or the begin of a storm."""

    at: float
    text: str


def ticks(begin: float, end: float) -> list[float]:
    """Round moments between the two, some eight."""
    span = end - begin
    if span <= 0:
        return [begin]
    raw = span / _TICKS
    base = 10.0 ** math.floor(math.log10(raw))
    step = next((base * f for f in (1, 2, 5) if base * f >= raw), base * 10)
    first = math.ceil(begin / step - 1e-9)
    return [n * step for n in range(first, int(end / step + 1e-9) + 1)]


class _Axis:
    def __init__(self, begin: float, end: float) -> None:
        self.begin, self.end = begin, max(end, begin + 0.001)

    def x(self, at: float) -> float:
        share = (min(max(at, self.begin), self.end) - self.begin) / (self.end - self.begin)
        return round(LEFT + share * (WIDE - LEFT - _RIGHT), 1)


def timeline(
    moments: Sequence[Moment], lanes: Sequence[Lane], marks: Sequence[Mark], how: str, title: str
) -> str:
    """Waste over time above, a lane a module below, one axis for both."""
    if not moments:
        return ""
    axis = _Axis(moments[0].at, moments[-1].at)
    high = _HEAD_HIGH + _CURVE_HIGH + 30 + _LANE_HIGH * len(lanes) + 8
    parts = [
        f'<svg viewBox="0 0 {WIDE} {high}" role="img" aria-label="{_text(title)}">',
        *_grid(axis, high),
        *_curve(axis, moments, how),
        *_marks(axis, marks, high),
        *(p for n, lane in enumerate(lanes) for p in _lane(axis, lane, n, how)),
        "</svg>",
    ]
    return "\n".join(parts)


def _text(text: str) -> str:
    return escape(harmless(text), quote=True)


def _middle(module: str) -> str:
    """A name that fits; of a long one both ends, as they tell modules apart."""
    name = harmless(module)
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 11]}…{name[-10:]}"


def _grid(axis: _Axis, high: int) -> Iterator[str]:
    bottom = _HEAD_HIGH + _CURVE_HIGH
    steps = ticks(axis.begin, axis.end)
    digits = 0 if len(steps) < 2 or steps[1] - steps[0] >= 1 else 1
    if len(steps) > 1 and steps[1] - steps[0] < 0.1:
        digits = 3
    for at in steps:
        x = axis.x(at)
        yield f'<line class="g" x1="{x}" x2="{x}" y1="{_HEAD_HIGH}" y2="{high - 8}"/>'
        told = f"{at:,.{digits}f} s"
        yield f'<text class="q" x="{x}" y="{bottom + 14}" text-anchor="middle">{told}</text>'


def _curve(axis: _Axis, moments: Sequence[Moment], how: str) -> Iterator[str]:
    """Two areas, one on the other: becoming below, load above."""
    known = [m for m in moments if m.early is not None and m.late is not None]
    top = max(((m.early or 0) + (m.late or 0) for m in known), default=0.0)
    floor = _HEAD_HIGH + _CURVE_HIGH

    def y(value: float) -> float:
        return round(floor - (value / top if top else 0) * (_CURVE_HIGH - 14), 1)

    for run in _runs(moments):
        base = [f"{axis.x(m.at)},{floor}" for m in (run[-1], run[0])]
        early = [f"{axis.x(m.at)},{y(m.early or 0)}" for m in run]
        both = [f"{axis.x(m.at)},{y((m.early or 0) + (m.late or 0))}" for m in run]
        yield f'<polygon class="l" points="{" ".join((*both, *reversed(early)))}"/>'
        yield f'<polygon class="b" points="{" ".join((*early, *base))}"/>'
    yield f'<line class="a" x1="{LEFT}" x2="{WIDE - _RIGHT}" y1="{floor}" y2="{floor}"/>'
    if top:
        yield (
            f'<text class="q" x="{LEFT - 6}" y="{y(top) + 4}" text-anchor="end">'
            f"{units.size(top, how)}</text>"
        )
    yield f'<text class="q" x="{LEFT - 6}" y="{floor + 2}" text-anchor="end">0</text>'


def _runs(moments: Sequence[Moment]) -> Iterator[list[Moment]]:
    """Stretches without a gap."""
    run: list[Moment] = []
    for moment in moments:
        if moment.early is None or moment.late is None:
            if len(run) > 1:
                yield run
            run = []
        else:
            run.append(moment)
    if len(run) > 1:
        yield run


def _marks(axis: _Axis, marks: Sequence[Mark], high: int) -> Iterator[str]:
    taken = -1e9
    for mark in sorted(marks):
        if not axis.begin <= mark.at <= axis.end:
            continue
        x = axis.x(mark.at)
        yield f'<line class="m" x1="{x}" x2="{x}" y1="14" y2="{high - 8}"/>'
        if x - taken > 110:
            told = _text(clip(harmless(mark.text), 22))
            yield f'<text class="n" x="{x + 3}" y="12">{told}</text>'
            taken = x


def _lane(axis: _Axis, lane: Lane, number: int, how: str) -> Iterator[str]:
    top = _HEAD_HIGH + _CURVE_HIGH + 28 + number * _LANE_HIGH
    x, end = axis.x(lane.first), axis.x(lane.last)
    name = _text(_middle(lane.module))
    told = f"{units.count(lane.times)}×"
    if lane.wasted:
        told += f" {units.size(lane.wasted, how)}"
    yield f'<text x="{LEFT - 6}" y="{top + 11}" text-anchor="end">{name}</text>'
    yield (
        f'<rect class="s" x="{x}" y="{top + 3}" width="{max(2.0, round(end - x, 1))}" height="10"/>'
    )
    yield f'<text class="q" x="{max(x + 2, end) + 4}" y="{top + 11}">{told}</text>'


def order_bars(rows: Sequence[tuple[str, int]]) -> str:
    """How often each module failed, in the order of their first failure: one text has no times."""
    most = max((times for _, times in rows), default=0)
    if not most:
        return ""
    high = _LANE_HIGH * len(rows) + 8
    parts = [f'<svg viewBox="0 0 {WIDE} {high}" role="img" aria-label="first failures in order">']
    for number, (module, times) in enumerate(rows):
        top = number * _LANE_HIGH
        wide = max(2, round((WIDE - LEFT - _RIGHT) * times / most, 1))
        name = _text(_middle(module))
        parts.append(f'<text x="{LEFT - 6}" y="{top + 12}" text-anchor="end">{name}</text>')
        parts.append(f'<rect class="s" x="{LEFT}" y="{top + 4}" width="{wide}" height="10"/>')
        parts.append(
            f'<text class="q" x="{LEFT + wide + 4}" y="{top + 12}">{units.count(times)}</text>'
        )
    return "\n".join((*parts, "</svg>"))
