"""The list of several sources: a line each, with its verdict and its figures."""

from collections.abc import Callable, Sequence
from typing import Any

from kmodtop_core import units
from kmodtop_core.diagnosis.finding import Level
from kmodtop_core.plain import clip_left, fit, harmless
from kmodtop_core.reports.report import wasted
from kmodtop_core.tracking.frame import DOUBTFUL

from ..lines import Line, Span, crop, marked
from ..rows import UNKNOWN, wastes
from ..scene import HostRow, Scene
from ..view import View
from .verdict import SIGNS, told, word_of

RANKS = (
    Level.STORM_NOW, Level.STORM_OVER, Level.WASTED, Level.FAILING, Level.UNKNOWN, None,
    Level.NEARLY_NONE, Level.HEALTHY,
)  # fmt: skip
"""The worst first, then those that are silent, healthy ones last."""


def loss(host: HostRow) -> int:
    return (wasted(host.frame.block) or 0) if host.frame and host.frame.block else -1


def _rate(host: HostRow) -> float:
    return (host.frame.wasted_rate or 0.0) if host.frame and not host.overdue else -1.0


def _failed(host: HostRow) -> int:
    block = host.frame.block if host.frame else None
    return block.stats.failed_requests if block else -1


def rank(host: HostRow) -> int:
    silent = bool(trouble(host)) and (host.frame is None or host.frame.block is None)
    level = None if silent or host.answer is None else host.answer.verdict.level
    return RANKS.index(level)


