"""A report as metrics: snapshots of one or many sources in one exposition."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kmodtop_core.metrics.exposition import to_openmetrics
from kmodtop_core.metrics.points import (
    Labels,
    Point,
    labelled,
    of_block,
    of_findings,
    of_host,
    of_state,
    of_warnings,
)
from kmodtop_core.plain import harmless
from kmodtop_core.reports.report import Snapshot

from .. import __version__


class Exposed(NamedTuple):
    """What a snapshot comes to. `place`: of several texts or boots of its source, which one."""

    source: str
    place: int | None
    points: tuple[Point, ...]


def exposed(snapshot: Snapshot, boot: int | None = None) -> Exposed:
    """Of a snapshot with its answer; `boot` of a recording, from 1."""
    at, host = snapshot.sample.at, snapshot.sample.host
    is_known = at.wall is not None and host.boot_id is not None
    booted = (at.wall or 0.0) - at.uptime if is_known else None
    findings = snapshot.answer.findings if snapshot.answer else ()
    points = (
        *of_state(None),
        *of_block(snapshot.block),
        *of_warnings(snapshot.warnings),
        *of_findings(findings),
        *of_host(host, __version__, booted),
    )
    return Exposed(snapshot.source, snapshot.number if boot is None else boot, points)


def exposition(found: Sequence[Exposed]) -> str:
    """OpenMetrics; of several each has labels that tell it from the others."""
    points = (
        point
        for one, labels in zip(found, _labels(found), strict=True)
        for point in labelled(one.points, labels)
    )
    return "".join(to_openmetrics(points))


def _labels(found: Sequence[Exposed]) -> Iterator[Labels]:
    sources = len({one.source for one in found}) > 1
    numbers = len(found) > len({one.source for one in found})
    for one in found:
        source = (("source", harmless(one.source)),) if sources else ()
        yield (*source, *((("index", str(one.place or 0)),) if numbers else ()))
