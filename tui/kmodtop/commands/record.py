"""kmodtop record: a headless recorder, made for boot."""

import argparse
import os
import signal
import sqlite3
import sys
import threading
from collections import deque
from types import FrameType

from kmodtop_core.machine import Machine
from kmodtop_core.plain import harmless
from kmodtop_core.recording import Recorder, default_folder
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
    stop = _Stop()
    path = args.output or _default_path()
    machine = Machine()
    source = _source(args, machine)
    with Recorder(path, __version__, machine.read("/proc/cmdline")) as recorder:
        sys.stderr.write(f"kmodtop: records {harmless(source.label)} into {harmless(path)}\n")
        changes = _record(source, recorder, stop, args)
    sys.stderr.write(f"kmodtop: {changes} changes recorded in {harmless(path)}\n")
    return 128 + stop.number if stop.number else 0


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


def _record(source: Source, recorder: Recorder, stop: _Stop, args: argparse.Namespace) -> int:
    """Number of changes. What the disk does not take is kept, and written when it does again."""
    changes, ends = 0, None
    waiting: deque[Item] = deque(maxlen=_TAIL)
    for item in source.items(stop):
        if ends is None and args.duration is not None:
            ends = item.at.uptime + args.duration
        waiting.append(item)
        changes += _write(recorder, waiting)
        if args.max_size and changes % 100 == 1:
            recorder.shrink(args.max_size)
        if ends is not None and item.at.uptime >= ends:
            break
    return changes


def _write(recorder: Recorder, waiting: deque[Item]) -> int:
    """Writes all that waits; tells once when the disk takes nothing, and when it does again."""
    changes, held_up = 0, len(waiting) > 1
    try:
        while waiting:
            changes += recorder.write(waiting[0])
            waiting.popleft()
    except sqlite3.Error as error:
        if not held_up:
            sys.stderr.write(
                f"kmodtop: {harmless(recorder.path)}: can't be written ({error}); the latest"
                f" {_TAIL:,} readings are kept in memory until it can\n"
            )
        return changes
    if held_up:
        sys.stderr.write(f"kmodtop: {harmless(recorder.path)}: can be written again\n")
    return changes


def _default_path() -> str:
    folder = default_folder(
        os.path.expanduser("~"), os.geteuid() == 0, os.environ.get("XDG_STATE_HOME")
    )
    try:
        os.makedirs(folder, mode=0o755, exist_ok=True)
    except OSError as error:
        why = f"{harmless(folder)}: can't be made ({error.strerror}); name a file with -o"
        raise SourceError(Why("unwritable", why)) from None
    return os.path.join(folder, "recording.db")
