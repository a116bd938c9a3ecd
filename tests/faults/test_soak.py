"""Hours of abuse in a minute: whatever is typed, it neither breaks nor leaves a mess.

Random keys, pastes, bytes and sizes over every kind of source. Each session ends in one of
the ways out; then the exit code is right, and the terminal is as it was before.

KMODTOP_SOAK_SECONDS (60) is how long all of it takes, KMODTOP_SOAK_SEED (1) another course of
chance, KMODTOP_SOAK_SESSION the only session to play.
"""

import fcntl
import os
import re
import select
import signal
import string
import struct
import subprocess
import sys
import termios
import time
from collections import Counter
from contextlib import suppress
from random import Random

import pytest
from support.command import ENV
from support.samples import CHANGES, SAMPLES, dup, kernel_texts, stats
from support.terminal import PATIENCE, Terminal

from kmodtop.view.keys import BOOTS_KEY, DEMO_KEYS, KEYS, TIME_KEYS
from kmodtop_core.stats.parse import render

pytestmark = pytest.mark.slow

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


def test_what_is_not_taken_back_is_noticed():
    assert not unbalanced(b"\x1b[?1049h\x1b[>1u\x1b[?7l\x1b[<u\x1b[?1049l\x1b[?7h\x1b[?25h")
    assert unbalanced(b"\x1b[?1000;1006h\x1b[?1006l") == ["mode 1000 was left set"]
    assert unbalanced(b"\x1b[?25l") == ["mode 25 was left reset"]
    assert len(unbalanced(b"\x1b[>1u\x1b[?1049h\x1b[<u\x1b[?1049l")) == 2
    assert not painted_late(b"\x1b[1;31mred\x1b[?1049l\x1b[?25h\x1b[0m^[[A")
    assert painted_late(b"\x1b[?1049l\x1b[31mred")


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


