"""What the HTML page draws: a boot's waste over time, its storms, its modules."""

from typing import NamedTuple

from ..diagnosis.finding import Answer
from ..recording.growth import spans
from ..recording.reading import Boot, Recording, Storm
from ..recording.tape import Tape
from .drawing import Lane, Mark, Moment

_POINTS = 200
_STORM_POINTS = 120
_MOST_STORMS = 4
_MOST_LANES = 60
_ALL_LANES = 160
"""Modules that are drawn in a panel, and in all of them, so that the page stays small."""
_EARLY, _LATE = 2, 3
"""Places of the stages becoming and load among a past's values."""


class Panel(NamedTuple):
    """A storm by itself. `left_out`: modules beyond those that are drawn."""

    number: int
    storm: Storm
    moments: list[Moment]
    lanes: list[Lane]
    left_out: int


class Page(NamedTuple):
    """All drawings of a boot."""

    moments: list[Moment]
    marks: list[Mark]
    panels: list[Panel]
    storms: int


def page_of(recording: Recording, number: int, answer: Answer) -> Page:
    """Of the boot of that number, from 1. Raises SourceError."""
    boot = recording.boots()[number - 1]
    tape = Tape(recording, boot)
    storms = recording.storms(boot)
    chosen = sorted(storms, key=lambda s: -s.wasted)[:_MOST_STORMS]
    most = min(_MOST_LANES, _ALL_LANES // max(1, len(chosen)))
    marks = [Mark(at, name) for name, at in answer.milestones]
    marks += [Mark(s.began, f"storm {n}") for n, s in enumerate(storms, 1) if s in chosen]
    return Page(
        _moments(tape, tape.begin, tape.end, _POINTS),
        marks,
        [
            _panel(recording, boot, n, s, answer, most)
            for n, s in enumerate(storms, 1)
            if s in chosen
        ],
        len(storms),
    )


def _moments(tape: Tape, begin: float, end: float, points: int) -> list[Moment]:
    """Evenly spaced; seconds since boot."""
    span = max(end - begin, 0.001)
    at = [begin + span * n / points for n in range(points + 1)]
    past = tape.past()
    past.add(tape.line(tape.end), None)
    values = past.at([tape.line(moment) for moment in at])
    return [
        Moment(moment, None, None) if value is None else Moment(moment, value[_EARLY], value[_LATE])
        for moment, value in zip(at, values, strict=True)
    ]


def _panel(
    recording: Recording, boot: Boot, number: int, storm: Storm, answer: Answer, most: int
) -> Panel:
    tape = Tape(recording, boot)
    margin = max(0.05, (storm.ended - storm.began) * 0.03)
    begin, end = max(tape.begin, storm.began - margin), min(tape.end, storm.ended + margin)
    wasted = {e.modules[0]: e.bytes for e in answer.modules if len(e.modules) == 1}
    found = spans(recording.store, storm)
    only = len(recording.storms(boot)) == 1
    lanes = [
        Lane(s.module, s.first, s.last, s.times, wasted.get(s.module) if only else None)
        for s in found[:most]
    ]
    moments = _moments(tape, begin, end, _STORM_POINTS)
    return Panel(number, storm, moments, lanes, len(found) - len(lanes))
