"""Rows: the modules of the table in the order in which they are shown, and what each wasted."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from kmodtop_core.diagnosis.module_bytes import ModuleBytes, usual_shares
from kmodtop_core.plain import harmless
from kmodtop_core.tracking.frame import Frame
from kmodtop_core.tracking.rows import Row

from .view import View

RESORT_S = 2.0
"""Seconds between sorts of a live table, so that rows can be read."""


class Waste(NamedTuple):
    """What a module wasted: bytes; or its share of the whole, where only that can be estimated.

    `at_most`: the bytes are those of several that cannot be told apart. `weight`: what it is
    sorted by, and how long its bar is.
    """

    bytes: int | None = None
    share: float = 0.0
    at_most: bool = False
    weight: float = 0.0


UNKNOWN = Waste()


_FEW = 3
"""Modules that cannot be told apart for which their sum still says something about each."""


def wastes(frame: Frame, view: View) -> dict[str, Waste]:
    """By module, as far as it is known; where it is not, by the usual lengths of modules."""
    answer = view.situation.answer
    stats = frame.block.stats if frame.block is not None else None
    usual = dict(usual_shares(stats)) if stats is not None else {}
    total = (answer.total if answer is not None else None) or 0
    found = {
        module: Waste(None, share, False, share * max(1, total)) for module, share in usual.items()
    }
    for entry in answer.modules if answer is not None else ():
        if len(entry.modules) == 1 and not entry.others:
            share = entry.bytes / total if total else 0.0
            found[entry.modules[0]] = Waste(entry.bytes, share, False, entry.bytes)
        elif len(entry.modules) <= _FEW or not usual:
            found |= _together(entry, answer.counts if answer is not None else {})
    return found


def _together(entry: ModuleBytes, counts: Mapping[str, int]) -> dict[str, Waste]:
    """Modules that cannot be told apart: sorted as if they were equally long."""
    times = {module: counts.get(module, 0) for module in entry.modules}
    whole = max(1, sum(times.values()))
    some = entry.bytes if len(times) <= _FEW else None
    return {m: Waste(some, 0.0, True, entry.bytes * n / whole) for m, n in times.items()}


def _first(row: Row, place: int) -> float:
    """The kernel's table has the newest module first."""
    return -float(place)


SORTS: dict[str, Callable[[Row, float, str, int], Any]] = {
    "wasted": lambda row, waste, pattern, place: (-waste, -row.count),
    "times": lambda row, waste, pattern, place: -row.count,
    "now": lambda row, waste, pattern, place: -row.recent,
    "refused": lambda row, waste, pattern, place: row.reason.label,
    "pattern": lambda row, waste, pattern, place: pattern,
    "module": lambda row, waste, pattern, place: row.module,
    "first": lambda row, waste, pattern, place: _first(row, place),
    "grew": lambda row, waste, pattern, place: (
        -(row.last_grew if row.last_grew is not None else -1.0)
    ),
}
"""By column; ties keep the order of the kernel's table (newest first)."""


def _wanted(frame: Frame, view: View) -> list[tuple[int, Row]]:
    """The rows that are to be shown, with their places in the kernel's table."""
    wanted, only = view.choice.filter.lower(), set(view.choice.only)
    if not wanted and not only:
        return list(enumerate(frame.rows))
    return [
        (place, row)
        for place, row in enumerate(frame.rows)
        if (not only or row.module in only) and wanted in harmless(row.module).lower()
    ]


def sorted_rows(frame: Frame, view: View, known: Mapping[str, Waste] | None = None) -> list[Row]:
    """The rows that are wanted, in the chosen order; fallen ones below the others."""
    known = wastes(frame, view) if known is None else known
    patterns: Mapping[str, str] = (
        view.situation.answer.patterns if view.situation.answer is not None else {}
    )
    key = SORTS[view.choice.sort]
    ranked = [
        (key(row, known.get(row.module, UNKNOWN).weight, patterns.get(row.module, ""), place), row)
        for place, row in _wanted(frame, view)
    ]
    ranked.sort(key=lambda entry: entry[0], reverse=view.choice.reverse)
    rows = [row for _, row in ranked]
    rows.sort(key=lambda row: row.fallen)
    return rows


def rows_shown(frame: Frame, view: View, known: Mapping[str, Waste] | None = None) -> list[Row]:
    """The same, in the order that is kept to; what has come since stands where it belongs."""
    places = {module: place for place, module in enumerate(view.choice.order)}
    wanted = [row for _, row in _wanted(frame, view)]
    if places and len(wanted) == len({row.module for row in wanted} & places.keys()):
        return sorted(wanted, key=lambda row: (row.fallen, places[row.module]))
    rows = sorted_rows(frame, view, known)
    if not places:
        return rows
    last, ranks = -1, {}
    for row in rows:
        last = places.get(row.module, last)
        ranks[row.module] = (last, row.module not in places)
    rows.sort(key=lambda row: (row.fallen, *ranks[row.module]))
    return rows


def keep_order(frame: Frame, view: View) -> View:
    """The view with its rows sorted anew, where that is due: seldom, and never while there is a
    cursor."""
    choice = view.choice
    since = frame.now - choice.ordered_at
    is_due = not choice.order or (choice.cursor is None and not 0 <= since < RESORT_S)
    if not is_due:
        return view
    order = tuple(row.module for row in sorted_rows(frame, view))
    return view.choosing(order=order, ordered_at=frame.now)


def cursor_place(rows: list[Row], view: View) -> int:
    """Where the cursor's module stands now; the first row when it is gone."""
    return next((i for i, row in enumerate(rows) if row.module == view.choice.cursor), 0)
