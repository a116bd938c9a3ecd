"""Which panel stands where, at any size from 20×5 on."""

from typing import NamedTuple

from kmodtop_core.tracking.frame import Frame
from kmodtop_core.tracking.history import Past

from ..lines import EMPTY, Line, Span, crop
from ..view import Page, View
from . import demo_end, head, load_path, pages, table, timeline, trend, verdict


class Places(NamedTuple):
    """First line and height of the table and of the trend; a height of 0 is none.

    `line_at` is where the timeline stands, if there is one.
    """

    trend_at: int
    trend_high: int
    line_at: int
    table_at: int
    table_high: int


def screen(frame: Frame | None, past: Past, view: View, wide: int, high: int) -> list[Line]:
    """Exactly `high` lines of at most `wide` cells. `past`: of the frame that is shown."""
    shown = view.choice.frozen or frame
    top = head.head(frame, view, wide)
    # What was seen is about the boot's end, also while another moment is frozen.
    body = _body(frame if view.choice.page == Page.DEMO_END else shown, past, view, wide, high - 2)
    lines = [top, *body[: high - 2]]
    lines += [EMPTY] * (high - 1 - len(lines))
    lines.append(_input_line(view, wide) if view.choice.asking else head.foot(view, wide))
    return [crop(line, wide, view.look.glyphs.ellipsis) for line in lines[:high]]


def _body(frame: Frame | None, past: Past, view: View, wide: int, high: int) -> list[Line]:
    if view.choice.page == Page.HELP:
        return pages.help_lines(wide, view)[view.choice.scroll :]
    if view.choice.page == Page.BOOTS and view.situation.deck:
        return timeline.boots_page(view.situation.deck, view, wide, high)
    if frame is None or frame.block is None:
        return pages.waiting_page(frame, view, wide)
    if view.choice.page == Page.MODULE:
        return pages.module_page(frame, past, view, wide, high)
    if view.choice.page == Page.DEMO_END:
        return demo_end.seen_page(frame, view, wide)[view.choice.scroll :]
    if view.choice.page == Page.FINDINGS:
        return verdict.findings_page(view, wide)[view.choice.scroll :]
    if view.choice.page == Page.RAW:
        return pages.raw_page(frame, view, wide, high)
    return _main(frame, past, view, wide, high)


def _main(frame: Frame, past: Past, view: View, wide: int, high: int) -> list[Line]:
    lines = _above_trend(frame, view, wide, high)
    trend_high = _trend_high(wide, high)
    if trend_high:
        lines += trend.trend(frame, past, view, wide, trend_high)
    if view.situation.deck:
        lines.append(timeline.timeline(view.situation.deck, view, wide))
    lines += _below_trend(frame, view, wide, high)
    return [*lines, *table.table(frame, view, wide, high - len(lines))]


def places(frame: Frame, view: View, wide: int, high: int) -> Places:
    """Where the trend and the table of `screen` stand, in lines of the screen."""
    above = 1 + len(_above_trend(frame, view, wide, high - 2))
    trend_high = _trend_high(wide, high - 2)
    line_at = above + trend_high
    table_at = (
        line_at + (view.situation.deck is not None) + len(_below_trend(frame, view, wide, high - 2))
    )
    return Places(above, trend_high, line_at, table_at, max(0, high - 1 - table_at))


def _above_trend(frame: Frame, view: View, wide: int, high: int) -> list[Line]:
    news = head.trouble(frame, view, wide)[: 1 if high < 26 else 3]
    answer = verdict.lines(view, wide, high)
    gap = [EMPTY] if high >= 20 and not news and not answer else []
    free = [EMPTY] if high >= 26 else []
    between = free if answer else []
    return [*answer, *between, *news, *gap, load_path.loss(frame, view, wide), *free]


def _trend_high(wide: int, high: int) -> int:
    """Lines for the trend; a quarter of a large screen."""
    if high < 16 or wide < 50:
        return 0
    return max(5, min(14, high // 4))


def _below_trend(frame: Frame, view: View, wide: int, high: int) -> list[Line]:
    gap = [EMPTY] if high >= 26 else []
    path = load_path.load_path(frame, view, wide)
    if high < 9:
        return [path[0]] if wide < 64 else []
    account = load_path.account(frame, view, wide)
    return [*gap, *path, *([EMPTY] if high >= 32 else []), account, *gap]


def _input_line(view: View, wide: int) -> Line:
    """The space in which the app places its input, after nine cells."""
    return crop((Span(f" {view.choice.asking:<8}", "key"),), wide, view.look.glyphs.ellipsis)
