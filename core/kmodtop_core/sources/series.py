"""A series: samples with their times, one JSON object a line, played at their own pace.

The first line describes the series (`series`, `kernel`, `vcpus`); each further
one is a read: `boottime_s` in seconds since boot and `text`, left out when it
had not changed.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..errors import Exit, SourceError, Trouble
from ..sample import Host, Instant, Item, Sample, Told
from .base import Means, Stop, now
from .turns import Rest, Step, alone

_LONGEST_WAIT_S = 5.0

_MOST_CPUS = 1 << 20

_MOST_LINES = 1_000_000
"""A day, ten times a second."""


def read_series(data: bytes, label: str) -> tuple[Sample, ...]:
    """The samples of a series. Raises SourceError naming the line that cannot be used."""
    import json

    samples: list[Sample] = []
    host, text = Host(), b""
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        if number > _MOST_LINES:
            raise _broken(label, f"it has more than {_MOST_LINES:,} lines")
        try:
            entry: dict[str, Any] = json.loads(line)
            if "series" in entry:
                host = _host(entry)
                continue
            if "text" in entry:
                text = str(entry["text"]).encode("utf-8", "surrogateescape")
            samples.append(Sample(Instant(_seconds(entry["boottime_s"])), text, host))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            told = str(error) if type(error) is ValueError else type(error).__name__
            problem = f"line {number} is no entry of a series ({told})"
            raise _broken(label, problem) from None
    if not samples:
        raise _broken(label, "it has no samples")
    return tuple(samples)


def write_series(items: Iterable[Item], name: str) -> bytes:
    """The samples among the items as a series; a text that had not changed is left out."""
    import json

    lines: list[dict[str, Any]] = []
    last: bytes | None = None
    for item in items:
        if not isinstance(item, Sample):
            continue
        if not lines:
            lines.append({"series": name, "kernel": item.host.kernel, "vcpus": item.host.cpus})
        entry: dict[str, Any] = {"boottime_s": round(item.at.uptime, 6)}
        if item.read_s is not None:
            entry["read_us"] = round(1e6 * item.read_s, 1)
        if item.text != last:
            entry["text"] = item.text.decode("utf-8", "surrogateescape")
        last = item.text
        lines.append(entry)
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


def _seconds(value: object) -> float:
    if not isinstance(value, int | float) or not 0 <= value < 1e10:
        raise ValueError("boottime_s must be seconds since boot")
    return float(value)


def _host(entry: dict[str, Any]) -> Host:
    cpus = entry.get("vcpus")
    if cpus is not None and not (type(cpus) is int and 0 < cpus <= _MOST_CPUS):
        raise ValueError(f"vcpus must be a number of CPUs from 1 to {_MOST_CPUS:,}")
    kernel = entry.get("kernel")
    return Host(kernel=str(kernel)[:200] if kernel else None, cpus=cpus)


def _broken(label: str, problem: str) -> SourceError:
    return SourceError(
        Trouble("bad-series", problem, "take a whole file, as in samples/series", label),
        Exit.NO_STATISTICS,
    )


class Series:
    """Plays samples `speed` times as fast as they were taken."""

    means = Means.SERIES

    def __init__(self, items: Sequence[Item], label: str, speed: float) -> None:
        self.label = label
        self._items, self.speed = items, speed

    def items(self, stop: Stop) -> Iterator[Told]:
        """Each sample when its time has come."""
        return alone(self.steps(), stop)

    def steps(self) -> Iterator[Step]:
        """The same, with the rests between."""
        begun = now().uptime
        first = self._items[0].at.uptime
        for item in self._items:
            due = begun + (item.at.uptime - first) / self.speed
            while (wait := due - now().uptime) > 0:
                yield Rest(min(wait, _LONGEST_WAIT_S))
            yield item
