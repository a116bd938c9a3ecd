"""A picture of what is on a terminal (PNG), as pyte saw it. Needs Pillow and a DejaVu Sans Mono.

Blocks and lines are drawn, so that they meet as they do on a terminal. Faint text,
which pyte does not know, is handed to it as italic.
"""

import re
from pathlib import Path
from typing import NamedTuple

WIDE, HIGH, FONT_SIZE = 9, 18, 15
FONTS = Path("/usr/share/fonts/truetype/dejavu")
_SGR = re.compile(rb"\x1b\[([0-9;]*)m")


class Ground(NamedTuple):
    """Paper, ink, faint ink, and the eight colours of a terminal."""

    paper: str
    ink: str
    faint: str
    colours: dict[str, str]


DARK = Ground("#121212", "#dcdcdc", "#7d7d7d", {
    "red": "#f04848", "green": "#2fb65d", "brown": "#e5e510", "blue": "#3b8eea",
    "magenta": "#bc5fd3", "cyan": "#29b8db",
})  # fmt: skip
LIGHT = Ground("#fdfdfd", "#242424", "#909090", {
    "red": "#cd3131", "green": "#0a8a3c", "brown": "#8a8a00", "blue": "#0451a5",
    "magenta": "#a5209c", "cyan": "#0598bc",
})  # fmt: skip


def with_faint(data: bytes) -> bytes:
    """The same bytes, faint text as italic."""

    def turned(match: re.Match[bytes]) -> bytes:
        codes = [b"3" if code == b"2" else code for code in match[1].split(b";")]
        return b"\x1b[" + b";".join(codes) + b"m"

    return _SGR.sub(turned, data)


def draw(screen, ground: Ground = DARK):
    """The screen as an image of Pillow."""
    from PIL import Image, ImageDraw, ImageFont

    fonts = {
        bold: ImageFont.truetype(str(FONTS / f"DejaVuSansMono{'-Bold' * bold}.ttf"), FONT_SIZE)
        for bold in (False, True)
    }
    image = Image.new("RGB", (screen.columns * WIDE, screen.lines * HIGH), ground.paper)
    pen = ImageDraw.Draw(image)
    for y in range(screen.lines):
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            ink = ground.colours.get(cell.fg, ground.faint if cell.italics else ground.ink)
            paper = ground.colours.get(cell.bg, ground.paper)
            if cell.reverse:
                ink, paper = paper, ground.colours.get(cell.fg, ground.ink)
            left, top = x * WIDE, y * HIGH
            pen.rectangle((left, top, left + WIDE - 1, top + HIGH - 1), fill=paper)
            if not _block(pen, cell.data, left, top, ink) and cell.data.strip():
                pen.text((left, top), cell.data, font=fonts[cell.bold], fill=ink)
            if cell.underscore:
                pen.line((left, top + HIGH - 1, left + WIDE - 1, top + HIGH - 1), fill=ink)
    return image


def _block(pen, sign: str, left: int, top: int, ink: str) -> bool:
    """Whether the sign is one that is drawn."""
    right, bottom = left + WIDE - 1, top + HIGH - 1
    middle_x, middle_y = left + WIDE // 2, top + HIGH // 2
    filled = {
        "▀": (left, top, right, middle_y - 1), "▌": (left, top, left + WIDE // 2 - 1, bottom),
        "▔": (left, top, right, top + 1), "▏": (left, top, left, bottom),
        "─": (left, middle_y, right, middle_y), "│": (middle_x, top, middle_x, bottom),
    }  # fmt: skip
    if sign and sign in "▁▂▃▄▅▆▇█":
        height = round(HIGH * ("▁▂▃▄▅▆▇█".index(sign) + 1) / 8)
        filled[sign] = (left, bottom - height + 1, right, bottom)
    if sign in filled:
        pen.rectangle(filled[sign], fill=ink)
    elif sign == "┈":
        pen.point([(x, middle_y) for x in range(left, right, 3)], fill=ink)
    elif sign and sign in "╭╮╯╰":
        across = right if sign in "╭╰" else left
        down = bottom if sign in "╭╮" else top
        pen.line((min(middle_x, across), middle_y, max(middle_x, across), middle_y), fill=ink)
        pen.line((middle_x, min(middle_y, down), middle_x, max(middle_y, down)), fill=ink)
    else:
        return False
    return True
