"""Screens composed without a terminal."""

from dataclasses import replace
from typing import NamedTuple

from kmodtop.view.lines import cells, text_of
from kmodtop.view.panels.layout import screen
from kmodtop.view.panels.overview import HostRow
from kmodtop.view.view import Deck, Situation, Source, View
from kmodtop_core.diagnosis.boot import BootCase
from kmodtop_core.diagnosis.diagnose import diagnose
from kmodtop_core.opening.playing import open_played
from kmodtop_core.sample import Instant, Sample
from kmodtop_core.sources.series import read_series
from kmodtop_core.tracking.frame import Frame
from kmodtop_core.tracking.history import History, Past
from kmodtop_core.tracking.tracker import Tracker
from support.samples import SAMPLES

LIVE = View(Situation(Source("/sys/kernel/debug/modules/stats", "polled")))


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


def picture(seen, view, wide, high):
    lines = screen(*seen, view, wide, high)
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
    for name, value in fields.items():
        view = getattr(view, parts.get(name, view.choosing).__name__)(**{name: value})
    return view


def on(page, **choices):
    return chosen(LIVE.choosing(page=page), **choices)


def deck(**choices):
    growth = tuple(max(0, 9 - abs(part - 40)) for part in range(160))
    boots = ("2026-11-22 10:00  big 6.12  38 texts, 63.80 MiB wasted in storms", "another boot")
    return replace(
        Deck(17.6, 87.6, 28.8, paused=False, speed=2, growth=growth, boots=boots), **choices
    )


def row(name, seen):
    return HostRow(name, seen.frame, past=seen.past)
