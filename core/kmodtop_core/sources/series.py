"""A series: samples with their times, one JSON object a line, played at their own pace.

The first line describes the series (`series`, `kernel`, `vcpus`); each further
one is a read: `boottime_s` in seconds since boot and `text`, left out when it
had not changed.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..plain import harmless
from ..sample import Host, Instant, Item, Sample, Why
from .base import SourceError, Stop, now

_LONGEST_WAIT_S = 5.0


class SeriesFile(NamedTuple):
    """What a series holds: its samples in order, and what was said of it."""

    items: tuple[Item, ...]
    about: str

    @property
    def samples(self) -> list[Sample]:
        """The items that are no gaps."""
        return [item for item in self.items if isinstance(item, Sample)]


def read_series(data: bytes, label: str) -> SeriesFile:
    """The samples of a series. Raises SourceError naming the line that can't be used."""
    import json

    samples: list[Sample] = []
    about, host, text = "", Host(), b""
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry: dict[str, Any] = json.loads(line)
            if "series" in entry:
                about, host = str(entry.get("done", "")), _host(entry)
                continue
            if "text" in entry:
                text = str(entry["text"]).encode("utf-8", "surrogateescape")
            samples.append(Sample(Instant(_seconds(entry["boottime_s"])), text, host))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            problem = f"line {number} is no entry of a series ({type(error).__name__})"
            raise _broken(label, problem) from None
    if not samples:
        raise _broken(label, "it has no samples")
    return SeriesFile(tuple(samples), about)


def _seconds(value: object) -> float:
    if not isinstance(value, int | float) or not 0 <= value < 1e10:
        raise ValueError("boottime_s must be seconds since boot")
    return float(value)


def _host(entry: dict[str, Any]) -> Host:
    cpus = entry.get("vcpus")
    kernel = entry.get("kernel")
    return Host(
        kernel=str(kernel) if kernel else None, cpus=cpus if isinstance(cpus, int) else None
    )


def _broken(label: str, problem: str) -> SourceError:
    return SourceError(
        Why("bad-series", f"{harmless(label)}: {problem}; take a whole file, as in samples/series"),
        4,
    )


def read_recording(path: str, number: int | None = None) -> SeriesFile:
    """A boot of a recording: that of the number, from 1, or the last. Raises SourceError."""
    from ..recording import Recording

    recording = Recording(path)
    try:
        boots = recording.boots()
        if not boots or not 1 <= (number or len(boots)) <= len(boots):
            told = f"it has {len(boots)} boots" if boots else "nothing has been read yet"
            raise SourceError(
                Why("no-boot", f"{harmless(path)}: {told}; choose another boot or file"), 4
            )
        number = number or len(boots)
        items = tuple(recording.items(boots[number - 1]))
    finally:
        recording.close()
    return SeriesFile(items, f"boot {number} of {len(boots)}")


class Series:
    """Plays samples `speed` times as fast as they were taken."""

    pace = "series"

    def __init__(self, series: SeriesFile, label: str, speed: float) -> None:
        self.label = label
        self.about = series.about
        self._items, self.speed = series.items, speed

    def items(self, stop: Stop) -> Iterator[Item]:
        """Each sample when its time has come."""
        begun = now().uptime
        first = self._items[0].at.uptime
        for item in self._items:
            due = begun + (item.at.uptime - first) / self.speed
            while (wait := due - now().uptime) > 0 and not stop.is_set():
                stop.wait(min(wait, _LONGEST_WAIT_S))
            if stop.is_set():
                return
            yield item
