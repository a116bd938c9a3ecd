"""Several sources, one line each, the worst first; below them when the selected one wasted it."""

from collections import defaultdict
from collections.abc import Sequence

from kmodtop_core import units
from kmodtop_core.plain import harmless

from ..lines import EMPTY, Line, Span, crop, spread
from ..scene import HostRow, Scene
from .box import boxed, keys_of
from .chart import chart
from .host_list import RANKS, lines_of, loss, order, rank, trouble
from .verdict import SIGNS, badge, believed, told, word_of

_LEAST_CHART = 6
"""Lines that the chart of the selected host needs."""


def head(scene: Scene, wide: int) -> Line:
    """How many sources there are, and how many of them answer."""
    hosts = scene.hosts
    answering = sum(not trouble(host) for host in hosts)
    silent = len(hosts) - answering
    left = (Span(" kmodtop ", "title"), Span(f"  {len(hosts)} hosts", "weight"))
    text = f"{answering} answer" + (f", {silent} silent " if silent else " ")
    return spread(left, (Span(text, "" if silent else "good"),), wide, scene.look.glyphs.ellipsis)


def rows_above(hosts: Sequence[HostRow], high: int, rows: int) -> int:
    """Lines of the list, its head included; the rest is for the selected host's chart."""
    whole = max(1, rows) + 1
    left = high - whole
    return whole if left >= _LEAST_CHART + 2 else max(2, high if high < 14 else high - 9)


def page(scene: Scene, wide: int, high: int) -> list[Line]:
    """The verdict of all, the list, the selected host."""
    hosts, view, glyphs = scene.hosts, scene.view, scene.look.glyphs
    places = order(hosts, view)
    at = min(view.choice.scroll, max(0, len(places) - 1))
    lines: list[Line] = list(_verdict(hosts, scene, wide)) if high >= 8 else []
    lines += [EMPTY] if high >= 18 else []
    room = rows_above(hosts, high - len(lines), len(places))
    lines += lines_of(scene, places, at, wide, room)
    left = high - len(lines)
    if places and left >= _LEAST_CHART:
        lines += _selected(scene, hosts[places[at]], wide, left)
    return [crop(line, wide, glyphs.ellipsis) for line in lines[:high]]


def _verdict(hosts: Sequence[HostRow], scene: Scene, wide: int) -> list[Line]:
    glyphs = scene.look.glyphs
    worst = min(hosts, key=rank)
    total = sum(max(0, loss(host)) for host in hosts)
    answer = worst.answer
    amount = units.brief(total, scene.look.units)
    if answer is None or RANKS[rank(worst)] is None:
        sign, style, word, some = glyphs.waiting, "", "WAITING", "no host has answered yet"
    else:
        name, style = SIGNS[answer.verdict.level]
        sign, word = getattr(glyphs, name), word_of(answer)
        same = sum(rank(host) == rank(worst) for host in hosts)
        some = f"on {same} of {len(hosts)} hosts {glyphs.dot} {amount} wasted in all"
    edge = Span(glyphs.edge, style)
    head: Line = (
        edge,
        Span(f" {sign} {word}", f"weight {style}".strip()),
        Span(told(f"  {some}", glyphs)),
    )
    return [head, (edge, Span(" same  ", "quiet"), Span(told(_same(hosts), glyphs)))]


def _same(hosts: Sequence[HostRow]) -> str:
    """Modules that are asked for by every CPU on several hosts: likely one cause."""
    found: dict[str, int] = defaultdict(int)
    for host in hosts:
        patterns = host.answer.patterns if host.answer is not None else {}
        for module, pattern in patterns.items():
            found[module] += pattern == "per-cpu"
    common = sorted((m for m, n in found.items() if n > 1), key=lambda m: (-found[m], m))
    if not common:
        return "no module fails per CPU on several hosts"
    more = f" and {len(common) - 3} more" if len(common) > 3 else ""
    number = max(found[module] for module in common)
    names = ", ".join(harmless(module) for module in common[:3])
    return f"one cause, possibly: {names}{more} fail per CPU on {number} hosts"


# ---- the selected one --------------------------------------------------------


def _selected(scene: Scene, host: HostRow, wide: int, high: int) -> list[Line]:
    """Its verdict, and its chart."""
    glyphs = scene.look.glyphs
    one = scene._replace(
        frame=host.frame, past=host.past or scene.past, latest=None, whole=None,
        view=scene.view.knowing(answer=host.answer, hosts=1, deck=None, demo=None),
    )  # fmt: skip
    if wide >= 100 and high >= 10:
        title = (Span(harmless(host.label), "weight"), Span(" the selected host", "quiet"))
        body = _inside(one, host, wide - 2, high - 2)
        keys = keys_of((glyphs.enter, "opens", "open"))
        return boxed(body, wide, high, glyphs, title, keys)
    rule: Line = (Span(glyphs.dash * wide, "quiet"),)
    return [rule, *_inside(one, host, wide, high - 1)]


def _inside(one: Scene, host: HostRow, wide: int, high: int) -> list[Line]:
    glyphs = one.look.glyphs
    if host.frame is None or host.frame.block is None or host.answer is None:
        return [
            (Span(told(f" {glyphs.unknown} {trouble(host) or 'nothing has come yet'}", glyphs)),)
        ]
    verdict = host.answer.verdict
    who = f" {verdict.who}{believed(verdict.confidence, glyphs)}"
    lines = [crop(badge(host.answer, one)[1:], wide, glyphs.ellipsis), (Span(told(who, glyphs)),)]
    return [*lines, *chart(one, wide, high - len(lines))]
