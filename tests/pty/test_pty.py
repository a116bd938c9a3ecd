"""On a real terminal: what reaches it, how soon, and how it is left."""

import os
import re
import subprocess

import pytest
from support.samples import CHANGES, SAMPLES, dup, stats
from support.terminal import HANGUP, TERMINATE, Terminal

from kmodtop_core.stats.parse import render


def text(number):
    return render(stats(dup("kvm_intel", number), dup("other", 2)))


def test_every_kind_of_change_shows_and_marks_the_row(tmp_path):
    path = tmp_path / "stats"
    with Terminal("watch", path) as terminal:
        terminal.until("NOTHING TO READ")
        path.write_bytes(text(3))
        terminal.until(r"kvm_intel .* 3 ")
        number = 3
        for change in CHANGES:
            number += 4
            change(path, text(number))
            terminal.until(rf"^▲.kvm_intel .* {number} +\+\d+ ")


@pytest.mark.parametrize("term", ["xterm-256color", "linux", "vt220", "screen"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12)])
def test_the_screen_on_terminals_of_all_sizes(term, size):
    with Terminal(
        "watch", SAMPLES / "published/sr950-448cpu-release-master.txt", size=size, TERM=term
    ) as terminal:
        terminal.until(r"WASTED +18\.96 GiB")
        terminal.until(r"q quit")
        assert "kvm_intel" in terminal.text


def test_no_color_sends_no_colour_and_says_all_the_same():
    with Terminal(
        "watch", SAMPLES / "published/seed-8vcpu-early-check.txt", NO_COLOR="1"
    ) as terminal:
        terminal.until(r"99 of 166 loads failed")
        terminal.until(r"q quit")
        assert not re.search(rb"\x1b\[[0-9;]*\b(?:3[0-7]|38|4[0-7]|48|9[0-7])[;m]", terminal.raw)


def test_hostile_names_never_reach_the_terminal_raw():
    with Terminal("watch", SAMPLES / "hostile/odd-names.txt") as terminal:
        terminal.until(r"klab_\\x1b\[31mred\\x1b\[0m")
        terminal.until(r"klab_\\xff\\xfe\\x80")
        terminal.press("r")
        terminal.until(r"lines, as read")
        terminal.press("jjjjjjj")
        terminal.until(r"klab_\\x1b\[31mred")
        assert b"\x1b[31mred" not in terminal.raw


def test_hostile_texts_are_shown_harmlessly(tmp_path):
    path = tmp_path / "stats"
    names = [
        "[bold]markup[/bold]",
        "\u202eevil",
        "\x1b]0;title\x07",
        "a\u200bb",
        "x\x9b31m",
        "é" * 20,
    ]
    path.write_bytes(render(stats(*(dup(name, 3) for name in names))))
    with Terminal("watch", path) as terminal:
        terminal.until(r"\[bold\]markup\[/bold\]")
        terminal.until(r"\\u202eevil")
        terminal.until(r"\\x1b\]0;title\\x07")
        assert b"]0;title\x07" not in terminal.raw
        assert "\u202e".encode() not in terminal.raw


def test_statistics_through_a_pipe_while_keys_come_from_the_terminal():
    read_end, write_end = os.pipe()
    with Terminal("watch", "-", stdin=read_end) as terminal:
        os.close(read_end)
        terminal.until("nothing has come yet")
        os.write(write_end, text(3))
        terminal.until(r"kvm_intel .* 3 ")
        os.write(write_end, text(5))
        terminal.until(r"▲.kvm_intel .* 5 ")
        os.close(write_end)
        terminal.until("ended")
        terminal.press("q")
        assert terminal.ended() == 0
        assert terminal.is_clean


def test_a_terminal_is_no_source_of_statistics():
    with Terminal("watch", "-") as terminal:
        assert terminal.ended() == 3
        assert terminal.raw.startswith(b"kmodtop: standard input: is the terminal itself; pipe")


def test_a_series_plays_at_its_own_pace():
    with Terminal("watch", SAMPLES / "series/storm-moderate.jsonl", "--speed", "20") as terminal:
        terminal.until(r"▶ \d+\.\d s of \d+ s ×20")
        terminal.until(r"‖ \d+\.\d s of \d+ s")


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda t: t.press("q"), 0),
        (lambda t: t.press("\x03"), 130),
        (lambda t: t.signal(TERMINATE), 143),
        (lambda t: t.signal(HANGUP), 129),
    ],
    ids=["q", "Ctrl-C", "SIGTERM", "SIGHUP"],
)
def test_the_terminal_is_left_as_it_was(end, code):
    with Terminal("watch", SAMPLES / "states/both.txt") as terminal:
        terminal.until_ready()
        end(terminal)
        assert terminal.ended() == code
        assert terminal.is_clean


