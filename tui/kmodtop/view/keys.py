"""Every key, once: foot, help, bindings and the palette's tasks come from these tables."""

from typing import NamedTuple

from .theme import Glyphs
from .view import Page, View


class Key(NamedTuple):
    """`keys` as Textual names them, `shown` on the screen, the action and what it does.

    `task`: what it is called in the palette, empty where it is no task.
    """

    keys: str
    shown: str
    action: str
    long: str
    task: str = ""


KEYS = (
    Key("slash", "/", "filter", "show only modules whose name contains a text", "Filter modules"),
    Key("f", "f", "findings", "what happened, when, who is to blame: the evidence",
        "Show who is to blame, and what to do"),
    Key("s", "s", "sort", "sort by the next column", "Sort by the next column"),
    Key("S", "S", "reverse", "turn the order round"),
    Key("enter", "↵", "open", "one module: how often, when, why",
        "Show the module under the cursor"),
    Key("space", "space", "freeze", "freeze the view; collecting continues",
        "Freeze the view, or return to now"),
    Key("w", "w", "window", "the chart over 1 min, 10 min, 1 h, or all",
        "Show another span of time"),
    Key("t", "t", "mode", "the chart as total, or as bytes a second",
        "Show bytes a second, or the total"),
    Key("b", "b", "stage", "the chart of all stages, or of one", "Show one stage only"),
    Key("r", "r", "raw", "the text as the kernel printed it", "Show the kernel's own text"),
    Key("c", "c", "copy", "copy the report, and write it to a file",
        "Copy the report, to show it to others"),
    Key("p", "p", "picture", "save a picture of the screen", "Save a picture of the screen"),
    Key("R", "R", "record", "record into a file, all that was seen since the start too",
        "Record into a file"),
    Key("T", "T", "theme", "another theme: light, colour-blind, plain", "Choose another theme"),
    Key("d", "d", "demo", "a simulated boot of 255 CPUs", "Play a simulated storm"),
    Key("o", "o", "open_source", "open a file, a recording, or another host",
        "Open a file, a recording or a host"),
    Key("D", "D", "doctor", "why statistics can or cannot be read here",
        "Check whether statistics can be read here"),
    Key("question_mark,f1", "?", "help", "this page", "Explain the screen and its keys"),
    Key("q", "q", "quit", "back; on the first screen, quit", "Quit"),
    Key("escape", "Esc", "back", "back; clears the filter, then the cursor"),
    Key("up,k", "↑", "move(-1)", "up"),
    Key("down,j", "↓", "move(1)", "down"),
    Key("pageup", "PgUp", "page(-1)", "a page up"),
    Key("pagedown", "PgDn", "page(1)", "a page down"),
    Key("home,g", "Home", "far(-1)", "to the first"),
    Key("end,G", "End", "far(1)", "to the last"),
)  # fmt: skip

DEMO_KEYS = (
    Key("e", "e", "era", "the same boot under the next era of the kernel",
        "Play the same boot under the next era of the kernel"),
    Key("plus,equals_sign", "+", "faster(1)", "play faster"),
    Key("minus", "-", "faster(-1)", "play slower"),
    Key("z", "z", "pause", "play or pause", "Play, or pause"),
    Key("x", "x", "restart", "restart the boot", "Restart the simulated boot"),
)  # fmt: skip
"""Keys of a simulated boot; + - and z play recordings, too."""

TIME_KEYS = (
    Key("left", "←", "scrub(-1)", "back in time by a column of the chart"),
    Key("right", "→", "scrub(1)", "on in time by a column"),
    Key("shift+left", "⇧←", "scrub(-10)", "back by ten columns"),
    Key("shift+right", "⇧→", "scrub(10)", "on by ten columns"),
    Key("left_square_bracket", "[", "change(-1)", "to the change before"),
    Key("right_square_bracket", "]", "change(1)", "to the next change"),
    Key("left_curly_bracket", "{", "storm(-1)", "to where this storm began, or the one before",
        "Go to the storm before"),
    Key("right_curly_bracket", "}", "storm(1)", "to where the next storm begins",
        "Go to the next storm"),
    Key("colon,at", ":", "go_to", "to a time: 12.5, +5, -30, or 12:03:10", "Go to a time"),
    Key("n", "n", "now", "back to now; in a replay, to its end", "Return to now"),
)  # fmt: skip
"""Keys of time: they lead back from a live view, and about in a recording."""

BOOTS_KEY = Key("B", "B", "boots", "choose another boot of the recording", "Choose another boot")


class Shown(NamedTuple):
    """A key in the last line of the screen. Those of the highest `rank` give way first."""

    key: str
    text: str
    action: str
    rank: int = 0


_HELP, _QUIT = Shown("?", "help", "help"), Shown("q", "quit", "quit")
_BACK = Shown("Esc", "back", "back")
_FIND, _OPEN = Shown("f", "findings", "findings"), Shown("↵", "module", "open", 1)

_LIVE: tuple[Shown, ...] = (
    Shown("/", "filter", "filter", 3), Shown("s", "sort", "sort", 2), _OPEN, _FIND,
    Shown("←→", "time", "", 3), Shown("t", "total", "mode", 6),
    Shown("space", "freeze", "freeze", 4), Shown("w", "window", "window", 7),
    Shown("r", "raw", "raw", 7), Shown("R", "record", "record", 5),
    _HELP, _QUIT,
)  # fmt: skip

