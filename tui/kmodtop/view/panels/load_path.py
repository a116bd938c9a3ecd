"""The load path: at which of the four stages loads fail, what that wastes, and what is live."""

from collections import defaultdict

from kmodtop_core import units
from kmodtop_core.reports.report import reconciliation
from kmodtop_core.stats.block import ABSURD_BYTES, Block
from kmodtop_core.stats.values import STAGES

from ..lines import EMPTY, Line, Span, crop
from ..rows import UNKNOWN
from ..scene import Scene
from ..theme import Glyphs
from .figures import PATTERNS
from .verdict import told

_STARTS = (1, 12, 28, 48, 66)
"""Columns at which stages and live begin on 80; wider screens give more to the last three."""

_STYLES = ("early", "early", "becoming", "load")


def sentence(scene: Scene, wide: int) -> list[Line]:
    """Two lines: the stages from left to right, below each how many failed, and what they cost."""
    if scene.frame is None or scene.frame.block is None:
        return [EMPTY, EMPTY]
    block, glyphs = scene.frame.block, scene.look.glyphs
    if wide < 64:
        return _narrow(block, scene, wide)
    starts = _starts(wide)
    names, counts = [Span(" ")], [Span(" ")]
    for place, stage in enumerate(STAGES):
        room = starts[place + 1] - starts[place]
        failed = _failed(block, place)
        bad = failed is None or failed > 0
        own = swatch(place, scene) if bad else ()
        text = f"{place + 1} {stage.name} "
        used = len(text) + 2 * bool(own)
        names += [*own, Span(text, "weight" if bad else "quiet"), _arrow(room - used, glyphs)]
        counts += _count(block, place, room, scene)
    names += [Span(f"{glyphs.good} ", "good"), Span("live", "weight")]
    counts += _live(block, scene)
    return [crop(tuple(line), wide, glyphs.ellipsis) for line in (names, counts)]