HOST_SORTS: dict[str, Callable[[HostRow], Any]] = {
    "verdict": lambda host: (rank(host), -loss(host)),
    "wasted": lambda host: -loss(host),
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


def trouble(host: HostRow) -> str:
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


# ---- the list ----------------------------------------------------------------


def _columns(wide: int) -> dict[str, int]:
    """Cells of each column, in order."""
    if wide < 60:
        return {"host": max(8, wide - 26), "verdict": 11, "wasted": 9}
    found = {"host": 22, "verdict": 11, "wasted": 10, "rate": 12, "failed": 8}
    if wide >= 100:
        found = {"host": 28, "verdict": 11, "wasted": 9, "bar": 8, "rate": 11, "failed": 7}
    rest = wide - 2 - sum(found.values()) - len(found)
    if wide >= 100:
        found["likely"], rest = 20, rest - 21
        found["worst"] = max(8, rest)
    else:
        found["likely"] = max(6, rest - 1)
    return found


_TITLES = {"host": "HOST", "verdict": "VERDICT", "wasted": "WASTED", "bar": "", "rate": "RATE",
           "failed": "FAILED", "likely": "LIKELY", "worst": "WORST MODULE"}  # fmt: skip
_RIGHT = {"wasted", "rate", "failed"}


def lines_of(scene: Scene, places: list[int], at: int, wide: int, high: int) -> list[Line]:
    view, glyphs, hosts = scene.view, scene.look.glyphs, scene.hosts
    room = max(1, high - 1)
    top = max(0, min(at - room + 1, len(places) - room))
    lines = [_heads(view, wide)]
    names = _names(hosts)
    most = max((loss(host) for host in hosts), default=0)
    for number in range(top, min(top + room, len(places))):
        place = places[number]
        line = crop(
            _line(hosts[place], names[place], most, scene, wide, place), wide, glyphs.ellipsis
        )
        lines.append(marked(line, wide) if number == at else line)
    if not places:
        lines.append((Span("  no host's name contains that; Esc clears the filter", "quiet"),))
    return lines[:high]


def _heads(view: View, wide: int) -> Line:
    glyphs = view.look.glyphs
    mark = glyphs.sorted_up if view.choice.reverse else glyphs.sorted_down
    spans = [Span(" ", "head")]
    for column, room in _columns(wide).items():
        text = _TITLES[column] + (mark if view.choice.host_sort == column else "")
        action = f"sort_hosts('{column}')" if column in HOST_SORTS else ""
        style = "head weight" if view.choice.host_sort == column else "head"
        spans.append(Span(" ", "head"))
        spans.append(Span(fit(text, room, column in _RIGHT, glyphs.ellipsis), style, action))
    return tuple(spans)


def _names(hosts: Sequence[HostRow]) -> list[str]:
    """Where the hosts alone tell them apart, without their paths."""
    shown = [harmless(host.label).removeprefix("ssh://") for host in hosts]
    short = [name.partition("/")[0] or name for name in shown]
    return short if len(set(short)) == len(short) else shown


def _line(host: HostRow, label: str, most: int, scene: Scene, wide: int, place: int) -> Line:
    glyphs, columns = scene.look.glyphs, _columns(wide)
    action, why = f"select_host({place})", trouble(host)
    sign, style, word = _standing(host, scene)
    spans = [Span(f"{sign} ", style, action)]
    spans.append(Span(_name(label, columns["host"], scene), "weight", action))
    spans.append(Span(f" {fit(word, columns['verdict'], ellipsis=glyphs.ellipsis)}", style, action))
    if host.frame is None or host.frame.block is None:
        return (*spans, Span(told(f" {why}", glyphs), "", action))
    texts = _texts(host, scene)
    for column, room in columns.items():
        if column in ("host", "verdict"):
            continue
        if column == "bar":
            spans.append(Span(" "))
            spans.append(Span(_bar(loss(host), most, room, scene), "becoming", action))
            continue
        text = fit(texts[column], room, column in _RIGHT, glyphs.ellipsis)
        spans.append(Span(f" {text}", "now" if column == "rate" else "", action))
    return tuple(spans)


def _bar(loss: int, most: int, room: int, scene: Scene) -> str:
    glyphs = scene.look.glyphs
    if loss <= 0 or most <= 0:
        return " " * room
    full = round(loss / most * room)
    return (glyphs.bar * full if full else glyphs.sliver).ljust(room)


def _standing(host: HostRow, scene: Scene) -> tuple[str, str, str]:
    """(sign, style, word) of a host."""
    glyphs = scene.look.glyphs
    if host.frame is None or host.frame.block is None or host.answer is None:
        word = "waiting" if host.frame is None and not host.overdue else "SILENT"
        return glyphs.unknown if word == "SILENT" else glyphs.waiting, "", word
    name, style = SIGNS[host.answer.verdict.level]
    if trouble(host) and not host.ended:
        return glyphs.unknown, "", f"{word_of(host.answer)}, old"
    return getattr(glyphs, name), style, word_of(host.answer)


def _texts(host: HostRow, scene: Scene) -> dict[str, str]:
    frame, look = host.frame, scene.look
    assert frame is not None
    assert frame.block is not None
    total = wasted(frame.block)
    known = wastes(frame, scene.view.knowing(answer=host.answer))
    rows = sorted(
        frame.rows,
        key=lambda row: (-row.recent, -known.get(row.module, UNKNOWN).weight, -row.count),
    )
    worst = ""
    if rows:
        grew = f"+{units.count(rows[0].recent)}"
        number = grew if rows[0].recent else f"{look.glyphs.failed}{units.count(rows[0].count)}"
        worst = f"{harmless(rows[0].module)} {number}"
    rate = frame.wasted_rate
    return {
        "wasted": "?" if total is None else units.brief(total, look.units),
        "rate": f"{units.brief(rate, look.units)}/s" if rate and rate > 0 else "",
        "failed": "?" if frame.block.lacks else units.count(frame.block.stats.failed_requests),
        "likely": told(_likely(host), look.glyphs),
        "worst": worst,
    }


def _likely(host: HostRow) -> str:
    """Why there is no fresh data; else who is named, shortly."""
    if why := trouble(host):
        return why
    verdict = host.answer.verdict if host.answer is not None else None
    if verdict is None or verdict.confidence is None:
        return ""
    return verdict.who.partition(": ")[2] or verdict.who


def _name(label: str, room: int, scene: Scene) -> str:
    """A path is cut at its beginning, a host at its end."""
    ellipsis = scene.look.glyphs.ellipsis
    shown = clip_left(label, room, ellipsis) if "/" in label else label
    return fit(shown, room, ellipsis=ellipsis)
