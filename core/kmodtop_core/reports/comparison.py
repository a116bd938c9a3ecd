"""The page of a comparison: waste by era and CPUs, the modules that change (see `eras`)."""

from collections.abc import Iterator, Sequence

from ..simulation.eras import ERAS
from ..units import count, size
from .eras import Comparison, figures_of, ratio_of
from .web import begin_page, end_page, safe

_WIDE, _ROW, _LEFT, _RIGHT = 960, 16, 190, 100
_MOST_MODULES = 60


def comparison_page(found: Comparison, how: str, version: str) -> str:
    """One HTML page."""
    return "\n".join((*_document(found, how), end_page(version), ""))


def _document(found: Comparison, how: str) -> Iterator[str]:
    title = f"{found.scenario.title}, {found.cpus} CPUs"
    yield from begin_page(title)
    yield f"<h1>{safe(title)}</h1>"
    yield f'<p class="q">medians of {found.seeds} courses of chance</p>'
    yield f"<h2>On {count(found.cpus)} CPUs</h2>"
    yield from _table(_heads(found), list(_rows(found, how)))
    for real in found.scenario.published:
        if found.published(real.era) is not None:
            yield f'<p class="q">a real one, {safe(real.era)}: {safe(real.source)}</p>'
    yield "<h2>Waste by CPUs</h2>"
    yield (
        '<p class="q"><span class="k kb"></span>unpacked<span class="k kl"></span>'
        f"packed {ratio_of(found)}</p>"
    )
    yield _bars(found, how)
    changes = found.changes()
    if changes:
        yield "<h2>Modules that change</h2>"
        heads = ["module", *changes[0].times, "a real one"]
        rows = [
            [c.module, *(count(round(n)) for n in c.times.values()),
             "–" if c.published is None else count(c.published)]
            for c in changes[:_MOST_MODULES]
        ]  # fmt: skip
        yield from _table(heads, rows)


def _heads(found: Comparison) -> list[str]:
    stages = [stage.name for stage in found.stages()]
    return ["era", *stages, "wasted", "lowest to highest", "a CPU", "peak"]


def _rows(found: Comparison, how: str) -> Iterator[list[str]]:
    for era, cell in found.of(found.cpus, False).items():
        counts = [count(round(cell.middle(stage.failures))) for stage in found.stages()]
        low, middle, high = (round(part) for part in cell.spread("wasted_bytes"))
        peak = size(round(cell.middle("peak_vmalloc_bytes")), how)
        spread = f"{size(low, how)} to {size(high, how)}"
        share = size(round(middle / found.cpus), how)
        yield [f"{era}: {ERAS[era]}", *counts, size(middle, how), spread, share, peak]
        real = found.published(era)
        if real is not None:
            yield [f"a real one, {era}", *figures_of(real, found, how), "", "", ""]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield '<div class="w"><table><tr>' + "".join(f"<th>{safe(h)}</th>" for h in heads) + "</tr>"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{safe(cell)}</td>" for cell in row) + "</tr>"
    yield "</table></div>"


def _bars(found: Comparison, how: str) -> str:
    """A pair of bars for each era on each number of CPUs, in the manner of systemd-analyze plot."""
    most = max((c.middle("wasted_bytes") for c in found.cells), default=0) or 1
    scale = (_WIDE - _LEFT - _RIGHT) / most
    parts: list[str] = []
    y = 4
    for cpus in dict.fromkeys(cell.cpus for cell in found.cells):
        packed = found.of(cpus, True)
        for era, cell in found.of(cpus, False).items():
            label = f"{count(cpus)} CPUs, {era}"
            parts.append(f'<text x="{_LEFT - 8}" y="{y + 11}" text-anchor="end">{label}</text>')
            pair = ((cell, "b"),) + (((packed[era], "l"),) if era in packed else ())
            for number, (one, colour) in enumerate(pair):
                wasted = one.middle("wasted_bytes")
                top = y + number * (_ROW // 2 - 1)
                parts.append(
                    f'<rect class="{colour}" x="{_LEFT}" y="{top}" width="{wasted * scale:.1f}"'
                    f' height="{_ROW // 2 - 2}"/>'
                )
            end = _LEFT + max(one.middle("wasted_bytes") for one, _ in pair) * scale + 6
            told = size(round(cell.middle("wasted_bytes")), how)
            parts.append(f'<text class="q" x="{end:.1f}" y="{y + 11}">{told}</text>')
            y += _ROW
        y += 8
    head = f'<svg viewBox="0 0 {_WIDE} {y}" role="img"><title>waste by CPUs</title>'
    return f"{head}{''.join(parts)}</svg>"
