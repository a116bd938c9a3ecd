"""Moves: what a key makes of a view, as functions from View to View. No textual here.

Where the sight of something matters, the frame that is shown and the rows or lines
that fit are arguments; nothing else is known here.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from kmodtop_core.tracking.frame import Frame

from .rows import SORTS, cursor_place, rows_shown
from .theme import THEMES
from .view import STAGE_CHOICES, WINDOWS, Page, Source, View

T = TypeVar("T")

_TOPS = (Page.MAIN, Page.DEMO_END, Page.HOSTS, Page.MODULE)
"""Pages from which others are opened, and to which those lead back."""


def _after(one: T, ring: Sequence[T]) -> T:
    """The next of them; after the last, the first."""
    return ring[(ring.index(one) + 1) % len(ring)]


# ---- rows ------------------------------------------------------------------


def select(view: View, module: str) -> View:
    """The cursor on a module."""
    return view.choosing(cursor=module)


def step(frame: Frame, view: View, by: int, height: int) -> View:
    """The cursor by some rows; without one, the first step down sets it on the first row."""
    return move_cursor(
        frame, view, by if view.choice.cursor is not None else max(0, by - 1), height
    )


def move_cursor(frame: Frame, view: View, by: int, height: int) -> View:
    """The view with the cursor `by` rows further, scrolled so that it shows in `height` rows."""
    rows = rows_shown(frame, view)
    if not rows:
        return view
    place = max(0, min(len(rows) - 1, cursor_place(rows, view) + by))
    return view.choosing(
        cursor=rows[place].module, top=_top(place, view.choice.top, height, len(rows))
    )


def follow_cursor(frame: Frame, view: View, height: int) -> View:
    """The view scrolled so that the cursor's module stays in sight; without one, as it was."""
    rows = rows_shown(frame, view)
    if view.choice.cursor is None:
        return scroll_table(frame, view, 0, height)
    top = _top(cursor_place(rows, view), view.choice.top, height, len(rows))
    return view.choosing(top=top) if top != view.choice.top else view


def scroll_table(frame: Frame, view: View, by: int, height: int) -> View:
    """The table by some rows, as far as there are any; with a cursor, that moves."""
    if view.choice.cursor is not None and by:
        return move_cursor(frame, view, by, height)
    last = max(0, len(rows_shown(frame, view)) - height)
    top = max(0, min(view.choice.top + by, last))
    return view.choosing(top=top) if top != view.choice.top else view


def _top(place: int, top: int, height: int, count: int) -> int:
    top = min(max(top, place - height + 1), place)
    return max(0, min(top, count - height))


def next_sort(view: View, is_static: bool = False) -> View:
    """Sorted by the next column, in its natural direction; of one text nothing grew."""
    columns = [sort for sort in SORTS if not (is_static and sort in ("now", "grew"))]
    sort = _after(view.choice.sort, columns) if view.choice.sort in columns else columns[0]
    return view.choosing(sort=sort, reverse=False, top=0, order=())


def sort_by(view: View, column: str) -> View:
    """Sorted by that column; once more turns the order round."""
    again = column == view.choice.sort
    turned = not view.choice.reverse if again else False
    return view.choosing(sort=column, reverse=turned, top=0, order=())


def reverse(view: View) -> View:
    """The other way round."""
    return view.choosing(reverse=not view.choice.reverse, top=0, order=())


def filter_by(view: View, text: str) -> View:
    """Only rows, or hosts, whose name contains the text; all for an empty one."""
    return view.choosing(filter=text, only=(), only_of="", top=0, order=())


# ---- the chart -------------------------------------------------------------


def next_window(view: View) -> View:
    """The next larger window, from "all" back to the smallest."""
    return view.choosing(window=(view.choice.window + 1) % len(WINDOWS))


def next_stage(view: View) -> View:
    """The chart of the next stage, and of all after the last."""
    return view.choosing(stage=_after(view.choice.stage, STAGE_CHOICES))


def turn_mode(view: View) -> View:
    """The chart as total, or as bytes a second: the other than it is."""
    chosen = view.choice.per_second
    shown = view.situation.deck is not None if chosen is None else chosen
    return view.choosing(per_second=not shown)


def next_theme(view: View) -> View:
    """Another theme."""
    name = _after(view.look.theme.name, list(THEMES))
    return view.looking(theme=view.look.theme._replace(name=name))


