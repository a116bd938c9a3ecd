"""Text from files, hosts and logs made harmless, with the width it takes on a terminal.

Nothing that steers a terminal, hides, or changes the direction of writing gets
through: every such character is shown as an escape, as Python spells it.
"""

import re
import unicodedata
from functools import lru_cache

_SHOWN = {"L", "N", "P", "S"}
"""Major categories of Unicode that are shown; marks, controls and separators are not."""


@lru_cache(maxsize=4096)
def harmless(text: str) -> str:
    """`text` with every character that is not plainly visible spelt as an escape; spaces stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if _is_plain(char) else _escape(char) for char in text)


def harmless_lines(text: str) -> str:
    """The same, where line ends and tabs are meant: for the last step before a terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char in "\n\t" or _is_plain(char) else _escape(char) for char in text)


def _is_plain(char: str) -> bool:
    return char == " " or unicodedata.category(char)[0] in _SHOWN


def _escape(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was no UTF-8 (surrogateescape)
        return f"\\x{code - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")


def width(text: str) -> int:
    """Terminal cells of harmless text: two for East Asian wide characters."""
    return len(text) if text.isascii() or _NARROW.fullmatch(text) else _width(text)


_NARROW = re.compile(r"[\x20-\x7e\xa1-\u0377\u0400-\u052f\u2010-\u2064\u2190-\u2319\u2500-\u25fc]*")
"""Text without wide characters: Latin, Cyrillic, punctuation, arrows, frames and bars."""


@lru_cache(maxsize=4096)
def _width(text: str) -> int:
    """A screen shows the same texts again and again."""
    return sum(_cells(char) for char in text)


@lru_cache(maxsize=4096)
def _cells(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def clip(text: str, cells: int, ellipsis: str = "…") -> str:
    """At most `cells` cells of harmless text; what is cut off is marked."""
    if width(text) <= cells:
        return text
    kept, used = [], width(ellipsis)
    for char in text:
        used += _cells(char)
        if used > cells:
            break
        kept.append(char)
    return "".join(kept) + ellipsis if cells >= width(ellipsis) else ""


def clip_left(text: str, cells: int, ellipsis: str = "…") -> str:
    """The same, cut off at its beginning: the end of a path tells more."""
    return clip(text[::-1], cells, ellipsis[::-1])[::-1]


def clip_middle(text: str, cells: int, ellipsis: str = "…") -> str:
    """The same, cut out of its middle: names that begin alike are told apart by their ends."""
    if width(text) <= cells:
        return text
    end = clip_left(text, cells // 3, "")
    return clip(text, max(0, cells - width(end)), ellipsis) + end


def fit(text: str, cells: int, right: bool = False, ellipsis: str = "…") -> str:
    """Exactly `cells` cells: clipped, then padded on the left (`right`) or on the right."""
    text = clip(text, cells, ellipsis)
    pad = " " * (cells - width(text))
    return pad + text if right else text + pad


_ASCII: dict[str, str | int | None] = {
    "“": '"',
    "”": '"',
    "–": "-",
    "−": "-",
    "×": "x",
    "…": "~",
    "→": "->",
    "≈": "~",
    "·": "-",
    "●": "*",
    "○": "o",
    "✓": "+",
    "▲": "^",
    "•": "*",
}


def to_ascii(text: str) -> str:
    """The nearest that ASCII has; other characters are spelt as escapes."""
    plain = text.translate(str.maketrans(_ASCII))
    return plain.encode("ascii", "backslashreplace").decode("ascii")