class Session:
    """One start of the program, what is done to it, and its end."""

    def __init__(self, terminal, rng, stir, folder, story):
        self.terminal, self.rng, self.stir = terminal, rng, stir
        self.folder, self.story = folder, story
        self.done = []
        self.heights = {terminal.size[1]}
        self.may_end = False
        """Whether something that was done can rightly have ended it: the palette has quit too."""
        self.is_garbled = False
        """Whether a sequence was begun and not ended: what follows may be taken for a part of it,
        or what is within a paste for keys."""

    # -- keys

    def key(self, count=1):
        keys = self.rng.choices(PRESSES, k=count)
        self.is_garbled |= "\x1b" in keys  # with [ and M after it, it begins a mouse report
        text = "".join(keys)
        return self._type(text.encode(), repr(text))

    def several_keys(self):
        return self.key(self.rng.randint(2, 12))

    def letters(self):
        text = self._letters(self.rng.choice((1, 5, 30, 300, 4000)))
        return self._type(text, f"{len(text)} letters")

    def palette(self):
        self.may_end = True
        return self._type(b"\x10", "Ctrl-P")

    def kitty(self):
        rng = self.rng
        code = rng.choice((0, 9, 13, 27, 97, 57344, 57441, 63, 1114111, 1114112, 55296, 10**12))
        # Ctrl and Super at will, but no q and no c.
        code = rng.choice((code, ord(rng.choice(re.sub("[cCQ]", "", HARMLESS)))))
        self.may_end |= chr(code & 0x7F) in "pP"
        tail = rng.choice(("", f";{rng.randint(0, 256)}", f";{rng.randint(0, 9)}:3", ";;97:98"))
        text = f"\x1b[{code}{tail}{rng.choice('uuu~AP')}"
        return self._type(text.encode(), repr(text))

    # -- pastes

    def paste(self):
        rng = self.rng
        body = bytearray(self._letters(rng.choice((0, 1, 40, 2000, 20000))))
        for _ in range(rng.randint(0, 3)):
            at = rng.randint(0, len(body))
            body[at:at] = rng.choice(
                (TITLE + b"\x07", b"\x1b[A", b"\x1b[31m", b"\r", b"\n", PASTE, b"\0")
            )
        if not self.is_garbled:
            # It is no key: neither of these ends it.
            body[0:0] = rng.choice((b"", b"q", b"\x03", b"quit\r"))
        data = PASTE + bytes(body) + PASTE_END
        at = len(data)
        if rng.random() < 0.5:
            # Within the brackets too, but only where there is nothing that could end it as a key.
            at = rng.randint(0 if self.is_garbled else len(PASTE), len(data) - len(PASTE_END))
        self.terminal.press_bytes(data[:at])
        self.terminal.read_for(rng.choice((0, 0.01, 0.3)) if at < len(data) else 0)
        return self._type(data[at:], f"a paste of {len(data)} bytes, split at {at}")

    def endless_paste(self):
        self.is_garbled = True
        body = self._letters(self.rng.choice((0, 1, 100, 3000)))
        body += self.rng.choice((b"", b"\x1b", b"\x1b[20", b"\x1b[A"))
        return self._type(PASTE + body, f"a paste of {len(body)} bytes that does not end")

    # -- bytes

    def high_bytes(self):
        rng = self.rng
        count = rng.choice((1, 3, 50, 1000))
        data = bytes(rng.choice((0, *range(0x80, 0x100))) for _ in range(count))
        self.is_garbled = True
        return self._type(data, f"{count} random bytes: {data[:12]!r}…")

    def broken(self):
        self.is_garbled = True
        data = b"".join(
            self.rng.choice((*BROKEN, *BROKEN_UTF8)) for _ in range(self.rng.randint(1, 4))
        )
        return self._type(data, repr(data))

    def old_mouse(self):
        self.is_garbled = True
        data = b"\x1b[M" + bytes(self.rng.randint(0x80, 0xFF) for _ in range(3))
        return self._type(data, f"an X10 mouse report: {data!r}")

    def response(self):
        data = self.rng.choice(RESPONSES)
        return self._type(data, repr(data))

    def size_report(self):
        """In band, and not the truth."""
        high, wide = self.rng.choice((0, 1, 24, 100)), self.rng.choice((0, 1, 80, 300))
        pixels = self.rng.choice((";480;640", ";0;0", ";480:1;640:2"))
        self.may_end = True  # where the last line is, only the program knows from now on
        data = IN_BAND + f"\x1b[48;{high};{wide}{pixels}t".encode()
        return self._type(data, repr(data))

    # -- mouse and focus

    def click(self):
        x, y = self._place()
        data = self._mouse(0, x, y) + self._mouse(0, x, y, "m")
        return self._type(data * self.rng.choice((1, 1, 2, 3)), f"clicks at {x}, {y}")

    def drag(self):
        data = self._mouse(0, *self._place())
        for _ in range(self.rng.choice((1, 5, 200))):
            data += self._mouse(32, *self._place())
        data += self._mouse(0, *self._place(), "m") if self.rng.random() < 0.7 else b""
        return self._type(data, f"a drag of {len(data)} bytes")

    def wheel(self):
        button = self.rng.choice((64, 65, 66, 67, 80))
        times = self.rng.choice((1, 5, 100))
        return self._type(self._mouse(button, *self._place()) * times, f"the wheel, {times} times")

    def odd_buttons(self):
        button = self.rng.choice((1, 2, 3, 35, 128, 131, 255, 4096))
        data = self._mouse(button, *self._place(), self.rng.choice("Mm"))
        return self._type(data, repr(data))

    def focus(self):
        data = b"".join(self.rng.choice((b"\x1b[I", b"\x1b[O")) for _ in range(5))
        return self._type(data, repr(data))

    # -- the world around it

    def resizes(self):
        sizes = [self._size() for _ in range(self.rng.choice((1, 2, 10)))]
        for size in sizes:
            self.terminal.resize(*size)
            self.terminal.read_for(self.rng.choice((0, 0, 0.01, 0.1)))
        return f"sizes {sizes}"

    def suspend(self):
        self.terminal.press_bytes(b"\x1a")
        give_up = time.monotonic() + 1
        while not self.terminal.is_stopped and time.monotonic() < give_up:
            self.terminal.read(0.02)
        if not self.terminal.is_stopped:
            self.terminal.signal(signal.SIGCONT)
            return "Ctrl-Z, which did not stop it, and SIGCONT"
        while self.terminal.read(0.1):
            pass
        self.done.append("Ctrl-Z, which stopped it")
        self.must(not (mess := self.terminal.mess()), f"a mess while stopped: {mess}")
        if self.rng.random() < 0.3:
            self.terminal.resize(*self._size())
        self.terminal.signal(signal.SIGCONT)
        return "SIGCONT"

    def stall(self):
        seconds = self.rng.uniform(0, 1)
        time.sleep(seconds)  # what is waited for is that nobody reads
        return f"nothing read for {seconds:.2f} s"

    WEIGHTS = (
        (key, 12), (several_keys, 6), (letters, 5), (palette, 1), (kitty, 5), (paste, 6),
        (endless_paste, 1), (high_bytes, 2), (broken, 3), (old_mouse, 2), (response, 4),
        (size_report, 1), (click, 5), (drag, 3), (wheel, 3), (odd_buttons, 2), (focus, 2),
        (resizes, 8), (suspend, 2), (stall, 2),
    )  # fmt: skip

    # -- helpers

    def _type(self, data, told):
        self.must(self.terminal.press_bytes(data), f"nothing is read any more, while typing {told}")
        return told

    def _letters(self, most):
        return "".join(self.rng.choices(HARMLESS, k=self.rng.randint(0, most))).encode()

    def _size(self):
        rng = self.rng
        wide, high = rng.choice(
            ((1, 1), (rng.randint(1, 20), rng.randint(1, 8)), (80, 24), (300, 100),
             (rng.randint(1, 300), rng.randint(1, 100)))
        )  # fmt: skip
        self.heights |= {high} if high > 3 else {1, 2, 3}
        return wide, high

    def _place(self):
        return self.rng.choice((1, self.rng.randint(1, 320))), self.rng.randint(1, 110)

    def _mouse(self, button, x, y, letter="M"):
        # The last line names the keys, and a click on "quit" quits.
        self.may_end |= y in self.heights
        return f"\x1b[<{button};{x};{y}{letter}".encode()

    # -- its course

    def must(self, holds, what):
        """Fails with all that is needed to see why."""
        if not holds:
            last = "\n  ".join(self.done[-20:])
            tail = bytes(self.terminal.raw[-800:])
            told = f"{what}\n{self.story}\nthe last actions:\n  {last}\nthe last bytes:\n{tail!r}"
            for path in self.folder.glob("*fault*"):  # what it tells of a fault of its own
                told += f"\n{path.name}:\n{path.read_text()[-2000:]}"
            pytest.fail(told, pytrace=False)

    def begin(self):
        """Waits until it is up, or at least has taken the screen."""
        sign = self.rng.choice((b"\x1b[?1000h", b"\x1b[?1000h", b"\x1b[?1049h"))
        give_up = time.monotonic() + PATIENCE
        while sign not in self.terminal.raw:
            self.must(self.terminal.process.poll() is None, "it ended at the start")
            self.must(time.monotonic() < give_up, f"{sign!r} does not come")
            self.terminal.read()

    def act(self):
        """One thing after the other; False if it has rightly ended meanwhile."""
        actions, weights = zip(*self.WEIGHTS, strict=True)
        for _ in range(self.rng.randint(0, MOST_ACTIONS)):
            self.stir(self.rng)
            action = self.rng.choices(actions, weights)[0]
            pause = self.rng.choice((0, 0, 0.01, 0.05, 0.2))
            self.done.append(f"({action.__name__}, under way)")
            told = action(self)
            self.done[-1] = f"{action.__name__}: {told}"
            self.terminal.read_for(pause)
            self.terminal.wake()
            if (code := self.terminal.process.poll()) is not None:
                self._took_all_in()
                self.must(self.may_end and code == 0, f"it ended by itself, with {code}")
                return False
        return True

    def leave(self):
        """Takes one of the ways out."""
        way = self.rng.choice(list(WAYS_OUT))
        code, steps = WAYS_OUT[way]
        self.done.append(f"way out: {way}")
        steps = list(steps)
        began = time.monotonic()
        while self.terminal.process.poll() is None:
            passed = time.monotonic() - began
            self.must(passed < END_S, f"still there {END_S} s after {way}")
            if steps and passed >= steps[0][0]:
                what = steps.pop(0)[1]
                if isinstance(what, bytes):
                    self.terminal.press_bytes(what)
                else:
                    self.terminal.signal(what)
            self.terminal.wake()
            self.terminal.read(0.02)
        self._took_all_in()
        ended = self.terminal.process.returncode
        codes = {code, 0} if self.may_end else {code}
        self.must(ended in codes, f"exit code {ended} after {way}, not {code}")

    def _took_all_in(self):
        while self.terminal.read(0.1):
            pass

    def look_back(self):
        """What holds of every end."""
        self.must(b"Traceback" not in self.terminal.raw, "a traceback")
        self.must(TITLE not in self.terminal.raw, "what was pasted reached the terminal raw")
        mess = self.terminal.mess()
        self.must(not mess, f"a mess at the end: {mess}")


