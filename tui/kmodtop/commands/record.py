"""kmodtop record: a headless recorder, made for boot."""

import argparse
import errno
import os
import shutil
import signal
import sqlite3
import sys
import threading
from collections import deque
from types import FrameType

from kmodtop_core.machine import Machine
from kmodtop_core.plain import harmless
from kmodtop_core.recorder import Recorder, default_folder
from kmodtop_core.sample import Item, SourceError, Why
from kmodtop_core.sources.base import Source
from kmodtop_core.sources.opening import is_polled, open_source
from kmodtop_core.sources.polled import PolledFile

from .. import __version__

SLOWEST_S = 2.0
"""Seconds between readings at most, while nothing moves."""

_TAIL = 20_000
"""Items that are kept in memory while the disk takes none."""


def run(args: argparse.Namespace) -> int:
    """Records until a signal, the end of the source, or of the duration."""
    if args.install_hints:
        sys.stdout.write(hints(Machine()))
        return 0
    stop = _Stop()
    sink = _Sink(args.output or _default_path(), Machine())
    source = _source(args, Machine())
    sys.stderr.write(f"kmodtop: records {harmless(source.label)} into {harmless(sink.path)}\n")
    try:
        changes = _record(source, sink, stop, args)
    finally:
        sink.close()
    sys.stderr.write(f"kmodtop: {changes} changes recorded in {harmless(sink.path)}\n")
    return 128 + stop.number if stop.number else 0


class _Sink:
    """A recording, and what it has not taken yet: while the disk is full, or still read-only.

    Raises SourceError at once for a place that will never be writable.
    """

    def __init__(self, path: str, machine: Machine) -> None:
        self.path, self._cmdline = path, machine.read("/proc/cmdline")
        self._waiting: deque[Item] = deque(maxlen=_TAIL)
        self._recorder: Recorder | None = None
        self._told = False
        self._open()

    def _open(self) -> Recorder | None:
        if self._recorder is None:
            try:
                self._make_folder()
                self._recorder = Recorder(self.path, __version__, self._cmdline)
            except SourceError as error:
                if error.why.code != "read-only":
                    raise
                self._tell(error.why.sentence)
        return self._recorder

    def _make_folder(self) -> None:
        """Of the default place only: elsewhere a missing folder is a mistake."""
        if os.path.dirname(self.path) == _default_folder():
            try:
                os.makedirs(_default_folder(), mode=0o755, exist_ok=True)
            except OSError as error:
                code = "read-only" if error.errno == errno.EROFS else "unwritable"
                why = f"{harmless(self.path)}: can't be made ({error.strerror}); use -o"
                raise SourceError(Why(code, why)) from None

    def write(self, item: Item) -> int:
        """Writes the item after all that waits; returns the number of changes written."""
        self._waiting.append(item)
        changes = 0
        recorder = self._open()
        try:
            while recorder is not None and self._waiting:
                changes += recorder.write(self._waiting[0])
                self._waiting.popleft()
        except sqlite3.Error as error:
            self._tell(f"{harmless(self.path)}: can't be written ({error})")
            return changes
        if recorder is not None and self._told:
            self._told = False
            sys.stderr.write(f"kmodtop: {harmless(self.path)}: can be written now\n")
        return changes

    def _tell(self, why: str) -> None:
        if not self._told:
            sys.stderr.write(f"kmodtop: {why}; {_TAIL:,} readings are kept until then\n")
        self._told = True

    def shrink(self, most: int) -> None:
        """Lets the oldest boots go."""
        if self._recorder is not None:
            self._recorder.shrink(most)

    def close(self) -> None:
        """Notes the end."""
        if self._recorder is not None:
            self._recorder.close()


class _Stop(threading.Event):
    """Set by a signal, whose number it keeps."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._signalled)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        self.set()


def _source(args: argparse.Namespace, machine: Machine) -> Source:
    from kmodtop_core.machine import STATS_PATH

    path = args.source or STATS_PATH
    if path != "-" and not path.startswith("sim:") and is_polled(path, machine):
        return PolledFile(path, args.interval, machine, args.risk_panic, slowest=SLOWEST_S)
    return open_source(args.source, args.interval, machine, risk_panic=args.risk_panic)


def _record(source: Source, sink: _Sink, stop: _Stop, args: argparse.Namespace) -> int:
    """Number of changes."""
    changes, ends, ready = 0, None, False
    for item in source.items(stop):
        if ends is None and args.duration is not None:
            ends = item.at.uptime + args.duration
        changes += sink.write(item)
        if not ready:
            ready = True
            _tell_systemd()
        if args.max_size and changes % 100 == 1:
            sink.shrink(args.max_size)
        if ends is not None and item.at.uptime >= ends:
            break
    return changes


def _tell_systemd() -> None:
    """The first reading is in: what is ordered after the unit may start (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    import socket  # only here: nobody else is told

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        try:
            sock.sendto(b"READY=1", "\0" + address[1:] if address[0] == "@" else address)
        except OSError as error:
            sys.stderr.write(f"kmodtop: systemd can't be told ({error.strerror})\n")


def _default_folder() -> str:
    home = os.path.expanduser("~")
    return default_folder(home, os.geteuid() == 0, os.environ.get("XDG_STATE_HOME"))


def _default_path() -> str:
    return os.path.join(_default_folder(), "recording.db")


def hints(machine: Machine) -> str:
    """The commands that make a boot record itself, for what this machine has."""
    program = shutil.which("kmodtop") or os.path.abspath(sys.argv[0])
    if not os.path.isdir(machine.path("/run/systemd/system")):
        return (
            "# systemd does not run here: start this from your init, before udev's cold plug,\n"
            f"# with debugfs mounted or about to be:\n{program} record &\n"
        )
    unit = _unit().replace("/usr/bin/kmodtop", program)
    return (
        "# As root, to record each boot from before udev's cold plug on:\n"
        f"cat > /etc/systemd/system/{_UNIT} <<'EOF'\n{unit}EOF\n"
        f"systemctl daemon-reload && systemctl enable {_UNIT}\n"
        "# After the next boot:\n"
        "kmodtop replay /var/lib/kmodtop/recording.db\n"
    )


_UNIT = "kmodtop-record.service"


def _unit() -> str:
    """The unit, from the installed package or from beside the source. Raises SourceError."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    beside = os.path.join(os.path.dirname(os.path.dirname(here)), "samples", "systemd")
    for folder in (os.path.join(here, "systemd_files"), beside):
        path = os.path.join(folder, _UNIT)
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                return file.read()
    raise SourceError(Why("no-unit", f"{_UNIT}: is missing; install kmodtop anew"))
