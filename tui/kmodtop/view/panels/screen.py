"""All panels by the name of their place, and whole screens of them."""

from collections.abc import Callable

from kmodtop_core.plain import to_ascii

from ..lines import EMPTY, Line, Span, beside, crop
from ..scene import Scene
from ..view import Page, window_of
from . import (
    box,
    chart,
    demo_end,
    findings,
    foot,
    head,
    help,
    host_list,
    hosts,
    load_path,
    module,
    raw,
    storms,
    table,
    verdict,
    waiting,
)
from .layout import Place, places


def screen(scene: Scene, wide: int, high: int) -> list[Line]:
    """Exactly `high` lines of at most `wide` cells: the panels put together."""
    lines: list[Line] = [EMPTY] * high
    for place in places(scene, wide, high):
        for y, line in enumerate(compose(scene, place, wide), place.y):
            if place.panel == "message":
                lines[y] = line
            else:
                lines[y] = beside([lines[y]], [line], place.x)[0] if place.x else line
    return [crop(line, wide, scene.look.glyphs.ellipsis) for line in lines[:high]]


def compose(scene: Scene, place: Place, screen_wide: int) -> list[Line]:
    """The lines of a panel at its place, as many as it has room for."""
    lines = PANELS[place.panel](scene, place.wide, place.high, screen_wide)[: place.high]
    if scene.look.glyphs.is_ascii:
        lines = [_in_ascii(line) for line in lines]
    shown = [crop(line, place.wide, scene.look.glyphs.ellipsis) for line in lines[: place.high]]
    return shown + [EMPTY] * (place.high - len(shown))


Panel = Callable[[Scene, int, int, int], list[Line]]
"""Lines of a panel for a width and a height, on a screen of some width."""


def _names(scene: Scene, high: int) -> tuple[str, ...]:
    return {1: (), 2: ("who",), 3: ("what", "who")}.get(high, ("what", "when", "who"))


def _verdict(scene: Scene, wide: int, high: int, screen_wide: int) -> list[Line]:
    return verdict.rows(scene, wide, _names(scene, high))


def _more(scene: Scene, wide: int, high: int, screen_wide: int) -> list[Line]:
    """A lasting warning; without one, what to do."""
    news = [*head.trouble(scene), *_held_back(scene)]
    if news:
        return [verdict.warning(text, scene, wide) for text in news[:high]]
    if verdict.has_next(scene.view):
        return verdict.rows(scene, wide, ("next",))[1:]
    return [EMPTY]


def _held_back(scene: Scene) -> list[str]:
    """That some modules are not shown, and how to see them again."""
    choice, frame = scene.view.choice, scene.frame
    if frame is None or not (choice.filter or choice.only):
        return []
    which = choice.only_of or f"names with {choice.filter!r}"
    return [f"{len(scene.rows)} of {len(frame.rows)} modules, {which}; Esc shows all"]


def _in_ascii(line: Line) -> Line:
    """Names too, where the terminal has nothing else."""
    return tuple(
        span
        if span.text.isascii()
        else span._replace(
            text=to_ascii(span.text).encode("ascii", "backslashreplace").decode("ascii")
        )
        for span in line
    )


def _page(scene: Scene, wide: int, high: int, screen_wide: int) -> list[Line]:
    page, scroll = scene.view.choice.page, scene.view.choice.scroll
    if page == Page.HELP:
        return help.page(scene, wide)[scroll:]
    if page == Page.DOCTOR:
        return waiting.doctor(scene, wide)[scroll:]
    if page == Page.HOSTS:
        return hosts.page(scene, wide, high)
    if page == Page.BOOTS:
        return storms.boots(scene, wide, high)
    if page == Page.DEMO_END and scene.frame is not None:
        return demo_end.page(scene, wide)[scroll:]
    if scene.frame is None or scene.frame.block is None:
        return waiting.page(scene, wide, high)
    if page == Page.MODULE:
        return module.page(scene, wide, high)
    if page == Page.FINDINGS:
        return findings.page(scene, wide, high)
    return raw.page(scene, wide, high)


def page_length(scene: Scene, wide: int, high: int) -> int:
    """Lines by which the page can be scrolled, with `high` lines of room."""
    page = scene.view.choice.page
    if page == Page.HOSTS:
        return max(0, len(host_list.order(scene.hosts, scene.view)) - 1)
    if page == Page.BOOTS and scene.view.situation.deck is not None:
        return len(scene.view.situation.deck.boots) - 1
    room = next(p.high for p in places(scene, wide, high + 2) if p.panel in ("page", "foot"))
    if page == Page.HELP:
        length = len(help.page(scene, wide))
    elif page == Page.DOCTOR:
        length = len(waiting.doctor(scene, wide))
    elif page == Page.DEMO_END:
        length = len(demo_end.page(scene, wide))
    elif page == Page.FINDINGS:
        answer = scene.view.situation.answer
        length = findings.detail_lines(scene, wide)
        room = high - 4 - (findings.room_for(answer, high) if answer is not None else 0)
    else:
        length = raw.length(scene)
    return max(0, length - max(1, room))


