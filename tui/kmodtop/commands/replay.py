"""kmodtop replay: the live view over a boot of a recording, with time travel."""

import argparse

from kmodtop_core import units
from kmodtop_core.errors import SourceError, Trouble
from kmodtop_core.machine.privileges import give_up
from kmodtop_core.opening import choose_boot, is_played, open_played
from kmodtop_core.recording.tape import Tape
from kmodtop_core.sources.base import Pace

from .. import __version__
from ..process.streams import is_terminal
from ..session.channel import Channel
from ..session.time_travel import Travel
from .live import show, view_of
from .report import report_instead


def run(args: argparse.Namespace) -> int:
    """Plays the boot; without a terminal, tells of the recording as text."""
    if is_terminal(1):
        return play(args)
    if is_played(args.source):  # what was asked for is looked at all the same
        recording = open_played(args.source, __version__)
        number = choose_boot(recording, args.boot, args.source)
        _moment(Tape(recording, recording.boots()[number - 1]), args.at, args.source)
        recording.close()
    return report_instead(args, [args.source])


def play(args: argparse.Namespace) -> int:
    """From the beginning, or from the time that was asked for."""
    recording = open_played(args.source, __version__)
    number = choose_boot(recording, getattr(args, "boot", None), args.source)
    tape = Tape(recording, recording.boots()[number - 1])
    at = _moment(tape, getattr(args, "at", None), args.source)
    travel = Travel(recording)
    travel.play(number, at, args.speed)
    assert travel.player is not None
    travel.player.paused = at is not None
    view = view_of(args.source, Pace.RECORDING, args, give_up(args.user))
    view = view.knowing(deck=travel.deck())
    return show(travel.player.frame, view, [Channel(view.situation.source, None, travel)])


def _moment(tape: Tape, text: str | None, path: str) -> float | None:
    """Seconds since boot. Raises SourceError for what is no time."""
    if text is None:
        return None
    kept = tape.in_force(tape.end)
    wall = kept.item.at.wall if kept else None
    base = kept.item.at.uptime if kept else 0.0
    try:
        return units.moment(text, base, wall)
    except ValueError as error:
        raise SourceError(Trouble("bad-time", str(error), subject=path), 2) from None
