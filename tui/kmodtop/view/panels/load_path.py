"""What is wasted, and at which of the four stages of a load."""

from kmodtop_core import units
from kmodtop_core.reports.report import reconciliation, wasted
from kmodtop_core.stats.values import STAGES
from kmodtop_core.tracking.frame import Frame

from ..lines import Line, Span, cells, crop, spread
from ..view import View


def loss(frame: Frame, view: View, wide: int) -> Line:
    """The one number, how fast it grows, and of how many requests it is."""
    block = frame.block
    assert block is not None
    total = wasted(block)
    amount = "?" if total is None else units.size(total, view.look.units)
    left = [Span(" WASTED ", "loss"), Span(f"{amount} ", "loss"), *_rate(frame, view, wide)]
    stats = block.stats
    requests = units.count(stats.failed_requests) if not block.lacks else "?"
    loaded = "?" if "modcount" in block.missing else units.count(stats.modcount)
    modules = units.size(stats.total_mod_size, view.look.units)
    right = f"{requests} failed {view.look.glyphs.dot} {loaded} loads"
    if wide >= 70 and "total_mod_size" not in block.missing:
        right += f" ({modules})"
    end = (Span(f"{right} ", "bold"),)
    if cells(tuple(left)) + cells(end) >= wide:
        return crop(tuple(left), wide, view.look.glyphs.ellipsis)  # the loss and its rate go first
    return spread(tuple(left), end, wide, view.look.glyphs.ellipsis)


def _rate(frame: Frame, view: View, wide: int) -> list[Span]:
    if frame.wasted_rate:
        sign = view.look.glyphs.up if frame.wasted_rate > 0 else "v"
        return [Span(f" {sign} {units.rate(abs(frame.wasted_rate), view.look.units)} ", "hot")]
    since = sum(frame.since_start.deltas.get(stage.bytes, 0) for stage in STAGES)
    if since > 0:
        when = " since start" if wide >= 50 else ""
        return [Span(f" +{units.size(since, view.look.units)}{when}", "dim")]
    return [Span(" not growing", "dim")] if frame.wasted_rate is not None else []


def load_path(frame: Frame, view: View, wide: int) -> list[Line]:
    """The stages as a sentence from left to right: where requests fail, with count and bytes."""
    assert frame.block is not None
    if wide < 64:
        return [_narrow_path(frame, view, wide)]
    each = (wide - 1) // 5
    names: list[Span] = [Span(" ")]
    counts: list[Span] = [Span(" ")]
    amounts: list[Span] = [Span(" ")]
    for place, stage in enumerate(STAGES):
        failed, style = frame.block.stats.counter(stage.failures), ""
        known = stage.failures not in frame.block.missing
        bad = known and failed > 0
        grew = frame.recent.deltas.get(stage.failures, 0)
        style = ("hot" if grew else f"stage{place}") if bad else "dim"
        names += _arrow(f"{place + 1} {stage.name} ", each, style, view)
        number = units.count(failed) if known else "?"
        counts.append(_cell(_failed(number, bad, grew, view), each, style))
        lost = frame.block.stats.counter(stage.bytes)
        lost_text = "?" if stage.bytes in frame.block.missing else units.size(lost, view.look.units)
        amounts.append(
            _cell(lost_text if lost or bad or not known else view.look.glyphs.dash, each, style)
        )
    loaded = "?" if "modcount" in frame.block.missing else units.count(frame.block.stats.modcount)
    names.append(Span("live", "good"))
    counts.append(Span(f"{loaded} loads", "good"))
    size = units.size(frame.block.stats.total_mod_size, view.look.units)
    amounts.append(Span("?" if "total_mod_size" in frame.block.missing else size, "good"))
    return [crop(tuple(line), wide, view.look.glyphs.ellipsis) for line in (names, counts, amounts)]


def _failed(number: str, bad: bool, grew: int, view: View) -> str:
    if grew > 0:
        return f"{number} {view.look.glyphs.failed} +{units.count(grew)}"
    return f"{number} failed {view.look.glyphs.failed}" if bad else f"{number} failed"


def _arrow(text: str, each: int, style: str, view: View) -> list[Span]:
    head, shaft = view.look.glyphs.arrow[-1], view.look.glyphs.dash
    room = max(0, each - len(text) - 2)
    return [Span(text, style), Span(f"{shaft * room}{head} ", "dim")]


def _cell(text: str, each: int, style: str) -> Span:
    return Span(f"{text[: each - 1]:<{each}}", style)


def _narrow_path(frame: Frame, view: View, wide: int) -> Line:
    block = frame.block
    assert block is not None
    spans: list[Span] = []
    for place, (name, stage) in enumerate(
        zip(("kread", "decomp", "becoming", "load"), STAGES, strict=True)
    ):
        failed = block.stats.counter(stage.failures)
        number = "?" if stage.failures in block.missing else units.count(failed)
        style = (
            ("hot" if stage.failures in frame.recent.deltas else f"stage{place}")
            if failed
            else "dim"
        )
        spans.append(Span(f" {name} {number}", style))
    return crop(tuple(spans), wide, view.look.glyphs.ellipsis)


def account(frame: Frame, view: View, wide: int) -> Line:
    """Whether the table accounts for the failures: duplicates, others, or a cut table."""
    block = frame.block
    assert block is not None
    stats = block.stats
    failures, duplicates = units.count(stats.failures), units.count(stats.duplicate_failures)
    full = (Span(f" {reconciliation(block)}"),)
    if block.table_missing:
        short = f" {failures} failures, duplicates unknown: no table"
    elif block.other is None:
        short = f" {failures} failures, {duplicates} in the table, which is cut"
    elif block.other < 0:
        short = f" {failures} failures, {duplicates} duplicates (counting)"
    else:
        short = f" {failures} failures = {duplicates} duplicates + {units.count(block.other)} other"
    style = "warn" if block.other is None and not block.lacks else ""
    line = full if cells(full) <= wide else (Span(short),)
    return crop((line[0]._replace(style=style),), wide, view.look.glyphs.ellipsis)
