"""Screens composed without a terminal."""

from dataclasses import replace
from typing import NamedTuple

from kmodtop.view.lines import cells, text_of
from kmodtop.view.panels.screen import screen
from kmodtop.view.scene import HostRow, Scene
from kmodtop.view.view import Deck, Situation, Source, View
from kmodtop_core.diagnosis.boot import BootCase
from kmodtop_core.diagnosis.case import case_of_text
from kmodtop_core.diagnosis.diagnose import diagnose
from kmodtop_core.diagnosis.evidence.pieces import NO_EVIDENCE
from kmodtop_core.opening.playing import open_played
from kmodtop_core.recording.reading import Storm
from kmodtop_core.sample import Instant, Sample
from kmodtop_core.sources.series import read_series
from kmodtop_core.tracking.frame import Frame
from kmodtop_core.tracking.history import History, Past
from kmodtop_core.tracking.tracker import Tracker
from support.samples import SAMPLES

LIVE = View(Situation(Source("/sys/kernel/debug/modules/stats", "polled", 0.2)))


class Seen(NamedTuple):
    """A frame, and a reader of what was before it."""

    frame: Frame | None
    past: Past


NOTHING = Seen(None, History())


def observed(items):
    tracker = Tracker()
    for item in items:
        frame = tracker.observe(item)
    return Seen(frame, tracker.history)


def storm(seconds=11.2):
    """A real boot of 32 CPUs, in the middle of its storm."""
    path = SAMPLES / "series/boot-udev-32cpu-noidem.jsonl"
    items = read_series(path.read_bytes(), str(path))
    return observed(i for i in items if i.at.uptime - items[0].at.uptime <= seconds)


def one(path):
    data = (SAMPLES / path).read_bytes()
    return observed([Sample(Instant(0), data), Sample(Instant(1), data)])


def scene(seen, view, **more):
    """Of what was seen; a recording's chart shows all of it."""
    frame = view.choice.frozen or seen.frame
    whole = seen.past if view.situation.deck else None
    return Scene(frame, seen.past, view, seen.frame, whole, **more)


def picture(seen, view, wide, high, **more):
    lines = screen(scene(seen, view, **more), wide, high)
    assert len(lines) == high
    assert all(cells(line) <= wide for line in lines)
    return "\n".join(text_of(line).rstrip() for line in lines) + "\n"


def answered(path, moment=1e9, view=LIVE):
    """The view with the answer to that source, as of that moment (seconds since boot)."""
    recording = open_played(str(SAMPLES / path), "0")
    case = BootCase(recording, recording.boots()[0]).at(moment, is_live=True)
    recording.close()
    return view.knowing(answer=diagnose(case))


def played(path, seconds=1e9):
    """What was seen of a source up to some seconds after its begin."""
    recording = open_played(str(SAMPLES / path), "0")
    items = list(recording.items(recording.boots()[0]))
    recording.close()
    return observed(i for i in items if i.at.uptime - items[0].at.uptime <= seconds)


def chosen(view, **fields):
    """The view with some fields of its choice, its situation and its look."""
    parts = {"deck": view.knowing, "demo": view.knowing, "glyphs": view.looking}
    parts |= {"theme": view.looking, "answer": view.knowing, "note": view.knowing}
    for name, value in fields.items():
        view = getattr(view, parts.get(name, view.choosing).__name__)(**{name: value})
    return view


def on(page, **choices):
    return chosen(LIVE.choosing(page=page), **choices)


def deck(**choices):
    storms = (
        Storm(1, 24.2, 30.6, 358, 10_400_000.0, 2_100_000.0, 26.0),
        Storm(2, 33.3, 40.8, 58, 56_500_000.0, 51_500_000.0, 33.4),
    )
    boots = ("2026-11-22 10:00  big 6.12  38 texts, 63.80 MiB wasted in storms", "another boot")
    return replace(
        Deck(17.6, 87.6, 28.8, paused=False, speed=2, storms=storms, boots=boots), **choices
    )


def row(name, seen, answer=None):
    return HostRow(name, seen.frame, past=seen.past, answer=answer)


def answer_of(seen):
    """What diagnosis says of one text."""
    if seen.frame is None or seen.frame.block is None:
        return None
    frame = seen.frame
    return diagnose(case_of_text(frame.block, frame.sample.host, frame.at, NO_EVIDENCE))


def static(path, **fields):
    """One text of a file, with its answer."""
    seen = one(path)
    view = chosen(LIVE, **fields)
    source = replace(view.situation.source, label=f"samples/{path}", means="watched")
    return seen, view.knowing(source=source, answer=answer_of(seen))
