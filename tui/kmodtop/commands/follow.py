"""kmodtop follow: one line a change, for pipes, serial lines and screen readers."""

import argparse
import sys

from kmodtop_core.jsontext import dumps
from kmodtop_core.machine.facts import Machine
from kmodtop_core.plain import to_ascii
from kmodtop_core.reports.follow import Follower, change_object, change_text
from kmodtop_core.sample import Events
from kmodtop_core.sources.turns import read_on
from kmodtop_core.tracking.tracker import Tracker

from ..options import reading_of, writing_of
from ..process.stopping import SignalStop
from ..view.theme import environ_at_start, glyphs_for
from .narration import DetourTold, refuse_nothing
from .opening import watched
from .privileges import connect, lower


def run(args: argparse.Namespace) -> int:
    """Prints changes until a signal, the end of the source, or enough of them."""
    reading, how = reading_of(args), writing_of(args)
    source = watched(args.source, reading, Machine())
    lower(source, reading.user)
    connect(source)
    stop, tracker, follower, told = SignalStop(), Tracker(), Follower(), 0
    plain = how.ascii or glyphs_for(environ_at_start()).dash == "-"
    detour = DetourTold(source)
    for item in read_on(source, stop):
        detour.look()
        if isinstance(item, Events):
            continue
        frame = tracker.observe(item)
        if not follower.is_news(frame):
            continue
        if how.format == "json":
            line = dumps(change_object(frame))
        else:
            line = change_text(frame, how.units)
            line = to_ascii(line) if plain else line
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        told += 1
        if told == args.count:
            break
    if not stop.code:
        refuse_nothing(tracker.latest, source.label)
    return stop.code
