"""Points as text: OpenMetrics 1.0, or the text format 0.0.4 of Prometheus.

node_exporter reads the latter: info metrics are gauges there, and counters carry their `_total`
in help and type.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .families import COUNTER, Family
from .points import Labels, Point, grouped


class Moment(NamedTuple):
    """A value at a time: Unix milliseconds, None for now. `created`: Unix seconds at which a
    counter began, where that is wanted."""

    value: float
    ms: int | None = None
    created: float | None = None


class Series(NamedTuple):
    """The values of one metric, oldest first."""

    labels: Labels
    moments: Iterable[Moment]


def to_openmetrics(points: Iterable[Point], created: float | None = None) -> Iterator[str]:
    """Of one reading; `created`: when its counters began, in Unix seconds, where that is wanted."""
    yield from series_text(_by_family(points, created))


def to_text(points: Iterable[Point], created: float | None = None) -> Iterator[str]:
    """The same for node_exporter's textfile collector."""
    for family, found in _by_family(points, created):
        is_counter = family.kind == COUNTER
        name = family.sample
        yield f"# HELP {name} {_escaped_help(family.help)}\n"
        yield f"# TYPE {name} {'counter' if is_counter else 'gauge'}\n"
        for series in found:
            for moment in series.moments:
                yield _line(name, series.labels, moment.value, moment.ms)
        if is_counter and created is not None:
            begun = f"{family.name}_created"
            yield f"# HELP {begun} {_escaped_help(family.help)}\n# TYPE {begun} gauge\n"
            for series in found:
                yield _line(begun, series.labels, created, None)


def series_text(found: Iterable[tuple[Family, Sequence[Series]]]) -> Iterator[str]:
    """OpenMetrics of series, which are in the order of their families."""
    for family, series in found:
        yield f"# HELP {family.name} {_escaped_help(family.help)}\n"
        yield f"# TYPE {family.name} {family.kind}\n"
        if family.unit:
            yield f"# UNIT {family.name} {family.unit}\n"
        for one in series:
            yield from _lines(family, one)
    yield "# EOF\n"


def _by_family(
    points: Iterable[Point], created: float | None
) -> Iterator[tuple[Family, list[Series]]]:
    for family, found in grouped(points):
        yield (
            family,
            [Series(one.labels, [Moment(one.value, created=created)]) for one in found],
        )


def _lines(family: Family, series: Series) -> Iterator[str]:
    for value, ms, created in series.moments:
        yield _line(family.sample, series.labels, value, ms)
        if family.kind == COUNTER and created is not None:
            yield _line(f"{family.name}_created", series.labels, created, ms)


def _line(name: str, labels: Labels, value: float, ms: int | None) -> str:
    told = ",".join([f'{label}="{_escaped(text)}"' for label, text in labels])
    at = "" if ms is None else f" {ms // 1000}.{ms % 1000:03d}"
    return f"{name}{{{told}}} {_number(value)}{at}\n" if told else f"{name} {_number(value)}{at}\n"


def _number(value: float) -> str:
    """Whole ones as such: Go and Python read either."""
    return str(int(value)) if value == int(value) else repr(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _escaped_help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")
