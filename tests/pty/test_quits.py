"""Ends in the middle of a storm: of the screen below, not one cell is changed."""

import os
import re
import shutil
import signal
import sys
import threading
import time
from contextlib import contextmanager, nullcontext
from itertools import product
from random import Random

import pyte
import pytest
from support.samples import SAMPLES, dup, replace, stats
from support.shells import HIGH, LEAVE, NO_PICTURE, WIDE, Shell, Tmux, TwoScreens
from support.terminal import HANGUP, TERMINATE

from kmodtop_core.stats.parse import render


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


def _changes(terminal, after):
    """What is not as it was, but for the line that says what was seen, and for scrolling by it."""
    said = re.search(rb"kmodtop: [^\x1b]*\r\n", terminal.raw.rpartition(LEAVE)[2])
    if not said:
        return {place: was for place, was in terminal.before.items() if after[place] != was}
    rows = -(-len(said[0].decode().rstrip()) // WIDE)
    _, y, *_ = terminal.before["cursor"]
    scrolled = max(0, y + rows - (HIGH - 1))
    return {
        place: was
        for place, was in terminal.before.items()
        if isinstance(place, tuple) and not y <= place[1] < y + rows and place[1] >= scrolled
        if after[place[0], place[1] - scrolled] != was
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
        changed = _changes(terminal, after)
        assert not changed, f"changed: {dict(list(changed.items())[:8])}; {terminal.raw[-300:]!r}"
        late = terminal.raw.rpartition(LEAVE)[2]
        late = re.sub(rb"kmodtop: [^\x1b]*\r\n", b"", late, count=1)  # what it saw, in a line
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
