"""Several hosts, one line each: what is wasted, how fast, the trend, and the worst that is seen."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from kmodtop_core import units
from kmodtop_core.plain import clip_left, fit, harmless
from kmodtop_core.reports.report import wasted
from kmodtop_core.stats.values import STAGES
from kmodtop_core.tracking.frame import DOUBTFUL, Frame
from kmodtop_core.tracking.history import Past

from ..lines import EMPTY, Line, Span, cells, crop, spread, styled
from ..view import View

_TREND_S = 120.0
"""Seconds that the trend of a host shows."""


_FIGURES = {"wasted": 11, "rate": 13, "failed": 9}
"""Columns of figures, with their cells."""


class HostRow(NamedTuple):
    """What there is of a host. `frame` is None before anything came; `overdue` seconds.

    `past` is a reader of what was before the frame.
    """

    label: str
    frame: Frame | None
    overdue: float = 0.0
    ended: bool = False
    past: Past | None = None


def _loss(host: HostRow) -> int:
    return (wasted(host.frame.block) or 0) if host.frame and host.frame.block else -1


def _rate(host: HostRow) -> float:
    return (host.frame.wasted_rate or 0.0) if host.frame and not host.overdue else -1.0


def _failed(host: HostRow) -> int:
    block = host.frame.block if host.frame else None
    return block.stats.failed_requests if block else -1


HOST_SORTS: dict[str, Callable[[HostRow], Any]] = {
    "as given": lambda host: 0,
    "wasted": lambda host: -_loss(host),
    "rate": lambda host: -_rate(host),
    "failed": lambda host: -_failed(host),
    "host": lambda host: host.label,
}


def order(hosts: Sequence[HostRow], view: View) -> list[int]:
    """Places of the hosts in the order in which they are shown."""
    key = HOST_SORTS[view.choice.host_sort]
    wanted = view.choice.filter.lower()
    places = [i for i, host in enumerate(hosts) if wanted in harmless(host.label).lower()]
    return sorted(places, key=lambda place: key(hosts[place]), reverse=view.choice.reverse)


def overview(hosts: Sequence[HostRow], view: View, wide: int, high: int) -> list[Line]:
    """Exactly `high` lines of at most `wide` cells."""
    places = order(hosts, view)
    room = max(1, high - 4)
    at = min(view.choice.scroll, max(0, len(places) - 1))
    top = max(0, min(at - room + 1, len(places) - room))
    lines = [_head(hosts, view, wide), EMPTY, _titles(view, wide)]
    names = _names(hosts)
    for number in range(top, min(top + room, len(places))):
        place = places[number]
        line = _line(hosts[place], names[place], view, wide, place)
        lines.append(styled(line, "cursor") if number == at else line)
    lines += [EMPTY] * (high - 1 - len(lines))
    lines.append(_foot(view, wide))
    return [crop(line, wide, view.look.glyphs.ellipsis) for line in lines[:high]]


def _head(hosts: Sequence[HostRow], view: View, wide: int) -> Line:
    answering = sum(h.frame is not None and h.frame.gap is None and not h.overdue for h in hosts)
    growing = sum(_rate(host) > 0 for host in hosts)
    total = sum(max(0, _loss(host)) for host in hosts)
    left = (
        Span(" kmodtop ", "title"),
        Span(f"  {len(hosts)} hosts", "bold"),
        Span(f"  {units.size(total, view.look.units)} wasted in all", "loss" if total else ""),
    )
    told = f"{answering} answering"
    style = "good" if answering == len(hosts) else "warn"
    right = (Span(f"{growing} growing  ", "hot" if growing else "dim"), Span(f"{told} ", style))
    return spread(left, right, wide, view.look.glyphs.ellipsis)


def _columns(wide: int) -> tuple[int, int, int, tuple[str, ...]]:
    """Cells for the name, the trend, and what is found; and the figures there is room for."""
    figures = tuple(_FIGURES) if wide >= 60 else ("wasted", "rate")
    rest = wide - 2 - sum(_FIGURES[name] for name in figures)
    trend = 20 if wide >= 110 else 10 if wide >= 76 else 0
    name = max(10, min(34, (rest - trend) // 2))
    return name, trend, max(0, rest - trend - name - 3), figures


def _titles(view: View, wide: int) -> Line:
    name, trend, found, figures = _columns(wide)
    mark = view.look.glyphs.sorted_up if view.choice.reverse else view.look.glyphs.sorted_down
    spans = [Span("  ", "head")]
    for sort in ("host", *figures):
        text = sort.upper() + (mark if view.choice.host_sort == sort else "")
        room = _FIGURES.get(sort, name)
        spans.append(
            Span(
                fit(text, room, sort != "host", view.look.glyphs.ellipsis),
                "head",
                f"sort_hosts('{sort}')",
            )
        )
    rest = (f"  {'TREND, 2 min':<{trend}.{trend}}" if trend else "") + " FOUND"
    spans.append(Span(fit(rest, found + trend + 3, ellipsis=view.look.glyphs.ellipsis), "head"))
    return tuple(spans)


def _names(hosts: Sequence[HostRow]) -> list[str]:
    """Where the hosts alone tell them apart, without their paths."""
    shown = [harmless(host.label).removeprefix("ssh://") for host in hosts]
    short = [name.partition("/")[0] or name for name in shown]
    return short if len(set(short)) == len(short) else shown


def _line(host: HostRow, label: str, view: View, wide: int, place: int) -> Line:
    name, trend, found, columns = _columns(wide)
    frame, block = host.frame, host.frame.block if host.frame else None
    growing = _rate(host) > 0
    action = f"open_host({place})"
    sign = view.look.glyphs.up if growing else view.look.glyphs.waiting if _trouble(host) else " "
    style = "hot" if growing else "warn" if _trouble(host) else ""
    spans = [
        Span(f"{sign} ", style, action),
        Span(_name(label, name, view), "bold", action),
    ]
    if block is None or frame is None:
        spans.append(Span(f"  {_trouble(host)}", style, action))
        return crop(tuple(spans), wide, view.look.glyphs.ellipsis)
    total = wasted(block)
    loss = "?" if total is None else units.size(total, view.look.units)
    speed = units.rate(frame.wasted_rate, view.look.units) if frame.wasted_rate else ""
    failed = "?" if block.lacks else units.count(block.stats.failed_requests)
    told = {
        "wasted": (loss, "loss" if total else "dim"),
        "rate": (speed, "hot"),
        "failed": (failed, ""),
    }
    for figure in columns:
        text, look = told[figure]
        spans.append(Span(f"{text:>{_FIGURES[figure]}}", look, action))
    if trend:
        spans.append(Span(f"  {_spark(frame, host.past, view, trend)}", "stage3", action))
    if found:
        worst = _trouble(host) or _found(frame, view)
        spans.append(Span(f" {worst}", style or "dim", action))
    return crop(tuple(spans), wide, view.look.glyphs.ellipsis)


def _name(label: str, room: int, view: View) -> str:
    """A path is cut at its beginning, a host at its end."""
    ellipsis = view.look.glyphs.ellipsis
    shown = clip_left(label, room, ellipsis) if "/" in label else label
    return fit(shown, room, ellipsis=ellipsis)


def _trouble(host: HostRow) -> str:
    """Why there is no fresh data; empty when there is."""
    if host.overdue:
        return f"no answer for {units.age(host.overdue)}"
    if host.ended:
        return "ended"
    if host.frame is None:
        return "connecting"
    if host.frame.gap is not None and host.frame.gap.why != DOUBTFUL:
        why = host.frame.gap.why.told
        return f"{units.age(host.frame.gap_s)}: {why}" if host.frame.block else why
    return ""


def _found(frame: Frame, view: View) -> str:
    """The worst that is seen: what grows, what is odd, who failed most."""
    growing = sorted(frame.growing, key=lambda row: -row.recent)
    if growing:
        return f"{harmless(growing[0].module)} +{units.count(growing[0].recent)}"
    if frame.warnings:
        return frame.warnings[0].code
    rows = sorted(frame.rows, key=lambda row: -row.count)
    return f"{harmless(rows[0].module)} {view.look.glyphs.failed}{rows[0].count:,}" if rows else ""


def _spark(frame: Frame, past: Past | None, view: View, count: int) -> str:
    """What was wasted in each part of the last two minutes, the most is full height."""
    width = _TREND_S / count
    last = int(frame.now // width) + 1
    edges = [min((last - count + i) * width, frame.now) for i in range(count + 1)]
    values = past.at(edges) if past is not None else [None] * len(edges)
    grown = [
        max(0.0, sum(b[: len(STAGES)]) - sum(a[: len(STAGES)])) if a and b else 0.0
        for a, b in pairwise(values)
    ]
    most, ramp = max(grown, default=0.0), view.look.glyphs.eighths.strip()
    return "".join(
        ramp[min(len(ramp) - 1, int(g / most * len(ramp)))] if g > 0 else " " for g in grown
    )


def _foot(view: View, wide: int) -> Line:
    if view.choice.asking:
        return (Span(f" {view.choice.asking:<8}", "key"),)
    if view.situation.note:
        return (Span(f" {view.situation.note}", "warn"),)
    keys = (
        ("Enter", "open", "open"),
        ("s", "sort", "sort"),
        ("S", "turn", "reverse"),
        ("/", "filter", "filter"),
        ("?", "help", "help"),
        ("q", "quit", "quit"),
    )
    spans: list[Span] = [Span(" ")]
    for key, text, action in keys:
        if cells(tuple(spans)) + len(key) + len(text) + 3 <= wide:
            spans += [Span(key, "key", action), Span(f" {text}  ", "", action)]
    return tuple(spans)
