"""What a reading comes to: points, each a value of a metric with its labels.

What is not known has no point. A byte counter that a negative error code was added to
(kernel/module/main.c of 6.4, kernel_read_file()) is left out, and the warning says so.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..diagnosis.finding import Finding
from ..errors import Trouble
from ..machine.facts import release_of
from ..plain import harmless
from ..sample import Host
from ..simulation.eras import era_of
from ..stats.block import ABSURD_BYTES, Block, Warning
from ..stats.values import STAGES
from ..tracking.frame import DOUBTFUL, Frame
from .families import FAMILIES, Family

Labels = tuple[tuple[str, str], ...]
"""Names and values, in the order in which they are written."""


class Point(NamedTuple):
    """A value of the family of that name."""

    family: str
    labels: Labels
    value: float


_TOTALS = (
    ("kmod_loads", "modcount"),
    ("kmod_loaded_bytes", "total_mod_size"),
    ("kmod_loaded_text_bytes", "total_text_size"),
)


_NOTHING_YET = Trouble("waiting", "nothing was read yet", "ask again")


def of_frame(frame: Frame | None, per_module: bool = True) -> Iterator[Point]:
    """A moment; None before the first reading. Figures of a text that stands no longer are not
    told on: who asks shall see that they are missing."""
    why = trouble_of(frame)
    yield from of_state(why)
    if why is None and frame is not None and frame.block is not None:
        yield from of_block(frame.block, per_module)
        yield from of_warnings(frame.warnings)


def trouble_of(frame: Frame | None) -> Trouble | None:
    """What keeps the statistics from being read; not that a file is being written just now."""
    if frame is not None and frame.gap is not None and frame.gap.why != DOUBTFUL:
        return frame.gap.why
    return _NOTHING_YET if frame is None or frame.block is None else None


def of_block(block: Block, per_module: bool = True) -> Iterator[Point]:
    """A text. `per_module`: with what the table says of each module."""
    yield from _counters(block)
    if not block.table_missing:
        if per_module:
            yield from _modules(block)
        yield Point("kmod_duplicate_table_rows", (), len(block.stats.duplicates))
        yield Point("kmod_duplicate_table_truncated", (), int(block.truncated))


def of_warnings(warnings: Iterable[Warning]) -> Iterator[Point]:
    """What is odd about a text, each once."""
    for code in dict.fromkeys(warning.code for warning in warnings):
        yield Point("kmod_text_warnings", (("code", harmless(code)),), 1)


def of_findings(findings: Iterable[Finding]) -> Iterator[Point]:
    """What diagnosis found, each kind once."""
    for rule, confidence in dict.fromkeys((one.rule, one.confidence) for one in findings):
        labels = (("rule", rule), ("confidence", str(confidence)))
        yield Point("kmod_finding", labels, 1)


def of_host(host: Host, version: str, boot: float | None) -> Iterator[Point]:
    """Who it is; `boot`: Unix seconds, None where nobody knows."""
    release = release_of(host.kernel)
    era = "" if release is None else era_of(release)
    labels = (("version", version), ("kernel", harmless(host.kernel or "")), ("era", era))
    yield Point("kmodtop", labels, 1)
    if boot is not None:
        yield Point("kmod_boot_time_seconds", (), round(boot, 3))


def of_state(why: Trouble | None) -> Iterator[Point]:
    """Whether the statistics could be read, and what keeps them from it."""
    yield Point("kmodtop_up", (), int(why is None))
    if why is not None:
        yield Point("kmodtop_unreadable", (("code", harmless(why.code)),), 1)


def of_reads(reads: int, seconds: float) -> Iterator[Point]:
    """What reading has cost so far."""
    yield Point("kmodtop_reads", (), reads)
    yield Point("kmodtop_read_seconds", (), round(seconds, 6))


def of_instance(points: Iterable[Point], instance: str) -> Iterator[Point]:
    """The same with the name of the machine that they are of."""
    return labelled(points, (("instance", instance),))


def labelled(points: Iterable[Point], labels: Labels) -> Iterator[Point]:
    """The same with those labels before their own."""
    return (point._replace(labels=(*labels, *point.labels)) for point in points)


def grouped(points: Iterable[Point]) -> Iterator[tuple[Family, list[Point]]]:
    """Those of each family that has any, in the order of the table."""
    found: dict[str, list[Point]] = {}
    for point in points:
        found.setdefault(point.family, []).append(point)
    return ((family, found[family.name]) for family in FAMILIES if family.name in found)


def _counters(block: Block) -> Iterator[Point]:
    for family, name in _TOTALS:
        if _is_known(block, name):
            yield Point(family, (), block.stats.counter(name))
    for family, index in (("kmod_load_failures", 1), ("kmod_load_wasted_bytes", 2)):
        for stage in STAGES:
            if _is_known(block, stage[index]):
                labels = (("stage", stage.name),)
                yield Point(family, labels, block.stats.counter(stage[index]))


def _is_known(block: Block, name: str) -> bool:
    return name not in block.missing and block.stats.counter(name) < ABSURD_BYTES


def _modules(block: Block) -> Iterator[Point]:
    """A name that is there twice, as in a text that was pasted together, is counted once."""
    rows = {harmless(row.module): row for row in block.stats.duplicates}
    for name, row in rows.items():
        yield Point("kmod_duplicate_loads", (("module", name),), row.times)
    for name, row in rows.items():
        for reason in row.reason.names:
            yield Point("kmod_duplicate_reason", (("module", name), ("reason", reason)), 1)
