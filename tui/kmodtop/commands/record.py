"""kmodtop record: a headless recorder, made for boot."""

import argparse
import os
import shlex
import sys

from kmodtop_core.diagnosis.storms import StormWatch
from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.machine.facts import STATS_PATH, Machine
from kmodtop_core.machine.gather import gather
from kmodtop_core.opening.playing import pieces_of
from kmodtop_core.recording.place import default_path
from kmodtop_core.recording.retrying import Sink
from kmodtop_core.sample import Events, Sample, Told
from kmodtop_core.sources.base import Means, Source
from kmodtop_core.sources.initramfs import early_samples
from kmodtop_core.sources.pacing import SLOWEST_S
from kmodtop_core.sources.turns import read_on

from .. import __version__
from ..options import given_of, reading_of
from ..process.stopping import SignalStop
from ..process.streams import say
from .evidence import more_pieces
from .install_hints import hints
from .narration import DetourTold, refuse_nothing
from .opening import watched
from .privileges import connect, lower


def run(args: argparse.Namespace) -> int:
    """Records until a signal, the end of the source, or of the duration."""
    if args.install_hints:
        sys.stdout.write(hints(Machine()))
        return Exit.DONE
    given = more_pieces(given_of(args))
    source = watched(args.source, reading_of(args), Machine(), SLOWEST_S)
    if args.user is not None:
        lower(source, args.user)
    connect(source)
    stop = SignalStop(args.duration)
    path = default_path() if args.output is None else args.output
    sink = Sink(path, __version__, say, Machine(), args.max_size, args.mode)
    say(f"records {source.label} into {sink.path}")
    try:
        cost = _record(source, sink, stop, args.duration)
        sink.keep(given)
    finally:
        sink.close()
    number = f"{sink.changes:,} change{'s' if sink.changes != 1 else ''}"
    say(f"{number} recorded in {sink.path}{cost}")
    if heard := getattr(source, "cost", ""):
        say(heard)
    if sink.lost:
        fix = "see why it could not be written"
        what = f"{sink.lost:,} readings are lost"
        raise SourceError(Trouble("readings-lost", what, fix, sink.path))
    if sink.changes:
        say(f"look at it with: kmodtop replay {shlex.quote(sink.path)}")
    if not stop.code:
        refuse_nothing(sink.latest, source.label)
    return stop.code


def _record(source: Source, sink: Sink, stop: SignalStop, duration: float | None) -> "_Cost":
    """For that many seconds of the source; what it cost."""
    cost, ends, ready = _Cost(), None, False
    machine = Machine()
    if source.label == STATS_PATH and not sink.has_boot(machine.host.boot_id):
        for sample in early_samples(machine):
            sink.write(sample)
    detour, storm = DetourTold(source), StormWatch()
    is_here = source.label == STATS_PATH or source.means is Means.TRACED
    evidence = _Evidence(sink, machine if is_here else None)
    for item in read_on(source, stop):
        detour.look()
        if ends is None and duration is not None:
            ends = item.at.uptime + duration
        cost.add(item)
        _keep(item, sink, storm)
        evidence.look(storm.over)
        if not ready:
            ready = True
            _tell_systemd()
        if ends is not None and item.at.uptime >= ends:
            break
    if told := storm.ended(is_over=False):
        say(told)
    evidence.take()
    if source.means is Means.SERIES and os.path.exists(source.label):
        sink.keep(pieces_of(source.label))
    return cost


def _keep(item: Told, sink: Sink, storm: StormWatch) -> None:
    """Writes it; says where a storm begins, or is over."""
    sink.write(item)
    if isinstance(item, Events) or sink.latest is None:
        return
    if told := storm.observe(sink.latest):
        say(told)


class _Evidence:
    """Evidence beside the texts, so that they can be explained elsewhere: taken after each storm,
    and at the end. `machine` is None where the texts are not of this one."""

    def __init__(self, sink: Sink, machine: Machine | None) -> None:
        self._sink, self._machine, self._storms = sink, machine, 0

    def look(self, storms: int) -> None:
        """Takes it when one storm more is over."""
        if storms > self._storms:
            self._storms = storms
            self.take()

    def take(self) -> None:
        """Once something was refused; before, there is nothing to be explained."""
        rows = self._sink.latest.rows if self._sink.latest is not None else ()
        if rows and self._machine is not None:
            self._sink.keep(gather(self._machine, [row.module for row in rows]))


class _Cost:
    """Time that reading took from the observed machine: the kernel's module mutex is held then."""

    def __init__(self) -> None:
        self._reads, self._seconds = 0, 0.0
        self._first: float | None = None
        self._last = 0.0

    def add(self, item: Told) -> None:
        """One reading more."""
        if isinstance(item, Sample) and item.read_s is not None:
            self._reads += 1
            self._seconds += item.read_s
            self._first = item.at.uptime if self._first is None else self._first
            self._last = item.at.uptime

    def __str__(self) -> str:
        if not self._reads:
            return ""
        each = self._seconds / self._reads
        span = self._last - (self._first or 0.0)
        share = f", {self._seconds / span:.3%} of the time" if span > 0 else ""
        return f"; {self._reads:,} readings took {1000 * each:.2f} ms each{share}"


def _tell_systemd() -> None:
    """The first reading is in: what is ordered after the unit may start (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    import socket  # only here: nobody else is notified

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        try:
            sock.sendto(b"READY=1", "\0" + address[1:] if address[0] == "@" else address)
        except OSError as error:
            say(f"systemd cannot be notified ({error.strerror})")
