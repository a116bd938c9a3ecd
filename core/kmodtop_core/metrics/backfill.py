"""What recordings come to: every metric over time, for `promtool tsdb create-blocks-from`.

It is what an exporter would have told: each text is judged by a tracker, as when it was read. A
point is written when its value changes, at the last look that found the value before, and at
least every minute, as Prometheus forgets what is five minutes old. A boot has one clock offset,
so that a wall clock that was set does not put its points out of order. A counter begins with an
explicit 0: at boot, or for a row that came later at the look before, as increase() counts
nothing that came before the first point.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from ..diagnosis.boot import BootCase
from ..diagnosis.diagnose import diagnose
from ..errors import Exit, SourceError, Trouble
from ..plain import harmless
from ..recording.reading import Boot, Recording
from ..recording.tape import Tape
from ..tracking.tracker import Tracker
from .exposition import Moment, Series, series_text
from .families import BY_NAME, COUNTER, FAMILIES, GAUGE, Family
from .points import Labels, Point, of_findings, of_frame, of_host

STEP_MS = 60_000
"""Milliseconds between points of a value that stands."""

_SLACK_MS = 5_000
"""Milliseconds by which a machine's clock may be set back from one boot to the next: by more it
is another machine."""

MOST_POINTS = 200_000_000
"""A hundred machines for a month; promtool reads all of them for every two hours."""

Key = tuple[str, Labels]
"""The name of a family, and labels."""


class Part(NamedTuple):
    """A boot of one of several recordings. `name`: what the recording is called, and no other."""

    name: str
    recording: Recording
    boot: Boot

    @property
    def key(self) -> object:
        """The same for parts of one boot."""
        return self.boot.boot_id or (self.name, self.boot.id)

    @property
    def begin(self) -> float:
        """Seconds since boot of its first item."""
        return Tape(self.recording, self.boot).begin


class _Line:
    """A metric over time: values, and from when until when each was found (Unix milliseconds)."""

    def __init__(self) -> None:
        self.begins, self.ends, self.values = array("q"), array("q"), array("d")

    def stand(self, begin: int, end: int, value: float) -> None:
        """A value, no earlier than the last one ended; of one millisecond the last value counts."""
        value = float(value)
        if self.begins and begin <= self.ends[-1] and value != self.values[-1]:
            self._cut(begin)
        if self.begins and value == self.values[-1] and begin - self.ends[-1] <= STEP_MS:
            self.ends[-1] = max(end, self.ends[-1])
            return
        self.begins.append(begin)
        self.ends.append(end)
        self.values.append(value)

    def _cut(self, begin: int) -> None:
        """The last value ends before that."""
        self.ends[-1] = begin - 1
        if self.begins[-1] >= begin:
            for column in (self.begins, self.ends, self.values):
                column.pop()

    def __len__(self) -> int:
        """Points, or a few more."""
        spans = zip(self.begins, self.ends, strict=True)
        return sum([2 + (end - begin) // STEP_MS for begin, end in spans])

    def points(self) -> Iterator[tuple[int, float]]:
        """(Unix milliseconds, value), in order."""
        for begin, end, value in zip(self.begins, self.ends, self.values, strict=True):
            yield from ((ms, value) for ms in range(begin, end, STEP_MS))
            yield end, value


class _Life:
    """One boot: its metrics, and how its clock goes to that of the wall. `instance`: whose;
    `name`: what its recording is called; `id`: of the boot; `zero`: Unix seconds of it; `seen`:
    seconds since boot of the last look so far."""

    def __init__(self, part: Part, zero: float) -> None:
        self.instance, self.name = harmless(part.boot.host or part.name), harmless(part.name)
        self.id = harmless(part.boot.boot_id or str(part.boot.id))
        self._zero = self._last = round(zero * 1000)
        self.lines: dict[Key, _Line] = {}
        self._now: set[Key] = set()
        self.seen = 0.0

    @property
    def booted(self) -> float:
        """Unix seconds."""
        return self._zero / 1000

    def look(self, begin: float, end: float, points: Iterable[Point]) -> None:
        """What looks from then until then (seconds since boot) came to, none of which is earlier
        than the last one; what is no longer there is not written on."""
        start = max(self._last, self._zero + round(begin * 1000))
        stop = max(start, self._zero + round(end * 1000))
        found = {(point.family, point.labels): point.value for point in points}
        for key, value in found.items():
            self._line(key, start).stand(start, stop, value)
        for key in self._now - found.keys():
            if BY_NAME[key[0]].kind == GAUGE and key[1]:
                self.lines[key].stand(start, start, 0)  # 1 where it is so: it is no longer
        self._now, self._last, self.seen = set(found), stop, max(self.seen, end)

    def _line(self, key: Key, start: int) -> _Line:
        if key not in self.lines:
            self.lines[key] = line = _Line()
            if BY_NAME[key[0]].kind == COUNTER and self._last < start:
                line.stand(self._last, self._last, 0)
        return self.lines[key]

    def close(self, points: Iterable[Point]) -> None:
        """Its last look is its end, to which those points belong."""
        for point in points:
            self._line((point.family, point.labels), self._last).stand(
                self._last, self._last, point.value
            )

    @property
    def span(self) -> tuple[int, int]:
        """From boot to the last look: Unix milliseconds."""
        return self._zero, self._last


def backfill(
    parts: Iterable[Part], version: str, per_module: bool = True, created: bool = False
) -> Iterator[str]:
    """OpenMetrics of all boots; parts of one boot have to stand together, in order.

    Raises SourceError where a recording knows no clock times, or all is too much.
    """
    lives = [
        _life(list(boot), version, per_module)
        for _, boot in groupby(parts, key=lambda part: part.key)
    ]
    _refuse_too_many(sum(len(line) for life in lives for line in life.lines.values()))
    _tell_apart(lives)
    yield from series_text(_families(lives, created))


def _life(parts: Sequence[Part], version: str, per_module: bool) -> _Life:
    life, tracker = _Life(parts[0], zero_of(parts)), Tracker()
    for part in parts:
        _live(life, part, tracker, version, per_module)
    case = BootCase(parts[-1].recording, parts[-1].boot).at()
    life.close(of_findings(diagnose(case).findings) if case is not None else ())
    return life


def _live(life: _Life, part: Part, tracker: Tracker, version: str, per_module: bool) -> None:
    """What was told before, by a recording of the same, is not told again."""
    always = list(of_host(part.boot.as_host(), version, life.booted))
    for kept in part.recording.kept(part.boot):
        if kept.until < life.seen:
            continue
        begin = kept.item.at.uptime
        frame = tracker.observe(kept.item if begin >= life.seen else kept.look(life.seen))
        life.look(begin, kept.until, [*of_frame(frame, per_module), *always])
        if kept.until > begin:
            tracker.observe(kept.look(kept.until))


def zero_of(parts: Sequence[Part]) -> float:
    """Unix seconds of the boot, by its last text: a clock is set early, if at all, and better
    known from then on. Raises SourceError."""
    for part in reversed(parts):
        last = part.recording.last_sample(part.boot, float("inf"))
        for wall, uptime in (
            (last.item.at.wall, last.item.at.uptime) if last else (None, 0.0),
            (part.boot.wall, part.boot.uptime),
        ):
            if wall is not None and 0 <= wall - uptime < 1e11:
                return wall - uptime
    what = "knows no clock times, without which nothing can be put in its place in time"
    fix = "take jsonl or csv, or record it anew"
    raise SourceError(Trouble("no-clock", what, fix, parts[0].name), Exit.NO_STATISTICS)


def _refuse_too_many(points: int) -> None:
    if points > MOST_POINTS:
        what = f"comes to {points:,} points in time, more than the {MOST_POINTS:,} that are written"
        fix = "name fewer recordings at once, or leave the modules out by --modules none"
        raise SourceError(Trouble("too-many", what, fix, "export"), Exit.NO_STATISTICS)


def _tell_apart(lives: list[_Life]) -> None:
    """Machines of one name that ran at the same time are several: they are told apart by their
    recordings, and within one by the boot."""
    for name in ("name", "id"):
        lives.sort(key=lambda life: (life.instance, life.span))
        for instance, found in groupby(lives, key=lambda life: life.instance):
            same = list(found)
            if len({getattr(life, name) for life in same}) > 1 and _overlap(same):
                for life in same:
                    life.instance = f"{instance} ({getattr(life, name)})"


def _overlap(lives: Sequence[_Life]) -> bool:
    return any(after.span[0] + _SLACK_MS < before.span[1] for before, after in pairwise(lives))


def _families(lives: Sequence[_Life], created: bool) -> Iterator[tuple[Family, list[Series]]]:
    found: dict[str, dict[tuple[str, Labels], list[tuple[_Life, _Line]]]] = {}
    for life in lives:
        for (name, labels), line in life.lines.items():
            of_name = found.setdefault(name, {})
            of_name.setdefault((life.instance, labels), []).append((life, line))
    for family in FAMILIES:
        if family.name in found:
            series = found[family.name].items()
            yield family, [_series(key, lines, created) for key, lines in series]


def _series(key: tuple[str, Labels], lines: list[tuple[_Life, _Line]], created: bool) -> Series:
    instance, labels = key
    return Series((("instance", instance), *labels), _moments(lines, created))


def _moments(lines: Sequence[tuple[_Life, _Line]], created: bool) -> Iterator[Moment]:
    """Of one machine, boot after boot: its clock may have been set back between two of them."""
    last = -1
    for life, line in lines:
        for ms, value in line.points():
            if ms > last:
                last = ms
                yield Moment(value, ms, life.booted if created else None)
