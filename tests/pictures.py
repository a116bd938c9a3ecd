"""Makes the pictures of the README and of docs: real runs of kmodtop on a terminal, as PNG.

    .venv/bin/pip install -q pillow
    .venv/bin/python tests/pictures.py

Needs Pillow, and the DejaVu Sans Mono that Debian's fonts-dejavu-core brings.
"""

import time
from typing import NamedTuple

import pyte
from support.picture import DARK, LIGHT, Ground, draw, with_faint
from support.samples import ROOT
from support.terminal import _ODD, Terminal

FOLDER = ROOT / "samples/screens"
LAB32 = "samples/series/boot-udev-32cpu-noidem.jsonl"


class Picture(NamedTuple):
    """A run: its words, keys that are pressed one after the other, the size of the terminal."""

    name: str
    words: tuple[str, ...]
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (120, 40)
    ground: Ground = DARK


PICTURES = (
    Picture("storm-120x40", ("replay", LAB32, "--at", "34")),
    Picture("storm-80x24", ("replay", LAB32, "--at", "34"), (), (80, 24), LIGHT),
    Picture("findings-80x24", ("replay", "samples/who/a_udev"), ("n", "f"), (80, 24)),
    Picture("text-120x40", ("watch", "samples/published/sr950-448cpu-release-master.txt")),
    Picture("stock-120x40", ("replay", "samples/stock/udev-16cpu"), ("n",)),
)


def take(picture: Picture) -> None:
    """Runs it, and draws what is on the terminal."""
    with Terminal(*picture.words, size=picture.size) as terminal:
        terminal.until_ready()
        _settle(terminal)
        for key in picture.keys:
            terminal.press(key)
            _settle(terminal)
        screen = pyte.Screen(*picture.size)
        pyte.ByteStream(screen).feed(with_faint(_ODD.sub(b"", terminal.raw)))
        terminal.press("q")
    draw(screen, picture.ground).save(FOLDER / f"{picture.name}.png", optimize=True)


def _settle(terminal: Terminal) -> None:
    """Until nothing has come for a moment."""
    quiet = time.monotonic() + 0.7
    while time.monotonic() < quiet:
        if terminal.read(0.1):
            quiet = time.monotonic() + 0.7


if __name__ == "__main__":
    for picture in PICTURES:
        take(picture)
        print(FOLDER / f"{picture.name}.png")