_STATIC: tuple[Shown, ...] = (
    Shown("/", "filter", "filter", 2), Shown("s", "sort", "sort", 2), _OPEN, _FIND,
    Shown("r", "raw text", "raw", 3), Shown("c", "copy", "copy", 3),
    Shown("p", "picture", "picture", 5), Shown("T", "theme", "theme", 6), _HELP, _QUIT,
)  # fmt: skip

_DECK: tuple[Shown, ...] = (
    Shown("←→", "column", "", 1), Shown("[ ]", "change", "", 4), Shown("{ }", "storm", "", 2),
    Shown(":", "go to", "go_to", 5), Shown("z", "play", "pause"), Shown("+-", "speed", "", 6),
    Shown("n", "now", "now", 3), Shown("B", "boots", "boots", 2), _FIND,
    Shown("↵", "module", "open", 3), _HELP, Shown("q", "quit", "quit", 2),
)  # fmt: skip

_DEMO: tuple[Shown, ...] = (
    Shown("e", "next era", "era", 1), Shown("z", "pause", "pause", 2),
    Shown("+-", "speed", "", 2), Shown("x", "again", "restart", 4), _FIND, _OPEN,
    Shown("←→", "time", "", 5), Shown("s", "sort", "sort", 6), _HELP, _QUIT,
)  # fmt: skip

_SCROLL = Shown("↑↓", "scroll", "")

_PAGES: dict[Page, tuple[Shown, ...]] = {
    Page.FINDINGS: (
        Shown("↑↓", "finding", ""), Shown("↵", "its modules", "open", 1),
        Shown("PgDn", "scroll", "page(1)", 4), Shown("←→", "time", "", 3),
        Shown("c", "copy Markdown", "copy", 2), _BACK, _HELP, Shown("q", "back", "quit", 5),
    ),
    Page.MODULE: (
        Shown("↑↓", "other module", ""), Shown("←→", "time", "", 2),
        Shown("f", "findings", "findings", 1), Shown("c", "copy", "copy", 3), _BACK, _HELP,
        Shown("q", "back", "quit", 5),
    ),
    Page.RAW: (_BACK, _SCROLL, Shown("c", "copy report", "copy", 2), _HELP),
    Page.HELP: (_BACK, _SCROLL, Shown("^P", "all commands", "command_palette", 1)),
    Page.DOCTOR: (_BACK, _SCROLL, Shown("c", "copy the lines", "copy", 1), _HELP),
    Page.BOOTS: (Shown("↑↓", "boot", ""), Shown("↵", "play this boot", "open"), _BACK),
    Page.HOSTS: (
        Shown("↵", "open", "open"), Shown("↑↓", "host", "", 2), Shown("s", "sort", "sort", 1),
        Shown("/", "filter", "filter", 3), _HELP, _QUIT,
    ),
    Page.DEMO_END: (
        Shown("e", "next era", "era"), Shown("x", "again", "restart"), Shown("+-", "speed", "", 3),
        Shown("↵", "modules", "open", 1), Shown("↑↓", "scroll", "", 2),
        Shown("←→", "time", "", 3), _BACK, _QUIT,
    ),
}  # fmt: skip

_WAITING: tuple[Shown, ...] = (
    Shown("d", "demo", "demo"), Shown("o", "open", "open_source"),
    Shown("D", "doctor", "doctor", 1), Shown("c", "copy", "copy", 2), _HELP, _QUIT,
)  # fmt: skip


_OF_ROWS = ("open", "sort", "filter")


def shown_keys(
    view: View, is_static: bool, is_waiting: bool, has_rows: bool = True
) -> tuple[Shown, ...]:
    """Those of the page that do anything, in the order in which they stand."""
    keys = _keys_of(view, is_static, is_waiting)
    answer = view.situation.answer
    if view.choice.page == Page.FINDINGS and answer is not None and not answer.findings:
        return tuple(key for key in keys if key.action != "open" and key.text != "finding")
    if view.choice.page != Page.MAIN or has_rows or is_waiting or view.choice.filter:
        return keys
    return tuple(key for key in keys if key.action not in _OF_ROWS)


def _keys_of(view: View, is_static: bool, is_waiting: bool) -> tuple[Shown, ...]:
    page, situation = view.choice.page, view.situation
    if page != Page.MAIN:
        return _PAGES[page]
    if is_waiting:
        return _WAITING if situation.hosts == 1 else (_BACK, *_WAITING[2:])
    keys = _LIVE
    if situation.deck is not None:
        boots = len(situation.deck.boots) > 1
        keys = tuple(key for key in _DECK if key.key != "B" or boots)
    elif situation.demo is not None:
        keys = _DEMO
    elif is_static:
        keys = _STATIC
    return (Shown("Esc", "hosts", "hosts"), *keys) if situation.hosts > 1 else keys


def sign_of(key: str, glyphs: Glyphs) -> str:
    """A key as a terminal can show it."""
    for sign, plain in (("↵", glyphs.enter), ("←→", glyphs.sides), ("↑↓", glyphs.ups)):
        key = key.replace(sign, plain)
    if glyphs.is_ascii:
        for sign, plain in (("⇧", "Shift+"), ("←", "<-"), ("→", "->"), ("↑", "Up"), ("↓", "Down")):
            key = key.replace(sign, plain)
    return key
