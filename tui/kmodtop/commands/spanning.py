"""A report of what happens from now on, for so many seconds."""

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.machine.facts import STATS_PATH, Machine
from kmodtop_core.machine.gather import gather
from kmodtop_core.opening.kinds import PLAYED, kind_of
from kmodtop_core.recording.recorder import Recorder, in_memory
from kmodtop_core.sources.base import Source
from kmodtop_core.sources.turns import read_on

from .. import __version__
from ..options import Reading, Writing
from ..process.stopping import SignalStop
from ..process.streams import say
from .narration import refuse_nothing
from .opening import watched
from .privileges import connect, lower
from .summing import of_recording

if TYPE_CHECKING:
    from .exposing import Exposed


def refuse_no_span(reading: Reading) -> None:
    """Raises SourceError where nobody said how long to watch: what is traced begins with now."""
    if reading.span is None:
        what = "begin with the present moment, so that there is nothing to report yet"
        fix = "say for how many seconds to watch: --for 60"
        raise SourceError(Trouble("no-span", what, fix, "tracing and --blame"), Exit.USAGE)


_PACE_S = 0.1
"""Seconds between readings while something moves, as a recorder has it."""


def of_span(name: str | None, reading: Reading, how: Writing) -> "Iterator[str | Exposed]":
    """Watches the source for `reading.span` seconds, or until a signal, and sums it up."""
    machine = Machine()
    if kind_of(name, machine) in PLAYED:
        what = "is played, not watched: what happened in it has happened"
        raise SourceError(Trouble("played", what, "leave out --for", name or ""), Exit.USAGE)
    source = watched(name, reading._replace(interval=_PACE_S), machine, slowest=1.0)
    if reading.user is not None:
        lower(source, reading.user)
    connect(source)
    recorder = in_memory(__version__)
    _watch(source, recorder, reading.span or 0.0)
    latest = recorder.tracker.latest
    refuse_nothing(latest, source.label)
    if latest is not None and latest.rows and latest.sample and latest.sample.host.boot_id:
        recorder.keep(gather(machine, [row.module for row in latest.rows]))
    recorder.note_stay()
    label = name or source.label or STATS_PATH
    yield from of_recording(label, recorder.recording, how, None)


def _watch(source: Source, recorder: Recorder, span: float) -> None:
    stop, ends = SignalStop(span), None
    for item in read_on(source, stop):
        ends = item.at.uptime + span if ends is None else ends
        try:
            recorder.write(item)
        except (SourceError, sqlite3.Error) as error:
            say(str(error))
        if item.at.uptime >= ends:
            break
