"""One load under every era, on a range of CPUs, packed and not, side by side."""

import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..plain import clip, harmless
from ..simulation.compare import Cell, Run, cells
from ..simulation.eras import ERAS
from ..simulation.scenarios import Published, Scenario
from ..stats.values import STAGES, Stage
from ..units import count, counted, size

_MOST_MODULES = 12
_WIDE = 80
_LONGEST_NAME = 30
_MORE = "a CPU", "lowest", "highest", "peak"
"""Columns that are left out, the last first, where there is no room."""

_ALWAYS = ("becoming", "load")
"""Stages that are shown though nothing failed there."""


class Change(NamedTuple):
    """A module whose count differs between eras: {era: times in the median}, and as published."""

    module: str
    times: dict[str, float]
    published: int | None


class Comparison(NamedTuple):
    """What was simulated: the scenario, on `cpus` CPUs and others, packed to `ratio` and not."""

    scenario: Scenario
    cpus: int
    ratio: float
    cells: list[Cell]

    @property
    def seeds(self) -> int:
        """Runs of each cell."""
        return max((len(cell.runs) for cell in self.cells), default=0)

    def of(self, cpus: int, packed: bool) -> dict[str, Cell]:
        """{era: its cell}"""
        return {c.era: c for c in self.cells if c.cpus == cpus and c.packed == packed}

    def published(self, era: str) -> Published | None:
        """What a real machine showed under that era, with as many CPUs as the scenario has."""
        return self.scenario.shown(era, self.cpus)

    def stages(self) -> list[Stage]:
        """Becoming and load, and those of the others at which anything failed."""
        rows = self.of(self.cpus, False).values()
        return [
            s for s in STAGES if s.name in _ALWAYS or any(cell.middle(s.failures) for cell in rows)
        ]

    def changes(self) -> list[Change]:
        """The modules whose counts differ most between eras, on the scenario's CPUs."""
        counts = {era: cell.duplicates for era, cell in self.of(self.cpus, False).items()}
        table = next((p.duplicates for p in self.scenario.published if p.duplicates), {})
        real = table if self.cpus == self.scenario.cpus else {}
        names = dict.fromkeys(name for found in counts.values() for name in found)
        changes = [
            Change(name, {era: counts[era].get(name, 0) for era in counts}, real.get(name))
            for name in names
        ]
        changes.sort(key=lambda c: (min(c.times.values()) - max(c.times.values()), c.module))
        return [c for c in changes if max(c.times.values()) > min(c.times.values())]


def comparison(scenario: Scenario, cpus: int, ratio: float, runs: list[Run]) -> Comparison:
    """Of all runs."""
    return Comparison(scenario, cpus, ratio, cells(runs))


def to_text(found: Comparison, units: str = "iec") -> str:
    """Tables of the eras on the scenario's CPUs, and a chart of waste against CPUs."""
    title = f"{harmless(found.scenario.title)}, {found.cpus:,} CPUs"
    lines = [*textwrap.wrap(title, _WIDE), "", *_eras(found, units), ""]
    lines += _by_cpus(found, units)
    lines += _modules(found)
    lines += [""]
    for told in _legend(found):
        lines += textwrap.wrap(told, _WIDE, subsequent_indent="  ")
    return "\n".join(lines) + "\n"


def _table(rows: list[list[str]], gap: str = "  ") -> Iterator[str]:
    """The first column to the left, the others to the right."""
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = (f"{cell:>{w}}" for cell, w in zip(others, wide[1:], strict=True))
        yield gap.join((f"{first:<{wide[0]}}", *cells)).rstrip()


def _tables(rows: list[list[str]]) -> Iterator[list[str]]:
    """With two blanks between columns, and with one."""
    yield from (list(_table(rows, gap)) for gap in ("  ", " "))


def _eras(found: Comparison, units: str) -> Iterator[str]:
    """With as many columns as there is room for."""
    rows = [["", *(stage.name for stage in found.stages()), "wasted", *_MORE]]
    cells = found.of(found.cpus, False)
    for era, cell in cells.items():
        counts = [count(round(cell.middle(stage.failures))) for stage in found.stages()]
        low, middle, high = cell.spread("wasted_bytes")
        figures = middle, middle / found.cpus, low, high, cell.middle("peak_vmalloc_bytes")
        rows.append([era, *counts, *(size(round(figure), units) for figure in figures)])
        real = found.published(era)
        if real is not None:
            rows.append(["  a real one", *figures_of(real, found, units), *[""] * len(_MORE)])
    while True:
        lines = next((t for t in _tables(rows) if max(map(len, t)) <= _WIDE), None)
        if lines or len(rows[0]) <= len(found.stages()) + 2:
            break
        rows = [row[:-1] for row in rows]
    yield from lines or _table(rows, " ")
    if any(cell.middle("exhausted") for cell in cells.values()):
        yield "becoming failures here are also loads that found the area for modules full"


