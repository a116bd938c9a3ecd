"""kmodtop check: fails when a limit is exceeded, in the formats of those who run tests."""

import argparse
from contextlib import closing

from kmodtop_core.diagnosis.boot import BootCase
from kmodtop_core.diagnosis.diagnose import diagnose
from kmodtop_core.diagnosis.finding import Answer
from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.machine.facts import STATS_PATH, Machine
from kmodtop_core.machine.gather import gather
from kmodtop_core.machine.privileges import give_up
from kmodtop_core.opening.choosing import choose
from kmodtop_core.opening.kinds import PLAYED, Kind, kind_of
from kmodtop_core.opening.playing import choose_boot, open_played
from kmodtop_core.opening.reading import read_now
from kmodtop_core.recording.reading import Boot, Recording
from kmodtop_core.recording.recorder import in_memory
from kmodtop_core.reports.check import Limits, Status, exit_status, judged, unjudged
from kmodtop_core.reports.check_formats import FORMATS, Checked, worst
from kmodtop_core.reports.report import Snapshot, snapshots
from kmodtop_core.sources.turns import read_on
from kmodtop_core.stats.block import NoStatistics

from .. import __version__
from ..options import Reading, reading_of, writing_of
from ..process.signals import Ended, unwinding
from ..process.stopping import SignalStop
from .narration import refuse_nothing
from .opening import watched
from .output import deliver
from .privileges import connect, lower

_ONCE = (Kind.STDIN, Kind.SIMULATED)
"""Sources that give one text, and never another."""


def run(args: argparse.Namespace) -> int:
    """Prints the cases; 1 when a limit is exceeded, 3 when something cannot be judged."""
    limits = Limits(args.max_wasted, args.max_failures, args.max_duplicates, args.max_rate)
    how, reading = writing_of(args, args.source), reading_of(args)
    source = args.source or STATS_PATH
    try:
        found = [
            _checked(recording, args.boot, source, limits, how.units)
            for recording in _recorded(args.source, reading, limits)
        ]
    except NoStatistics as none:
        return _unread(none.error("standard input" if source == "-" else source), limits, args)
    except SourceError as error:
        return _unread(error, limits, args)
    checked = worst(found)
    deliver(FORMATS[how.format or "text"](checked), how)
    return exit_status(checked.cases)


def _checked(
    recording: Recording, number: int | None, source: str, limits: Limits, units: str
) -> Checked:
    """A boot of a recording, which is closed. Raises SourceError and NoStatistics."""
    with closing(recording):
        boots = recording.boots()
        if not boots:
            raise NoStatistics("holds no module statistics", "take another source")
        boot = boots[choose_boot(recording, number, source) - 1]
        cases = judged(recording, boot, limits, units)
        is_bad = any(case.status is Status.FAILED for case in cases)
        answer = _answer(recording, boot, units) if is_bad else None
        return Checked(source, boot.kernel, cases, answer)


def _unread(error: SourceError, limits: Limits, args: argparse.Namespace) -> int:
    """What cannot be read is told in the format, too: whoever reads that sees no stderr."""
    if error.status == Exit.USAGE:
        raise error
    if args.format != "text":
        checked = Checked(args.source or STATS_PATH, None, unjudged(error.why, limits))
        deliver(FORMATS[args.format](checked), writing_of(args, args.source))
    raise error


def _recorded(name: str | None, reading: Reading, limits: Limits) -> list[Recording]:
    """The source as a recording: what it has, or what it gives within an interval where growth
    has to be seen; one for each text of several. Raises SourceError and NoStatistics."""
    machine = Machine()
    if name is None:
        name, _ = choose(None, reading.way, machine)
    kind = kind_of(name, machine)
    if name is not None and kind in PLAYED:
        return [open_played(name, __version__)]
    sees_growth = limits.rate is not None or not any(limit is not None for limit in limits)
    if kind in _ONCE and sees_growth:
        fix = "name a recording, or set --max-wasted, --max-failures or --max-duplicates"
        what = "is one text, which does not tell whether anything grows"
        label = "standard input" if name == "-" else str(name)
        raise SourceError(Trouble("one-text", what, fix, label), Exit.USAGE)
    if sees_growth or kind is Kind.TRACED:
        return [_watched(name, reading, machine)]
    if reading.user is not None:
        give_up(reading.user)
    with unwinding():
        samples = read_now(name, machine, reading.risk_panic, reading.sudo, kind)
    return [_recording_of(snapshot) for snapshot in snapshots(name or STATS_PATH, samples)]


def _recording_of(snapshot: Snapshot) -> Recording:
    """One text; of several each has one of its own, as they need not be of one boot."""
    sample, block, recorder = snapshot.sample, snapshot.block, in_memory(__version__)
    is_one = snapshot.number is None
    text = sample.text if is_one else sample.text[block.start : block.end]
    recorder.write(sample._replace(text=text))
    return recorder.recording


def _watched(name: str | None, reading: Reading, machine: Machine) -> Recording:
    source = watched(name, reading, machine)
    if reading.user is not None:
        lower(source, reading.user)
    connect(source)
    recorder, ends = in_memory(__version__), None
    stop = SignalStop(reading.interval + 30.0)
    for item in read_on(source, stop):
        ends = item.at.uptime + reading.interval if ends is None else ends
        recorder.write(item)
        if item.at.uptime >= ends - 1e-3 and recorder.tracker.latest is not None:
            break
    if stop.number:
        raise Ended(stop.number)
    recorder.note_stay()
    refuse_nothing(recorder.tracker.latest, source.label)
    return recorder.recording


def _answer(recording: Recording, boot: Boot, units: str) -> Answer | None:
    """Who is to blame: with this machine's evidence, where it is this boot of it."""
    machine, pieces = Machine(), None
    if boot.boot_id is not None and boot.boot_id == machine.host.boot_id:
        last = BootCase(recording, boot).at()
        rows = [row.module for row in last.rows] if last else []
        pieces = gather(machine, rows) if rows else None
    case = BootCase(recording, boot, pieces).at()
    return diagnose(case, units) if case is not None else None
