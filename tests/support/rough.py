"""A terminal that is treated roughly, and what one is left with."""

import fcntl
import os
import re
import select
import signal
import string
import struct
import termios
import time
from collections import Counter
from contextlib import suppress

from kmodtop.view.keys import BOOTS_KEY, DEMO_KEYS, KEYS, TIME_KEYS
from support.samples import SAMPLES
from support.terminal import PATIENCE, Terminal

SEED = int(os.environ.get("KMODTOP_SOAK_SEED", "1"))
SECONDS = float(os.environ.get("KMODTOP_SOAK_SECONDS", "60"))
ONLY = os.environ.get("KMODTOP_SOAK_SESSION")
SERIES = SAMPLES / "series"

END_S = 5.0
"""Seconds within which it has to end."""

MOST_ACTIONS = 40

# ---- what the terminal is left with ------------------------------------------


def unbalanced(raw):
    """What was set on the terminal and not taken back, as sentences."""
    screen, kitty, modes = "primary", Counter(), {}
    kinds = rb"\x1b\[\?([0-9;]+)([hl])|\x1b\[(>)[0-9;]*u|\x1b\[(<)([0-9]*)u"
    for numbers, letter, push, pop, times in re.findall(kinds, raw):
        kitty[screen] += bool(push) - bool(pop) * int(times or 1)
        for number in numbers.split(b";") if numbers else ():
            modes[int(number)] = letter
            if number == b"1049":
                screen = "alternate" if letter == b"h" else "primary"
    wrong = [
        f"mode {number} was left {'set' if letter == b'h' else 'reset'}"
        for number, letter in modes.items()
        if letter != (b"h" if number in (7, 25) else b"l")
    ]
    # The stacks of the two screens are apart: a push on one is not undone by a pop on the other.
    return wrong + [
        f"kitty: {pushes:+} pushes on the {which} screen"
        for which, pushes in kitty.items()
        if pushes
    ]


def painted_late(raw):
    """What is no echo of keys, sent after the screen was given back: pictures and messages."""
    after = re.sub(rb"\x1b\[(?:\?[0-9;]+[hl]|<[0-9]*u|0?m)", b"", raw.rpartition(b"\x1b[?1049l")[2])
    return after if b"\x1b" in after or b"kmodtop" in after else b""  # an echo spells it ^[