def _starts(wide: int) -> list[int]:
    more = wide - 80
    if more >= 0:
        return [s + more * max(0, place - 2) // 4 for place, s in enumerate(_STARTS)]
    return [max(1, s * (wide - 14) // 66) for s in _STARTS]


def _failed(block: Block, place: int) -> int | None:
    stage = STAGES[place]
    return None if stage.failures in block.missing else block.stats.counter(stage.failures)


def _lost(block: Block, place: int, scene: Scene) -> str:
    stage = STAGES[place]
    if stage.bytes in block.missing:
        return "?"
    lost = block.stats.counter(stage.bytes)
    return "?" if lost >= ABSURD_BYTES else units.brief(lost, scene.look.units)


def swatch(place: int, scene: Scene) -> Line:
    """The legend of the chart; a pattern where colours do not tell the stages apart."""
    glyphs, has_fills = scene.look.glyphs, scene.look.theme.has_fills
    if place < 2:
        return (Span(f"{glyphs.early} ", _STYLES[place]),)
    pattern = glyphs.becoming if place == 2 else glyphs.load
    if glyphs.is_ascii:
        return (Span(f"{pattern} ", _STYLES[place]),)
    return (Span(f"{glyphs.stage} ", _STYLES[place]) if has_fills else Span(f"{pattern} "),)


def _arrow(room: int, glyphs: Glyphs) -> Span:
    head = glyphs.arrow[-1]
    shaft = glyphs.arrow[0] * max(0, room - 2)
    return Span(f"{shaft}{head} " if room >= 2 else " " * max(0, room), "quiet")


def _count(block: Block, place: int, room: int, scene: Scene) -> list[Span]:
    failed = _failed(block, place)
    if failed == 0:
        return [Span(f"  {'0':<{room - 2}}", "quiet")]
    number = "?" if failed is None else units.count(failed)
    lost = _lost(block, place, scene)
    stage = STAGES[place]
    grew = scene.frame is not None and scene.frame.recent.deltas.get(stage.failures, 0) > 0
    rest = f" {lost}"
    pad = " " * max(1, room - 2 - len(number) - len(rest))
    return [Span(f"  {number}", "now" if grew else "weight"), Span(rest + pad)]


def _live(block: Block, scene: Scene) -> list[Span]:
    loads = "?" if "modcount" in block.missing else units.count(block.stats.modcount)
    known = "total_mod_size" not in block.missing
    size = units.brief(block.stats.total_mod_size, scene.look.units) if known else "?"
    return [Span(loads, "weight"), Span(f" {size}")]


def _narrow(block: Block, scene: Scene, wide: int) -> list[Line]:
    lines = []
    for place in (2, 3):
        failed = _failed(block, place)
        number = "?" if failed is None else units.count(failed)
        text = f" {_lost(block, place, scene)}" if failed != 0 else ""
        name = f"{STAGES[place].name:<9}"
        lines.append(
            (Span(" "), *swatch(place, scene), Span(name, "quiet"),
             Span(f"{number:>7}", "weight"), Span(text))
        )  # fmt: skip
    early = sum(_failed(block, place) or 0 for place in (0, 1))
    if early:
        lines[0] = (*lines[0], Span(f"  kread+ {units.count(early)}", "early"))
    return [crop(line, wide, scene.look.glyphs.ellipsis) for line in lines]


# ---- as a panel --------------------------------------------------------------


def stages(scene: Scene, wide: int, high: int) -> list[Line]:
    """A line a stage with bars on one scale; below, whether the table accounts for it all."""
    if scene.frame is None or scene.frame.block is None:
        return [EMPTY]
    block, glyphs = scene.frame.block, scene.look.glyphs
    lost = [0 if s.bytes in block.missing else block.stats.counter(s.bytes) for s in STAGES]
    most, room = max(lost), max(0, wide - 38)
    lines = [_stage_line(block, place, lost[place], most, room, scene) for place in range(4)]
    live = _live(block, scene)
    lines.append(
        (Span(f" {glyphs.good} ", "good"), Span(f"  {'live':<11}", "weight"),
         Span(f"{live[0].text:>{7 if room < 4 else 8}}", "weight"),
         Span(f"{live[1].text.strip():>{10 if room < 4 else 11}}"))
    )  # fmt: skip
    lines += [EMPTY, *_account(scene, wide)]
    return [crop(line, wide, glyphs.ellipsis) for line in lines[:high]]


def _stage_line(block: Block, place: int, lost: int, most: int, room: int, scene: Scene) -> Line:
    glyphs, failed = scene.look.glyphs, _failed(block, place)
    bad = failed is None or failed > 0
    number = "?" if failed is None else units.count(failed)
    amount = _lost(block, place, scene) if bad else glyphs.dash
    mark: Line = swatch(place, scene) if bad else (Span("  "),)
    bar = max(1, round(lost / most * room)) if lost and most and room else 0
    sign = glyphs.bar if scene.look.theme.has_fills else mark[0].text[0]
    if glyphs.is_ascii:
        sign = mark[0].text[0]
    weight = "weight" if bad else "quiet"
    grew = scene.frame is not None and scene.frame.recent.deltas.get(STAGES[place].failures, 0) > 0
    return (
        Span(" "), *mark, Span(f"{place + 1} {STAGES[place].name:<11}", weight),
        Span(f"{number:>{7 if room < 4 else 8}}", "now" if grew else weight),
        Span(f"{amount:>{10 if room < 4 else 11}}", "" if bad else "quiet"),
        Span("  "), Span(sign * bar, _STYLES[place]),
    )  # fmt: skip


def _account(scene: Scene, wide: int) -> list[Line]:
    """Whether the table accounts for the failures; the patterns, with what each wasted."""
    assert scene.frame is not None
    block = scene.frame.block
    assert block is not None
    glyphs = scene.look.glyphs
    if not block.stats.failed_requests and not block.lacks:
        return [(Span(" 0 failed, nothing was thrown away"),)]
    lines: list[Line] = []
    early = block.stats.failed_requests - block.stats.failures
    if early and not block.lacks:
        text = f" {units.count(early)} failed at kread or decompress: no duplicates"
        lines.append((Span(text),))
    if block.stats.failures or block.lacks or not early:
        whole = f" {told(reconciliation(block), glyphs)}"
        lines.append((Span(whole if len(whole) <= wide else _short_account(block)),))
    ratio = block.stats.virtual_mem_wasted_bytes / max(1, block.stats.total_mod_size)
    if "total_mod_size" not in block.missing and ratio >= 2:
        lines.append((Span(f" {ratio:,.1f} times as much as was loaded"),))
    for pattern, (modules, lost) in _patterns(scene).items():
        amount = "" if lost is None else units.brief(lost, scene.look.units)
        word = PATTERNS.get(pattern, pattern)
        lines.append(
            (Span(f" {modules:>3}", "weight"), Span(f" module{'s' if modules > 1 else ' '} "),
             Span(f"{word:<8}", "weight"), Span(f"{amount:>11}"))
        )  # fmt: skip
    return lines


def _short_account(block: Block) -> str:
    failed, listed = (
        units.count(block.stats.failures),
        units.count(block.stats.duplicate_failures),
    )
    if block.table_missing:
        return f" {failed} failed, no table"
    if block.other is None:
        return f" {failed} failed, {listed} in a cut table"
    if block.other < 0:
        return f" {failed} failed, {listed} duplicates (counting)"
    return f" {failed} = {listed} duplicates + {units.count(block.other)}"


def _patterns(scene: Scene) -> dict[str, tuple[int, int | None]]:
    """How many modules follow each, and their bytes, None where not all are known; most first."""
    assert scene.frame is not None
    answer = scene.view.situation.answer
    if answer is None:
        return {}
    known = scene.wastes
    groups: dict[str, list[str]] = defaultdict(list)
    for module, pattern in answer.patterns.items():
        groups[pattern].append(module)
    found: dict[str, tuple[int, int | None]] = {}
    for pattern, modules in sorted(groups.items(), key=lambda group: -len(group[1])):
        own = [known.get(module, UNKNOWN) for module in modules]
        is_known = all(w.bytes is not None and not w.at_most for w in own)
        found[pattern] = (len(modules), sum(w.bytes or 0 for w in own) if is_known else None)
    return found