# ---- pages -----------------------------------------------------------------


def turn_to(view: View, page: Page) -> View:
    """To that page, or back from it."""
    choice = view.choice
    if choice.page == page:
        return turn_back(view)
    return view.choosing(
        page=page, scroll=0, back=choice.page if choice.page in _TOPS else choice.back
    )


def turn_back(view: View) -> View:
    """To the page from which this one was opened."""
    return view.choosing(page=view.choice.back, back=Page.MAIN, scroll=0)


def open_module(frame: Frame, view: View) -> View:
    """Details of the module under the cursor; without a cursor, of the first."""
    rows = rows_shown(frame, view)
    if not rows:
        return view
    module = rows[cursor_place(rows, view)].module
    return view.choosing(cursor=module, page=Page.MODULE, back=Page.MAIN)


def clear(view: View) -> View:
    """On the first screen, what Esc does: clears the filter, then the cursor."""
    if view.choice.filter or view.choice.only:
        return filter_by(view, "")
    return view.choosing(cursor=None, top=0, order=())


def choose_finding(view: View, place: int, count: int) -> View:
    """The finding at that place of so many, read from its beginning."""
    return view.choosing(finding=max(0, min(place, count - 1)), scroll=0)


def hold_to(view: View, modules: Sequence[str], title: str) -> View:
    """The table of these modules only, those of a finding."""
    held = {"only": tuple(modules), "only_of": title, "filter": "", "cursor": None, "top": 0}
    return view.choosing(page=Page.MAIN, back=Page.MAIN, scroll=0, order=(), **held)


def scroll(view: View, by: int, last: int) -> View:
    """A page by some lines, as far as its `last` first line."""
    return view.choosing(scroll=max(0, min(view.choice.scroll + by, last)))


# ---- hosts -----------------------------------------------------------------


def sort_hosts(view: View, column: str) -> View:
    """By that column; once more turns the order round."""
    turned = not view.choice.reverse if column == view.choice.host_sort else False
    return view.choosing(host_sort=column, reverse=turned, scroll=0)


def next_host_sort(view: View, columns: Sequence[str]) -> View:
    """By the column after the present one."""
    return sort_hosts(view, _after(view.choice.host_sort, columns))


def open_host(view: View, source: Source, ended: bool) -> View:
    """All of one host. What is chosen for their list is kept for the way back."""
    choice = view.choice
    kept: dict[str, Any] = {}
    if choice.page == Page.HOSTS:
        kept = {"host": choice.scroll, "hosts_filter": choice.filter}
        kept["hosts_reverse"] = choice.reverse
    plain = {"scroll": 0, "filter": "", "reverse": False, "cursor": None, "top": 0}
    fresh = {"order": (), "only": (), "only_of": "", "finding": 0, "frozen": None}
    opened = view.choosing(page=Page.MAIN, back=Page.MAIN, **kept, **plain, **fresh)
    return opened.knowing(source=source, ended=ended, overdue=0.0)


def to_hosts(view: View) -> View:
    """Back to the list of hosts, as it was left, and to now."""
    choice = view.choice
    back = {"scroll": choice.host, "filter": choice.hosts_filter, "reverse": choice.hosts_reverse}
    there = view.choosing(page=Page.HOSTS, back=Page.HOSTS, frozen=None, cursor=None, **back)
    return there.knowing(deck=None)


def to_main(view: View) -> View:
    """The first page."""
    return view.choosing(page=Page.MAIN, back=Page.MAIN, scroll=0)


def window_told(view: View) -> str:
    """Which span the chart shows, in words."""
    name = WINDOWS[view.choice.window].name
    return "all since the first reading" if name == "all" else f"the last {name}"


# ---- time ------------------------------------------------------------------


def to_now(view: View) -> View:
    """The latest frame, and no place on a recording."""
    return view.choosing(frozen=None).knowing(deck=None, answer=None)


def list_boots(view: View, boot: int) -> View:
    """The boots of a recording, the cursor on that one, from 1."""
    return view.choosing(page=Page.BOOTS, back=Page.MAIN, scroll=boot - 1)


def play_boot(view: View) -> View:
    """The first screen, for another boot."""
    return view.choosing(page=Page.MAIN, cursor=None, top=0, scroll=0)
