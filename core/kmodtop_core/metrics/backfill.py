"""What recordings come to: every metric over time, for `promtool tsdb create-blocks-from`.

A point is written when its value changes, at the last look that found the value before, and at
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
from ..recording.reading import Boot, Kept, Recording
from ..sample import Gap
from ..stats.block import Block, NoStatistics
from ..stats.parse import parse
from .exposition import Moment, Series, series_text
from .families import BY_NAME, COUNTER, FAMILIES, Family
from .points import Labels, Point, of_block, of_findings, of_host, of_state, of_warnings

STEP_S = 60.0
"""Seconds between points of a value that stands."""

_NOT_STATS = Trouble("not-stats", "holds no module statistics")


class Part(NamedTuple):
    """A boot of one of several recordings. `name`: what the recording is called."""

    name: str
    recording: Recording
    boot: Boot

    @property
    def key(self) -> object:
        """The same for parts of one boot."""
        return self.boot.boot_id or (self.name, self.boot.id)


class _Line:
    """A metric over time: whole milliseconds since boot, in order, and values."""

    def __init__(self) -> None:
        self.ms, self.values = array("q"), array("d")
        self._looked = -1  # when the last value was found again

    def take(self, ms: int, value: float) -> None:
        """A value at a time no earlier than the last; of one millisecond the last value counts."""
        if not self.ms or value == self.values[-1]:
            if not self.ms or ms - self.ms[-1] >= STEP_S * 1000:
                self._put(ms, value)
            self._looked = ms
            return
        self.end()
        self._put(ms, value)
        self._looked = ms

    def end(self) -> None:
        """The last look that found the last value."""
        if self.ms and self._looked > self.ms[-1]:
            self._put(self._looked, self.values[-1])

    def _put(self, ms: int, value: float) -> None:
        if self.ms and self.ms[-1] >= ms:
            self.values[-1] = value
            return
        self.ms.append(ms)
        self.values.append(value)


class _Life:
    """One boot: its metrics, and how its clock goes to that of the wall. `instance`: whose;
    `name`: what its recording is called."""

    def __init__(self, part: Part, zero: float) -> None:
        self.instance, self.name = instance_of(part), harmless(part.name)
        self._zero = round(zero * 1000)
        self.lines: dict[tuple[str, Labels], _Line] = {}
        self._now: set[tuple[str, Labels]] = set()
        self._last: int | None = None

    @property
    def booted(self) -> float:
        """Unix seconds."""
        return self._zero / 1000

    def look(self, uptime: float, points: Iterable[Point]) -> None:
        """What a look came to; what is no longer there is not written on."""
        ms = self._zero + round(uptime * 1000)
        if self._last is not None and ms < self._last:
            return
        found = {(point.family, point.labels): point.value for point in points}
        for key, value in found.items():
            if key not in self.lines:
                self.lines[key] = line = _Line()
                before = self._zero if self._last is None else self._last
                if BY_NAME[key[0]].kind == COUNTER and before < ms:
                    line.take(before, 0)
            self.lines[key].take(ms, value)
        for key in self._now - found.keys():
            self.lines[key].end()
            if BY_NAME[key[0]].kind != COUNTER:
                self.lines[key].take(ms, 0)  # no longer so
        self._now, self._last = set(found), ms

    def close(self, points: Iterable[Point]) -> None:
        """Its last look is its end, to which those points belong."""
        for key in self._now:
            self.lines[key].end()
        for point in points if self._last is not None else ():
            self.lines[point.family, point.labels] = line = _Line()
            line.take(self._last or 0, point.value)

    @property
    def span(self) -> tuple[int, int]:
        """From boot to the last look: Unix milliseconds."""
        return self._zero, self._zero if self._last is None else self._last


def backfill(
    parts: Iterable[Part], version: str, per_module: bool = True, created: bool = False
) -> Iterator[str]:
    """OpenMetrics of all boots; parts of one boot have to stand together, in order.

    Raises SourceError where a recording knows no clock times.
    """
    lives = []
    for _, boot in groupby(parts, key=lambda part: part.key):
        together = list(boot)
        life = _Life(together[0], _zero(together[0]))
        for part in together:
            _live(life, part, version, per_module)
        life.close(_findings(together[-1]))
        lives.append(life)
    _tell_apart(lives)
    yield from series_text(_families(lives, created))


def _findings(part: Part) -> list[Point]:
    case = BootCase(part.recording, part.boot).at()
    return list(of_findings(diagnose(case).findings)) if case is not None else []


def _tell_apart(lives: list[_Life]) -> None:
    """Machines of one name that ran at the same time are several."""
    lives.sort(key=lambda life: (life.instance, life.span))
    for instance, found in groupby(lives, key=lambda life: life.instance):
        same = list(found)
        if any(after.span[0] < before.span[1] for before, after in pairwise(same)):
            for life in same:
                life.instance = f"{instance} ({life.name})"


def instance_of(part: Part) -> str:
    """The machine's name; that of the recording where it knows none."""
    return harmless(part.boot.host or part.name)