def test_the_size_of_the_terminal_may_change():
    import fcntl
    import struct
    import termios

    with Terminal("watch", SAMPLES / "states/both.txt", size=(120, 40)) as terminal:
        terminal.until_ready()
        fcntl.ioctl(terminal._slave, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 40, 0, 0))
        terminal.screen.resize(12, 40)
        terminal.signal(28)  # SIGWINCH
        terminal.until(r"^ f findings  \? help  q quit$|module  f findings  \? help  q quit$")


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda t: t.press("\x03"), 130),
        (lambda t: t.signal(TERMINATE), 143),
        (lambda t: t.press("q"), 0),
    ],
    ids=["Ctrl-C", "SIGTERM", "q"],
)
def test_the_terminal_is_left_as_it_was_when_textual_is_not_there_yet(end, code):
    with Terminal("watch", SAMPLES / "states/both.txt") as terminal:
        while b"WASTED" not in terminal.raw:
            terminal.read(0.01)
        assert b"\x1b[?1000h" not in terminal.raw
        end(terminal)
        assert terminal.ended() == code
        assert terminal.is_clean


@pytest.mark.parametrize("source", ["/dev/zero", "/", "/dev/null"])
def test_what_is_no_source_is_refused_before_the_screen_is_taken(source):
    with Terminal("watch", source) as terminal:
        assert terminal.ended() == 3
        assert b"\x1b" not in terminal.raw
        assert terminal.raw.startswith(b"kmodtop: " + source.encode())


def test_the_screen_is_right_also_where_textual_paints_it_anew(tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(text(3))
    with Terminal("watch", path) as terminal:
        terminal.until_ready()
        for times in (4, 17, 5, 230):
            path.write_bytes(text(times))
            terminal.until(rf"kvm_intel .* {times} ")
            terminal.press("\x1b[O\x1b[I?")  # the focus goes and comes; help lies over it
            terminal.until(r"A load walks four stages")
            terminal.press("?")
            terminal.until(rf"kvm_intel .* {times} ")


def test_nothing_is_sent_while_nothing_changes(tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(text(3))
    with Terminal("watch", path) as terminal:
        terminal.until_ready()
        for _ in range(30):
            terminal.read(0.1)
        before = len(terminal.raw)
        for _ in range(30):
            terminal.read(0.1)
        assert len(terminal.raw) - before < 1500


@pytest.mark.parametrize("locale", [{"LANG": "C"}, {"LANG": ""}])
def test_a_c_locale_gets_ascii(locale):
    names = {"LC_ALL": "", "LC_CTYPE": ""} | locale
    with Terminal("watch", SAMPLES / "states/both.txt", **names) as terminal:
        terminal.until(r"q quit")
        assert terminal.raw.isascii()


def test_ascii_reaches_the_terminal_as_ascii():
    with Terminal(
        "watch", SAMPLES / "published/seed-255vcpu-stats-only.txt", "--ascii"
    ) as terminal:
        terminal.until_ready()
        for key in "?\x1br\x1b":
            terminal.press(key)
            terminal.read(0.3)
        assert terminal.raw.isascii()


def test_a_terminal_for_stdout_is_needed_for_the_live_view(tmp_path):
    words = ["-m", "kmodtop", "watch", str(SAMPLES / "states/both.txt")]
    from support.command import ENV

    done = subprocess.run(
        ["python3", *words], capture_output=True, env=ENV, check=False, timeout=30
    )
    assert done.returncode == 0 and b"\x1b" not in done.stdout


@pytest.mark.parametrize("keys", ["rj", "?j", "Dj", "r\x1b[A", "f\x1b[6~", "\rj"])
def test_keys_that_come_with_one_that_turns_the_page_are_for_that_page(keys):
    with Terminal("watch", SAMPLES / "states/both.txt") as terminal:
        terminal.until_ready()
        terminal.press(keys)
        terminal.until(r"▸ |as read")
        terminal.press("qq")
        assert terminal.ended() == 0
        assert b"fault of kmodtop" not in terminal.raw
