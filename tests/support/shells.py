"""Terminals with two screens, a shell's and a program's, by pyte and in tmux."""

import os
import re
import select
import subprocess
import time
from copy import copy

import pyte
from pyte import modes

from support.samples import ROOT
from support.terminal import _ODD, PATIENCE, Terminal

WIDE, HIGH = 80, 24

LEAVE = b"\x1b[?1049l"
NO_PICTURE = rb"(?:\x1b\[\?[0-9;]+[hl]|\x1b\[[<>=][0-9;]*u|\x1b\[0?m)*"
"""What may follow when the primary screen is back: modes, kitty's keys, no attributes."""

# ---- a terminal that has two screens -------------------------------------------


class TwoScreens(pyte.Screen):
    """pyte knows no alternate screen (DEC private mode 1049); here it is."""

    _below = None

    def set_mode(self, *numbers, private=False, **kwargs):
        if private and 1049 in numbers and self._below is None:
            buffer = {y: dict(line) for y, line in self.buffer.items()}
            self._below = buffer, copy(self.cursor)
            self.erase_in_display(2)
        super().set_mode(*numbers, private=private, **kwargs)

    def reset_mode(self, *numbers, private=False, **kwargs):
        super().reset_mode(*numbers, private=private, **kwargs)
        if private and 1049 in numbers and self._below is not None:
            (buffer, self.cursor), self._below = self._below, None
            # Whether the cursor is shown is a mode of its own, and both screens'.
            self.cursor.hidden = modes.DECTCEM not in self.mode
            self.buffer.clear()
            for y, line in buffer.items():
                self.buffer[y].update(line)

    def what_shows(self):
        """Every cell with its attributes, by its place; the cursor; every mode."""
        what = {(x, y): self.buffer[y][x] for y in range(self.lines) for x in range(self.columns)}
        cursor = self.cursor
        what["cursor"] = (cursor.x, cursor.y, cursor.attrs, "hidden" if cursor.hidden else "shown")
        what["modes"] = set(self.mode), self.margins
        what["charsets"] = self.charset, self.g0_charset, self.g1_charset
        return what


_BEGUN = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*|[P\]_^X](?:(?!\x1b\\|\x07).)*)?$|[\xc0-\xff][\x80-\xbf]{0,2}$",
    re.DOTALL,
)
"""A sequence or a character that has begun where a reading ends."""


class Shell(Terminal):
    """A terminal on which lines stand already when the program starts."""

    def __init__(self, *words, **env):
        super().__init__(*words, size=(WIDE, HIGH), **env)
        self.screen = TwoScreens(WIDE, HIGH)
        self._stream = pyte.ByteStream(self.screen)
        self._fed = 0
        for number in range(1, HIGH):
            text = f"line {number} ".ljust(WIDE - 1, "abcdefghij"[number % 10])
            colours = f"{number % 2};{30 + number % 8};{40 + number // 3 % 8}"
            self._stream.feed(f"\x1b[{colours}m{text}\x1b[0m\r\n".encode())
        self.before = self.screen.what_shows()

    def read(self, seconds=0.05):
        """As before, but sequences are shown to pyte whole."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        self.raw += os.read(self._master, 1 << 16)
        begun = _BEGUN.search(self.raw, self._fed)
        end = begun.start() if begun else len(self.raw)
        self._stream.feed(_ODD.sub(b"", self.raw[self._fed : end]))
        self._fed = end
        return True

    def storm(self, seconds):
        """Reads along for that time; how many bytes came."""
        seen, until = len(self.raw), time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.read(left)
        return len(self.raw) - seen


# ---- in tmux -------------------------------------------------------------------


class Tmux:
    """A server of its own with one session, in which a shell runs."""

    def __init__(self, folder):
        self._words = ["tmux", "-S", str(folder / "tmux"), "-f", os.devnull]
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT / 'core'}:{ROOT / 'tui'}",
            "LC_ALL": "C.UTF-8",
            "HOME": str(folder),
        }
        size = ["-x", str(WIDE), "-y", str(HIGH)]
        subprocess.run(
            [*self._words, "-u", "new-session", "-d", *size, "sh"], env=env, check=True, timeout=30
        )

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self("kill-server")

    def __call__(self, *words):
        done = subprocess.run(
            [*self._words, *words], capture_output=True, check=True, text=True, timeout=30
        )
        return done.stdout

    def type(self, line):
        self("send-keys", "-l", line)

    def lines(self):
        """What is on the screen, with attributes, down to the last line with text."""
        return self("capture-pane", "-p", "-e").rstrip().split("\n")

    def text(self):
        """What is on the screen, without spaces and without the ends of lines."""
        return "".join(self("capture-pane", "-p").split())

    def flags(self):
        """What programs have set: alternate screen, mouse, cursor and more."""
        names = (
            "alternate_on mouse_any_flag cursor_flag keypad_flag wrap_flag insert_flag origin_flag "
            "scroll_region_upper scroll_region_lower"
        )
        return self("display-message", "-p", re.sub(r"(\w+)", r"#{\1}", names)).split()

    def until(self, holds, what):
        """Waits for something; tmux tells of nothing by itself."""
        give_up = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < give_up, f"{what} did not come:\n" + "\n".join(self.lines())
            time.sleep(0.02)

    def child(self):
        """The process that the shell runs."""
        shell = self("display-message", "-p", "#{pane_pid}").strip()
        with open(f"/proc/{shell}/task/{shell}/children") as file:
            return int(file.read().split()[0])
