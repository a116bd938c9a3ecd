"""Ends in the middle of a storm: of the screen below, not one cell is changed."""

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, nullcontext
from copy import copy
from itertools import product
from random import Random

import pyte
import pytest
from pyte import modes
from support.samples import ROOT, SAMPLES, dup, replace, stats
from support.terminal import _ODD, HANGUP, PATIENCE, TERMINATE, Terminal

from kmodtop_core.stats.parse import render

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


def test_the_screen_below_comes_back_as_it_was():
    screen = TwoScreens(WIDE, HIGH)
    stream = pyte.ByteStream(screen)
    stream.feed(b"\x1b[31mred\x1b[0m\r\nbelow")
    before = screen.what_shows()
    stream.feed(b"\x1b[?1049h\x1b[?25l\x1b[5;5H\x1b[7mabove")
    assert "".join(screen.display).split() == ["above"]
    stream.feed(b"\x1b[?1049l")
    assert screen.what_shows() != before
    stream.feed(b"\x1b[?25h")
    assert screen.what_shows() == before


# ---- storms --------------------------------------------------------------------


def text(number):
    rows = [dup(f"module_{k}", number * (k + 1)) for k in range(30)]
    return render(stats(*rows, modcount=number))


@contextmanager
def rewritten(path):
    """Every 10 ms other counters are in the file."""
    over = threading.Event()

    def go_on():
        number = 1
        while not over.wait(0.01):
            number += 1
            replace(path, text(number))

    path.write_bytes(text(1))
    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def demo(folder):
    return ["demo"], nullcontext()


def rewritten_file(folder):
    return ["watch", folder / "stats"], rewritten(folder / "stats")


def played_recording(folder):
    series = SAMPLES / "series/boot-udev-32cpu-noidem.jsonl"
    return ["replay", series, "--speed", "20"], nullcontext()


def simulated_boot(folder):
    return ["watch", "sim:big-255"], nullcontext()


SOURCES = (demo, rewritten_file, played_recording, simulated_boot)

WAYS_OUT = {
    "q": (lambda terminal: terminal.press("q"), 0),
    "Ctrl-C": (lambda terminal: terminal.press("\x03"), 130),
    "SIGTERM": (lambda terminal: terminal.signal(TERMINATE), 143),
    "SIGHUP": (lambda terminal: terminal.signal(HANGUP), 129),
}


def quits(source, way, rng, folder):
    """The storm for a while, its end, and what is left."""
    end, code = WAYS_OUT[way]
    words, world = source(folder)
    with world, Shell(*words) as terminal:
        terminal.until_ready()
        assert terminal.storm(rng.uniform(0.3, 1.5)) > 0, "there was no storm"
        # A reader that is slow, as an ssh is: pictures are still under way at the end.
        time.sleep(rng.choice((0, 0, 0.2)))
        end(terminal)
        assert terminal.ended() == code
        after = terminal.screen.what_shows()
        changed = {
            place: (was, after[place])
            for place, was in terminal.before.items()
            if after[place] != was
        }
        assert not changed, f"changed: {dict(list(changed.items())[:8])}; {terminal.raw[-300:]!r}"
        late = terminal.raw.rpartition(LEAVE)[2]
        assert re.fullmatch(NO_PICTURE, late), f"after the screen was given back: {late[:300]!r}"


@pytest.mark.parametrize(("source", "way"), list(zip(SOURCES, WAYS_OUT, strict=True)))
def test_a_storm_that_is_ended_leaves_the_screen_as_it_was(source, way, tmp_path):
    quits(source, way, Random(f"{source.__name__} {way}"), tmp_path)


COMBINATIONS = list(product(SOURCES, WAYS_OUT))
FORTY = [(number, *COMBINATIONS[number % len(COMBINATIONS)]) for number in range(40)]


@pytest.mark.slow
@pytest.mark.parametrize(("number", "source", "way"), FORTY)
def test_none_of_forty_ends_changes_the_screen(number, source, way, tmp_path):
    quits(source, way, Random(number), tmp_path)


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


TMUX_WAYS = {
    "q": (lambda tmux: tmux("send-keys", "q"), 0),
    "Ctrl-C": (lambda tmux: tmux("send-keys", "C-c"), 130),
    "kill": (lambda tmux: os.kill(tmux.child(), signal.SIGTERM), 143),
}


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("way", TMUX_WAYS)
def test_in_tmux_too_a_storm_that_is_ended_leaves_the_screen_as_it_was(source, way, tmp_path):
    rng = Random(f"{source.__name__} {way}")
    end, code = TMUX_WAYS[way]
    words, world = source(tmp_path)
    with world, Tmux(tmp_path) as tmux:
        tmux.type("PS1='[$?] '; printf '\\033[H\\033[J'\n")  # a prompt that tells the exit code
        tmux.until(lambda: tmux.lines() == ["[0]"], "the prompt")
        tmux.type(
            "for i in 1 2 3 4 5 6 7 8 9; do printf '\\033[3%dmline %d\\033[0m\\n' $i $i; done\n"
        )
        tmux.until(lambda: tmux.lines()[-1] == "[0]", "the prompt after the lines")
        command = [sys.executable, "-m", "kmodtop", *map(str, words)]
        tmux.type(" ".join(command))
        tmux.until(lambda: tmux.text().endswith("".join(command)), "the command")
        before, flags = tmux.lines(), tmux.flags()
        assert flags[:3] == ["0", "0", "1"]
        tmux.type("\n")
        tmux.until(lambda: tmux.flags()[:2] == ["1", "1"], "the alternate screen with the mouse")
        time.sleep(rng.uniform(0.3, 1.5))  # the storm; tmux takes it in by itself
        end(tmux)
        tmux.until(lambda: re.fullmatch(r"\[\d+\]", tmux.lines()[-1]), "the prompt after the end")
        assert tmux.lines() == [*before, f"[{code}]"]
        assert tmux.flags() == flags