def _zero(part: Part) -> float:
    """Unix seconds of the boot. Raises SourceError."""
    boot = part.boot
    if boot.wall is not None and 0 <= boot.wall - boot.uptime < 1e11:
        return boot.wall - boot.uptime
    what = "knows no clock times, without which nothing can be put in its place in time"
    fix = "take jsonl or csv, or record it anew"
    raise SourceError(Trouble("no-clock", what, fix, part.name), Exit.NO_STATISTICS)


def _live(life: _Life, part: Part, version: str, per_module: bool) -> None:
    always = list(of_host(part.boot.as_host(), version, life.booted))
    for kept in part.recording.kept(part.boot):
        points = [*_points(kept, per_module), *always]
        for uptime in _looks(kept):
            life.look(uptime, points)


def _looks(kept: Kept) -> Iterator[float]:
    """When it came, every minute, and when it was last found."""
    begin, end = kept.item.at.uptime, kept.until
    if not 0 <= begin <= end < 1e10:
        return  # no time of any machine
    yield begin
    steps = min(int((end - begin) // STEP_S), 10_000_000)
    yield from (begin + STEP_S * number for number in range(1, steps + 1))
    if end > begin + STEP_S * steps:
        yield end


def _points(kept: Kept, per_module: bool) -> Iterator[Point]:
    block = _block(kept)
    if isinstance(block, Trouble):
        yield from of_state(block)
        return
    yield from of_state(None)
    yield from of_block(block, per_module)
    yield from of_warnings(block.warnings)


def _block(kept: Kept) -> Block | Trouble:
    if isinstance(kept.item, Gap):
        return kept.item.why
    try:
        return parse(kept.item.text)[-1]
    except NoStatistics:
        return _NOT_STATS


def _families(lives: Sequence[_Life], created: bool) -> Iterator[tuple[Family, list[Series]]]:
    for family in FAMILIES:
        found: dict[tuple[str, Labels], list[tuple[_Life, _Line]]] = {}
        for life in lives:
            for (name, labels), line in life.lines.items():
                if name == family.name:
                    key = life.instance, labels
                    found.setdefault(key, []).append((life, line))
        if found:
            yield family, [_series(key, lines, created) for key, lines in found.items()]


def _series(key: tuple[str, Labels], lines: list[tuple[_Life, _Line]], created: bool) -> Series:
    """Of one machine, boot after boot."""
    instance, labels = key
    lines.sort(key=lambda pair: pair[1].ms[0])
    begun = lines[-1][0].booted if created else None
    return Series((("instance", instance), *labels), _moments([line for _, line in lines]), begun)


def _moments(lines: list[_Line]) -> Iterator[Moment]:
    """In order, whatever a clock that was set between boots has done to it."""
    last = -1
    for line in lines:
        for ms, value in zip(line.ms, line.values, strict=True):
            if ms > last:
                last = ms
                yield Moment(value, ms)
