"""Moves: what a key makes of a view, as functions from View to View. No textual here."""

from kmodtop_core.tracking.frame import Frame

from .view import SORTS, STAGE_CHOICES, WINDOWS, View, cursor_place, rows_shown, window_of


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
    """The view scrolled so that the cursor's module stays in sight; at the top without a cursor."""
    rows = rows_shown(frame, view)
    if view.choice.cursor is None:
        return view.choosing(top=0) if view.choice.top else view
    top = _top(cursor_place(rows, view), view.choice.top, height, len(rows))
    return view.choosing(top=top) if top != view.choice.top else view


def _top(place: int, top: int, height: int, count: int) -> int:
    top = min(max(top, place - height + 1), place)
    return max(0, min(top, count - height))


def next_sort(view: View) -> View:
    """Sorted by the next column, in its natural direction."""
    names = list(SORTS)
    return view.choosing(
        sort=names[(names.index(view.choice.sort) + 1) % len(names)], reverse=False, top=0
    )


def sort_by(view: View, column: str) -> View:
    """Sorted by that column; once more turns the order round."""
    again = column == view.choice.sort
    return view.choosing(sort=column, reverse=not view.choice.reverse if again else False, top=0)


def next_window(frame: Frame, view: View) -> View:
    """The next larger window, from "all" back to the smallest."""
    return view.choosing(window=(WINDOWS.index(window_of(frame, view)) + 1) % len(WINDOWS))


def next_stage(view: View) -> View:
    """The trend of the next stage, and of all after the last."""
    place = STAGE_CHOICES.index(view.choice.stage) + 1
    return view.choosing(stage=STAGE_CHOICES[place % len(STAGE_CHOICES)])