# A q on a page may close just the page, or be a letter of the input line, or part of a paste
# that has no end: the reader tries again, with some patience.
WAYS_OUT = {
    "q": (0, [(0, b"q"), (0.4, b"\x1b"), (0.8, b"q"), (1.8, b"\x1b"), (2.2, b"q"), (3.4, b"\x1b"),
              (3.8, b"q")]),
    "Ctrl-C": (130, [(0, b"\x03"), (1.0, b"\x03"), (2.5, b"\x03")]),
    "SIGINT": (130, [(0, signal.SIGINT)]),
    "SIGTERM": (143, [(0, signal.SIGTERM)]),
    "SIGHUP": (129, [(0, signal.SIGHUP)]),
}  # fmt: skip

# ---- what is watched -----------------------------------------------------------

TEXTS = [
    *kernel_texts(),
    *sorted((SAMPLES / "torn").glob("*.txt")),
    *sorted((SAMPLES / "published").glob("*.txt")),
]


def other_text(rng):
    """What a file may hold next: mostly statistics."""
    return rng.choice(
        (
            lambda: rng.choice(TEXTS).read_bytes(),
            lambda: render(stats(*(dup(f"mod_{k}", rng.randint(1, 10**6)) for k in range(40)))),
            lambda: render(stats(dup("kvm", rng.randint(1, 2**63)))),
            lambda: rng.choice(TEXTS).read_bytes()[: rng.randint(0, 2000)],
            lambda: rng.randbytes(rng.randint(0, 5000)),
            lambda: b"",
        )
    )()