class Rough(Terminal):
    """A terminal that only takes bytes down: no emulator gets in the way of what is sent."""

    def __init__(self, *words, **env):
        super().__init__(*words, **env)
        self.raw = bytearray()
        self.size = env["size"]
        os.set_blocking(self._master, False)

    def read(self, seconds=0.05):
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        self.raw += os.read(self._master, 1 << 16)
        return True

    def read_for(self, seconds):
        """Takes in what comes in that time."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.read(left)
        self.read(0)

    def press_bytes(self, data):
        """Types bytes as fast as they are taken; False if they are not."""
        give_up = time.monotonic() + PATIENCE
        while data and self.process.poll() is None:
            if time.monotonic() > give_up:
                return False
            self.wake()
            # A program that waits for its pictures to be taken reads no keys.
            self.read(0)
            if select.select([], [self._master], [], 0.02)[1]:
                with suppress(BlockingIOError):
                    data = data[os.write(self._master, data) :]
        return True

    def resize(self, wide, high):
        """Another size; the kernel sends SIGWINCH, and so do we, as some programs do."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", high, wide, 0, 0))
        self.signal(signal.SIGWINCH)

    def signal(self, number):
        if self.process.poll() is None:
            super().signal(number)

    @property
    def is_stopped(self):
        with suppress(OSError), open(f"/proc/{self.process.pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "T"
        return False

    def wake(self):
        """As a shell's fg does, whenever it was stopped: Ctrl-Z may be seen late."""
        if self.is_stopped:
            self.signal(signal.SIGCONT)

    def mess(self):
        """What is not as it was before, or painted late, as sentences."""
        raw = bytes(self.raw)
        wrong = unbalanced(raw)
        if late := painted_late(raw):
            wrong.append(f"sent after the screen was given back: {late[:200]!r}")
        if termios.tcgetattr(self._slave) != self.modes_before:
            wrong.append("the terminal's attributes are not as before")
        return wrong


# ---- what is done to it --------------------------------------------------------

_NAMED = {
    "enter": "\r", "escape": "\x1b", "space": " ", "f1": "\x1bOP", "equals_sign": "=", "at": "@",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "shift+right": "\x1b[1;2C", "shift+left": "\x1b[1;2D", "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~", "home": "\x1b[H", "end": "\x1b[F",
}  # fmt: skip


def typed(key):
    """What a terminal sends for each of a key's names."""
    return [_NAMED.get(name) or (name if len(name) == 1 else key.shown)
            for name in key.keys.split(",")]  # fmt: skip


PRESSES = sorted(
    {text for key in (*KEYS, *TIME_KEYS, *DEMO_KEYS, BOOTS_KEY) for text in typed(key)} - {"q"}
)
HARMLESS = (string.ascii_letters + string.digits + string.punctuation + " ").replace("q", "")
"""What may be typed without ending it."""

PASTE, PASTE_END = b"\x1b[200~", b"\x1b[201~"
TITLE = b"\x1b]0;soaked"
"""Within a paste; it must never come back as what it is: it would change the window's title."""
BROKEN = (
    b"\x1b", b"\x1b[", b"\x1b[<", b"\x1b[<0;", b"\x1b[<0;1;1", b"\x1b[1;", b"\x1b[999999999999A",
    b"\x1b[;;;;;;;;;;;;;;;;;~", b"\x1b[?", b"\x1b[?2026;", b"\x1bO", b"\x1b]52;c;",
    b"\x1b]11;rgb:", b"\x1bP>|", b"\x1b_G", b"\x1bX", b"\x1b^", b"\x1b[<0;-5;-5M",
    b"\x1b[<999;1;1M", b"\x1b[<0;99999999999;1M", b"\x1b[M", b"\x1b[M ", b"\x1b[38;5",
    b"\x1b\x1b\x1b\x1b[A", b"\x9b5~", b"\x1b[201~", b"\x1b[1:2:3;4:5u",
    b"\x1b[99999999u", b"\x1b[4;0;0t",
)  # fmt: skip
BROKEN_UTF8 = (
    b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    b"\xff\xfe", b"\x80\x80", b"\xf8\x88\x80\x80\x80",
)  # fmt: skip
RESPONSES = (
    b"\x1b[?1;2c", b"\x1b[?64;1;2;6;22c", b"\x1b[>41;370;0c", b"\x1b[0n", b"\x1b[24;80R",
    b"\x1b[?2026;1$y", b"\x1b[?2026;2$y", b"\x1b[?2026;0$y", b"\x1b[?2048;0$y", b"\x1b[?0u",
    b"\x1b[?31u", b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\", b"\x1b]11;rgb:0000/0000/0000\x07",
    b"\x1bP>|XTerm(370)\x1b\\", b"\x1bP1+r544e=787465726d\x1b\\", b"\x1b[8;24;80t",
    b"\x1b[4;480;640t", b"\x1b[?997;1n",
)  # fmt: skip
IN_BAND = b"\x1b[?2048;2$y"

WAYS_OUT = {
    "q": (0, [(0, b"q"), (0.4, b"\x1b"), (0.8, b"q"), (1.8, b"\x1b"), (2.2, b"q"), (3.4, b"\x1b"),
              (3.8, b"q")]),
    "Ctrl-C": (130, [(0, b"\x03"), (1.0, b"\x03"), (2.5, b"\x03")]),
    "SIGINT": (130, [(0, signal.SIGINT)]),
    "SIGTERM": (143, [(0, signal.SIGTERM)]),
    "SIGHUP": (129, [(0, signal.SIGHUP)]),
}  # fmt: skip
