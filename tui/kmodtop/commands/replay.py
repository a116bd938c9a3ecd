"""kmodtop replay: the live view over a boot of a recording, with time travel."""

import argparse

from kmodtop_core import units
from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.machine.facts import Machine
from kmodtop_core.machine.privileges import give_up
from kmodtop_core.opening.kinds import is_played
from kmodtop_core.opening.playing import choose_boot, open_played
from kmodtop_core.recording.tape import Tape
from kmodtop_core.sources.base import Means

from .. import __version__
from ..options import Reading, reading_of, writing_of
from ..process.screen import why_no_view
from ..session.channel import Channel
from ..session.time_travel import Travel
from ..view.view import Look, Situation, Source, View
from .elsewhere import opener_for
from .live import look_of, show
from .report import report_instead


def run(args: argparse.Namespace) -> int:
    """Plays the boot; without a terminal, sums the recording up as text."""
    name: str = args.source
    if not (why := why_no_view()):
        return play(name, args.boot, args.at, reading_of(args), look_of(args))
    if is_played(name, Machine()):  # what was asked for is looked at all the same
        recording = open_played(name, __version__)
        number = choose_boot(recording, args.boot, name)
        _moment(Tape(recording, recording.boots()[number - 1]), args.at, name)
        recording.close()
    return report_instead(why, [name], reading_of(args), writing_of(args), args.boot)


def play(name: str, boot: int | None, moment: str | None, reading: Reading, look: Look) -> int:
    """From the beginning, or from the time that was asked for; the last boot, or that one."""
    recording = open_played(name, __version__)
    number = choose_boot(recording, boot, name)
    at = _moment(Tape(recording, recording.boots()[number - 1]), moment, name)
    travel = Travel(recording)
    travel.play(number, at, reading.speed)
    assert travel.player is not None
    travel.player.paused = at is not None
    about = Source(name, Means.RECORDING, who=give_up(reading.user))
    view = View(Situation(about, deck=travel.deck()), look=look)
    channels = [Channel(about, None, travel)]
    return show(travel.player.frame, view, channels, opener=opener_for(reading))


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
        raise SourceError(Trouble("bad-time", str(error), subject=path), Exit.USAGE) from None
