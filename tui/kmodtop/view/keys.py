"""Every key, once: footer, help, palette and bindings are made from this table."""

from typing import NamedTuple


class Key(NamedTuple):
    """`keys` as Textual names them, `shown` on the screen, the action and what it does.

    `short` is for the footer and empty where the footer has no room for it.
    """

    keys: str
    shown: str
    action: str
    short: str
    long: str


KEYS = (
    Key("slash", "/", "filter", "filter", "show only modules whose name contains a text"),
    Key("f", "f", "findings", "who", "what happened, when, who is to blame: the evidence"),
    Key("s", "s", "sort", "sort", "sort by the next column"),
    Key("S", "S", "reverse", "", "turn the order round"),
    Key("enter", "Enter", "open", "module", "details and trend of the module under the cursor"),
    Key("space", "space", "freeze", "freeze", "freeze the view; collecting continues"),
    Key("w", "w", "window", "window", "trend over 1 min, 10 min, 1 h, or all"),
    Key("t", "t", "mode", "trend", "trend as total or as bytes a second"),
    Key("b", "b", "stage", "", "trend of all stages stacked, or of one"),
    Key("r", "r", "raw", "raw", "the text as the kernel printed it"),
    Key("c", "c", "copy", "", "copy the report to the clipboard, and to a file"),
    Key("p", "p", "picture", "", "save a picture of the screen"),
    Key("R", "R", "record", "", "record into a file, all that was seen since the start too"),
    Key("question_mark,f1", "?", "help", "help", "this help"),
    Key("q", "q", "quit", "quit", "quit"),
    Key("escape", "Esc", "back", "", "back; clears the filter"),
    Key("up,k", "Up", "move(-1)", "", "up"),
    Key("down,j", "Down", "move(1)", "", "down"),
    Key("pageup", "PgUp", "page(-1)", "", "a page up"),
    Key("pagedown", "PgDn", "page(1)", "", "a page down"),
    Key("home,g", "Home", "far(-1)", "", "to the first"),
    Key("end,G", "End", "far(1)", "", "to the last"),
)

DEMO_KEYS = (
    Key("e", "e", "era", "era", "the same boot under the next era of the kernel"),
    Key("plus,equals_sign", "+", "faster(1)", "faster", "play faster"),
    Key("minus", "-", "faster(-1)", "slower", "play slower"),
    Key("z", "z", "pause", "pause", "pause or resume the simulated boot"),
    Key("x", "x", "restart", "restart", "restart the boot"),
)
"""Keys that only a simulated boot has."""

TIME_KEYS = (
    Key("left", "Left", "scrub(-1)", "", "back in time by a column of the trend"),
    Key("right", "Right", "scrub(1)", "", "on in time by a column"),
    Key("shift+left", "Shift+Left", "scrub(-10)", "", "back by ten columns"),
    Key("shift+right", "Shift+Right", "scrub(10)", "", "on by ten columns"),
    Key("left_square_bracket", "[", "change(-1)", "", "to the change before"),
    Key("right_square_bracket", "]", "change(1)", "", "to the next change"),
    Key("left_curly_bracket", "{", "storm(-1)", "", "to where this storm began, or the one before"),
    Key("right_curly_bracket", "}", "storm(1)", "", "to where the next storm begins"),
    Key("colon,at", ":", "go_to", "", "to a time: 12.5, +5, -30, or 12:03:10"),
    Key("n", "n", "now", "", "back to now; in a replay, to its end"),
)
"""Keys of time: they lead back from a live view, and about in a recording."""

DECK_KEYS = (
    Key("left", "Left", "scrub(-1)", "back", ""),
    Key("right", "Right", "scrub(1)", "on", ""),
    Key("right_square_bracket", "]", "change(1)", "change", ""),
    Key("right_curly_bracket", "}", "storm(1)", "storm", ""),
    Key("z", "z", "pause", "play", "play, or pause"),
    Key("plus", "+", "faster(1)", "faster", "play faster"),
    Key("minus", "-", "faster(-1)", "slower", "play slower"),
    Key("n", "n", "now", "now", ""),
)
"""What the footer shows first while time is travelled in."""

HOSTS_KEY = Key("escape", "Esc", "hosts", "hosts", "back to all hosts")
"""Where several sources are watched; as a binding, Esc does what it does everywhere."""

BOOTS_KEY = Key("B", "B", "boots", "boots", "choose another boot of the recording")

PALETTE = "ctrl+p"
"""Textual's own key of the command palette."""