def rewriting(*paths):
    """Files that change in every way, and are gone at times."""

    def stir(rng):
        if rng.random() < 0.4:
            return
        path = rng.choice(paths)
        if rng.random() < 0.15:
            path.unlink(missing_ok=True)
        elif path.exists():
            rng.choice(CHANGES)(path, other_text(rng))
            if path.stat().st_size > 1_000_000:  # by one addition after the other
                path.write_bytes(b"")
        else:
            path.write_bytes(other_text(rng))

    return stir


def nothing(rng):
    """The source goes on by itself."""


def live(tmp_path, rng):
    path = tmp_path / "stats"
    return ["watch", path, *rng.choice(([], ["--low-bandwidth"], ["--ascii"]))], rewriting(path)


def demo(tmp_path, rng):
    return rng.choice((["demo"], ["demo", "autoload-mounts", "--speed", "5"])), nothing


def replay(tmp_path, rng):
    recording = tmp_path / "recording.db"
    if not recording.exists():
        words = ["record", SERIES / "storm-moderate.jsonl", "-o", recording, "--duration", "4"]
        subprocess.run(
            [sys.executable, "-m", "kmodtop", *map(str, words)], env=ENV, check=True, timeout=60
        )
    series = rng.choice(sorted(SERIES.glob("*.jsonl")))
    speed = ["--speed", rng.choice(("1", "20", "1000"))]
    return ["replay", rng.choice((recording, recording, series)), *speed], nothing


def several(tmp_path, rng):
    a, b = tmp_path / "a", tmp_path / "b"
    return ["watch", a, b, "sim:quiet"], rewriting(a, b)


@pytest.mark.parametrize("mode", [live, demo, replay, several])
def test_nothing_that_is_typed_breaks_it_or_leaves_a_mess(mode, tmp_path):
    until = time.monotonic() + SECONDS / 4
    numbers = [int(ONLY)] if ONLY else range(10**9)
    for number in numbers:
        rng = Random(f"{SEED} {mode.__name__} {number}")
        words, stir = mode(tmp_path, rng)
        size = rng.choice(((80, 24), (120, 40), (rng.randint(1, 300), rng.randint(1, 100))))
        names = {"HOME": ".", "XDG_STATE_HOME": "state", "TMPDIR": "."}
        places = {name: str(tmp_path / where) for name, where in names.items()}
        story = f"seed {SEED}, {mode.__name__}, session {number}: {words}, {size}"
        with Rough(*words, size=size, **places) as terminal:
            session = Session(terminal, rng, stir, tmp_path, story)
            session.begin()
            if session.act():
                session.leave()
            session.look_back()
        if time.monotonic() > until:
            return
