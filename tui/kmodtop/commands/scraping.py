"""Sources that are read when somebody asks: what each comes to, as points.

A file of debugfs is read while it is asked for, at most once in `interval` seconds, however many
ask. What has to go on by itself, as a connection or a trace, is read by a thread of its own, and
the last reading is what is told.
"""

import threading
from collections.abc import Callable, Iterator, Sequence

from kmodtop_core.diagnosis.case import case_of_text
from kmodtop_core.diagnosis.diagnose import diagnose
from kmodtop_core.diagnosis.evidence.pieces import NO_EVIDENCE, Evidence, read_evidence
from kmodtop_core.diagnosis.finding import Finding
from kmodtop_core.errors import SourceError, Trouble
from kmodtop_core.machine.facts import Machine
from kmodtop_core.machine.gather import gather
from kmodtop_core.metrics.points import (
    Point,
    of_findings,
    of_frame,
    of_host,
    of_instance,
    of_reads,
    of_state,
    trouble_of,
)
from kmodtop_core.plain import harmless
from kmodtop_core.sample import NOWHERE, Events, Gap, Host, Sample, Told
from kmodtop_core.sources.base import Connecting, Source, now
from kmodtop_core.sources.polled import PolledFile
from kmodtop_core.sources.turns import read_on
from kmodtop_core.stats.block import Block
from kmodtop_core.tracking.frame import Frame
from kmodtop_core.tracking.tracker import Tracker

from .. import __version__

_EVIDENCE_S = 60.0
"""Seconds between looks at this machine for evidence, which take one or two."""


_PATIENCE_S = 5.0
"""Seconds for which somebody waits for a reading that somebody else has begun."""

_HELD_UP = Trouble("held-up", "the kernel holds up a reading that has begun", "ask again")


class Target:
    """A source, what was last read of it, and what reading has cost.

    `interval`: seconds between readings at least.
    """

    def __init__(self, source: Source, interval: float, per_module: bool = True) -> None:
        self.source, self._interval, self._per_module = source, interval, per_module
        self._tracker = Tracker()
        self._lock = threading.Lock()
        self._frame: Frame | None = None
        self._last = float("-inf")
        self._reads, self._seconds = 0, 0.0
        self._boot: tuple[str | None, float | None] = (None, None)
        self._findings = _Findings()
        self._thread: threading.Thread | None = None

    def start(self, stop: threading.Event) -> None:
        """Begins to read what has to go on by itself."""
        if not isinstance(self.source, PolledFile):
            name = f"source {self.source.label}"
            read_on = self._read_on
            self._thread = threading.Thread(target=read_on, args=(stop,), name=name, daemon=True)
            self._thread.start()

    def wait(self, seconds: float) -> None:
        """Lets a source that has children end them: an ssh ends with whoever wanted it."""
        if self._thread is not None and isinstance(self.source, Connecting):
            self._thread.join(max(0.0, seconds))

    @property
    def is_waiting(self) -> bool:
        """Whether nothing has come yet of what is read by itself."""
        return self._thread is not None and self._frame is None

    def points(self) -> list[Point]:
        """What it comes to now; reads it, if it is time. Where the kernel holds up somebody else's
        reading, as of its module mutex, that is told instead."""
        if not self._lock.acquire(timeout=_PATIENCE_S):
            return list(of_state(_HELD_UP))
        try:
            if isinstance(self.source, PolledFile) and now().uptime - self._last >= self._interval:
                self._take(self.source.read())
            return list(self._points())
        finally:
            self._lock.release()

    @property
    def booted(self) -> float | None:
        """Unix seconds at which its machine was booted; None where nobody knows."""
        return self._boot[1]

    def _read_on(self, stop: threading.Event) -> None:
        try:
            for item in read_on(self.source, stop):
                with self._lock:
                    self._take(item)
        except SourceError as error:
            with self._lock:
                self._take(Gap(now(), error.why))

    def _take(self, item: Told) -> None:
        if isinstance(item, Events):
            return
        self._last = now().uptime
        if isinstance(item, Sample) and item.fresh:
            self._reads += 1
            self._seconds += item.read_s or 0.0
            self._note_boot(item)
        self._frame = self._tracker.observe(item)

    def _note_boot(self, sample: Sample) -> None:
        """Once a boot: a wall clock that is set moves no boot."""
        boot_id, wall = sample.host.boot_id, sample.at.wall
        if boot_id is not None and wall is not None and boot_id != self._boot[0]:
            self._boot = boot_id, wall - sample.at.uptime

    def _points(self) -> Iterator[Point]:
        frame = self._frame
        host = frame.sample.host if frame is not None and frame.sample is not None else NOWHERE
        yield from of_frame(frame, self._per_module)
        yield from of_host(host, __version__, self.booted)
        yield from of_reads(self._reads, self._seconds)
        if frame is not None and frame.block is not None and trouble_of(frame) is None:
            yield from of_findings(self._findings.of(frame.block, host))


class _Findings:
    """What diagnosis says of the last text; of this machine's own with evidence, which is looked
    for beside, as nobody shall wait for that."""

    def __init__(self, gathered: Callable[[list[str]], Evidence] | None = None) -> None:
        self._gathered = gathered or _evidence
        self._machine = Machine()
        self._evidence, self._looked = NO_EVIDENCE, float("-inf")
        self._rows: list[str] = []
        self._last: tuple[Block, Evidence] | None = None
        self._found: tuple[Finding, ...] = ()

    def of(self, block: Block, host: Host) -> tuple[Finding, ...]:
        """Of that text."""
        is_here = host.boot_id is not None and host.boot_id == self._machine.host.boot_id
        if is_here:
            self._look([row.module for row in block.stats.duplicates])
        evidence = self._evidence if is_here else NO_EVIDENCE
        if self._last is None or self._last[0] is not block or self._last[1] is not evidence:
            self._last = block, evidence
            self._found = diagnose(case_of_text(block, host, now(), evidence)).findings
        return self._found

    def _look(self, rows: list[str]) -> None:
        """For evidence of those modules, where they are others than before; not too often."""
        if rows and rows != self._rows and now().uptime - self._looked >= _EVIDENCE_S:
            self._rows, self._looked = rows, now().uptime
            threading.Thread(target=self._gather, args=(rows,), daemon=True).start()

    def _gather(self, rows: list[str]) -> None:
        self._evidence = self._gathered(rows)


def _evidence(rows: list[str]) -> Evidence:
    return read_evidence(gather(Machine(), rows))


def all_points(targets: Sequence[Target]) -> Iterator[Point]:
    """Of all of them; of several each has the label instance."""
    names = instances([target.source.label for target in targets])
    for target, name in zip(targets, names, strict=True):
        found = target.points()
        yield from of_instance(found, name) if len(targets) > 1 else found


def instances(labels: Sequence[str]) -> list[str]:
    """What the machines of those sources are called: hosts by their addresses, without who logs
    in there where that tells none of them apart. No two are called the same."""
    short = [harmless(_place(label)) for label in labels]
    return [
        name if short.count(name) == 1 else harmless(label)
        for name, label in zip(short, labels, strict=True)
    ]


def _place(label: str) -> str:
    place, slash, path = label.removeprefix("ssh://").partition("/")
    return f"{place.rpartition('@')[2]}{slash}{path}" if label.startswith("ssh://") else label