def figures_of(real: Published, found: Comparison, units: str) -> list[str]:
    """Its failures at each stage, then its bytes; a dash for what is not known."""
    told = {
        "failed_becoming": real.failed_becoming,
        "failed_load_modules": real.failed_load_modules,
    }
    counts = [told.get(stage.failures, -1) for stage in found.stages()]
    wasted = f"{'≈' if real.about else ''}{size(real.wasted_bytes, units)}"
    shown = ["–" if number < 0 else count(number) for number in counts]
    return [*shown, "–" if real.wasted_bytes < 0 else wasted]


def _by_cpus(found: Comparison, units: str) -> Iterator[str]:
    most = max((c.middle("wasted_bytes") for c in found.cells), default=0) or 1
    rows, wastes = [["CPUs", "wasted, unpacked", f"packed {ratio_of(found)}"]], [0.0]
    for cpus in dict.fromkeys(cell.cpus for cell in found.cells):
        packed = found.of(cpus, True)
        for era, cell in found.of(cpus, False).items():
            other = packed[era].middle("wasted_bytes") if era in packed else 0
            wastes.append(cell.middle("wasted_bytes"))
            pair = size(round(wastes[-1]), units), size(round(other), units)
            rows.append([f"{count(cpus) if era == next(iter(ERAS)) else '':>7}  {era}", *pair])
    lines = list(_table(rows))
    room = max(4, _WIDE - max(map(len, lines)) - 2)
    wide = max(map(len, lines))
    for line, waste in zip(lines, wastes, strict=True):
        bar = "█" * max(round(waste / most * room), 1 if waste else 0)
        yield f"{line:<{wide}}  {bar}".rstrip()


def _modules(found: Comparison) -> Iterator[str]:
    changes = found.changes()
    if not changes:
        return
    yield ""
    real = any(c.published is not None for c in changes)
    rows = [["module", *changes[0].times, *(["a real one"] if real else [])]]
    for change in changes[:_MOST_MODULES]:
        times = [count(round(number)) for number in change.times.values()]
        told = "–" if change.published is None else count(change.published)
        name = clip(harmless(change.module), _LONGEST_NAME)
        rows.append([name, *times, *([told] if real else [])])
    yield from _table(rows)
    if (more := len(changes) - _MOST_MODULES) > 0:
        yield f"and {more} more modules that differ"


def _legend(found: Comparison) -> Iterator[str]:
    yield f"Medians of {counted(found.seeds, 'course')} of chance."
    yield from (f"{era}: {meaning}" for era, meaning in ERAS.items())
    for real in found.scenario.published:
        if found.published(real.era) is not None:
            yield f"a real one, {real.era}: {harmless(real.source)}"


def ratio_of(found: Comparison) -> str:
    """What modules were packed to, as 1:4."""
    return f"1:{1 / found.ratio:.3g}"


def to_object(found: Comparison) -> dict[str, Any]:
    """For other programs; bytes and counts are whole numbers."""
    return {
        "schema": "kmodtop.compare/1",
        "scenario": found.scenario.name,
        "cpus": found.cpus,
        "packed_ratio": found.ratio,
        "seeds": found.seeds,
        "seed": found.cells[0].runs[0].seed if found.cells else 1,
        "published": [published_object(entry) for entry in found.scenario.published],
        "runs": [
            run._asdict() | {"failures": run.failures, "duplicates": dict(run.duplicates)}
            for cell in found.cells
            for run in cell.runs
        ],
    }


def published_object(entry: Published) -> dict[str, Any]:
    """For other programs; None where a figure is not known."""
    names = "failed_becoming", "failed_load_modules", "wasted_bytes"
    known = {name: getattr(entry, name) for name in names}
    figures = {name: None if value < 0 else value for name, value in known.items()}
    table = dict(entry.duplicates)
    head = {"era": entry.era, "source": entry.source, "about": entry.about}
    return {**head, **figures, "duplicates": table}