_TITLES = {
    Page.FINDINGS: "findings", Page.HELP: "help", Page.RAW: "raw text", Page.BOOTS: "boots",
    Page.DOCTOR: "doctor",
}  # fmt: skip


def _head(scene: Scene, wide: int, high: int, screen_wide: int) -> list[Line]:
    page = scene.view.choice.page
    if page == Page.HOSTS:
        return [hosts.head(scene, wide)]
    title = _TITLES.get(page, "")
    if page == Page.MODULE:
        row = module.selected(scene)
        title = "".join(span.text for span in module.title(scene, wide)[:1]) if row else "module"
    return [head.head(scene, wide, title)]


def _foot(scene: Scene, wide: int, high: int, screen_wide: int) -> list[Line]:
    return [foot.foot(scene, wide)]


def _boxed(make: Panel, title: Callable[[Scene, int], Line], *keys: tuple[str, str, str]) -> Panel:
    def panel(scene: Scene, wide: int, high: int, screen_wide: int) -> list[Line]:
        body = make(scene, wide - 2, high - 2, screen_wide)
        shown = box.keys_of(*keys)
        note = table.scroll_hint(scene, high - 3) if make is _table else ""
        return box.boxed(body, wide, high, scene.look.glyphs, title(scene, wide), shown, note)

    return panel


def _table(scene: Scene, wide: int, high: int, screen_wide: int) -> list[Line]:
    return table.table(scene, wide, high, screen_wide)


def _titled(*parts: str) -> Callable[[Scene, int], Line]:
    return lambda scene, wide: tuple(
        Span(part, "weight" if not number else "quiet") for number, part in enumerate(parts)
    )


def _chart_title(scene: Scene, wide: int) -> Line:
    block = scene.frame.block if scene.frame is not None else None
    if scene.is_static and block is not None and not block.stats.duplicates:
        return (Span("How often loads failed", "weight"), Span(" by stage", "quiet"))
    if scene.is_static:
        return (
            Span("How often each failed", "weight"),
            Span(" in the order they first failed", "quiet"),
        )
    what = " wasted per second" if chart.is_per_second(scene.view) else " wasted so far"
    if block is not None and not block.stats.failed_requests:
        what = " modules were loaded, no waste to show"
    stage = scene.view.choice.stage
    more = "" if stage == "all" else f", at {stage}"
    whole = ", whole recording" if scene.view.situation.deck is not None else ""
    if window_of(scene.view).seconds is not None:
        whole = f", {window_of(scene.view).name}"
    return (Span("When", "weight"), Span(f"{what}{more}{whole}", "quiet"))


def _table_title(scene: Scene, wide: int) -> Line:
    frame, dot = scene.frame, scene.look.glyphs.dot
    rows = scene.rows
    count = len(frame.rows) if frame is not None else 0
    number = str(count) if len(rows) == count else f"{len(rows)} of {count}"
    growing = sum(row.heat(frame.now) == 2 for row in rows if not row.fallen) if frame else 0
    parts = [f"{growing} growing"] if growing else []
    if scene.view.choice.only_of:
        parts.append(f"those of: {scene.view.choice.only_of}")
    elif scene.view.choice.sort == "wasted":
        parts.append("most wasted first")
    text = "".join(f" {dot} {part}" for part in parts) if count else " none failed"
    return (Span(f"Modules {number if count else ''}".rstrip(), "weight"), Span(text, "quiet"))


def _findings_title(scene: Scene, wide: int) -> Line:
    answer = scene.view.situation.answer
    count = len(answer.findings) if answer is not None else 0
    return (Span("Findings", "weight"), Span(f" {count}" if count else "", "weight"))


PANELS: dict[str, Panel] = {
    "head": _head,
    "verdict": _verdict,
    "more": _more,
    "path": lambda scene, wide, high, screen_wide: load_path.sentence(scene, wide),
    "chart": lambda scene, wide, high, screen_wide: chart.chart(scene, wide, high),
    "storms": lambda scene, wide, high, screen_wide: [storms.row(scene, wide)],
    "table": _table,
    "page": _page,
    "foot": _foot,
    "message": lambda scene, wide, high, screen_wide: [foot.message(scene.view, wide)],
    "path_box": _boxed(
        lambda scene, wide, high, screen_wide: load_path.stages(scene, wide, high),
        _titled("Where loads fail"),
    ),
    "chart_box": _boxed(
        lambda scene, wide, high, screen_wide: chart.chart(scene, wide, high), _chart_title,
        ("t", "per second", "mode"), ("w", "window", "window"),
    ),
    "storms_box": _boxed(
        lambda scene, wide, high, screen_wide: storms.panel(scene, wide, high, screen_wide - 2),
        _titled("Storms"),
    ),
    "table_box": _boxed(
        _table, _table_title, ("s", "sort", "sort"), ("/", "filter", "filter")
    ),
    "module_box": _boxed(
        lambda scene, wide, high, screen_wide: module.panel(scene, wide, high), module.title
    ),
    "findings_box": _boxed(
        lambda scene, wide, high, screen_wide: findings.summary_panel(scene, wide, high),
        _findings_title, ("f", "opens", "findings"),
    ),
}  # fmt: skip
"""Every panel, by the name of its place."""
