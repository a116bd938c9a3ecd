"""A session of random keys, pastes, bytes and resizes."""

import re
import signal
import time

import pytest

from support.rough import (
    BROKEN,
    BROKEN_UTF8,
    END_S,
    HARMLESS,
    IN_BAND,
    MOST_ACTIONS,
    PASTE,
    PASTE_END,
    PRESSES,
    RESPONSES,
    TITLE,
    WAYS_OUT,
)
from support.terminal import PATIENCE


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
