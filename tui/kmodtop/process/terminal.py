"""The terminal has one owner: it is taken here, written to here, and given back here.

It is the one that stdout is, through a descriptor of our own that never blocks:
the shell's own stays as it is, and neither a large picture nor a link that
stalls can hold up who writes. Giving it back closes that descriptor, so that
nothing can be painted afterwards. No textual here: the first screen is painted
before textual is imported.
"""

import errno
import fcntl
import os
import select
import struct
import termios
import threading
import time
import tty
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kmodtop_core.errors import SourceError, Trouble

_MOST_WAITING = 1 << 20
"""Bytes that wait for the terminal at most; beyond that the whole screen is repainted instead."""

_FAREWELL_S = 0.5
"""Seconds for which giving the terminal back waits for it to take what undoes its modes."""

_ALMOST_S = 0.25
"""Seconds after which what the kernel still holds for the terminal is dropped for that."""

_CHUNK = 1 << 14

_TIOCGDEV = 0x80045432

_SAFE_CHUNK = 256
"""Bytes that a terminal takes at once whenever poll(2) says that it takes any (n_tty.c,
WAKEUP_CHARS): for terminals that cannot be reopened, whose descriptor may block."""

_CANCEL = "\x18"
"""Ends an escape sequence of which only a part went out (ECMA-48, CAN)."""

_SHOW = "\x1b[?2026l"
"""Ends a synchronised update, whose own end may have been dropped."""

SCREEN = (("\x1b[?1049h", f"{_SHOW}\x1b[?1049l"), ("\x1b[?25l", "\x1b[?25h"))
"""Modes of the first screen: alternate screen, no cursor; and what undoes each."""


class Terminal:
    """The terminal behind the descriptor `number`. Raises SourceError when it cannot be used.

    `is_stale`: nothing is known of what is on the screen. `is_gone`: the other end hung up.
    `on_wait` is called with True when something waits, and with False when nothing does any more.
    """

    def __init__(self, number: int = 1) -> None:
        self._fd, self._blocks = _open(number)
        self._lock = threading.RLock()
        self._modes: list[Any] | None = None
        self._undo: list[str] = []
        self._set: list[tuple[str, str]] = []
        self._waiting: deque[bytes] = deque()
        self._begun = False
        self.is_stale = True
        self.is_gone = False
        self._told = False
        self.on_wait: Callable[[bool], None] | None = None

    # ---- taking and giving back ------------------------------------------

    def take(self) -> None:
        """Keys come one by one and are not echoed; what was set before is set again."""
        with self._lock:
            if self._fd < 0 or self._modes is not None:
                return
            self._modes = termios.tcgetattr(self._fd)
            self._modify(_raw(self._modes))
            self.is_stale = True
            for on, off in self._set:
                self._enter(on, off)

    def enter(self, on: str, off: str) -> None:
        """Sets a mode, which `off` undoes when the terminal is given back."""
        with self._lock:
            if self._modes is not None and (on, off) not in self._set:
                self._set.append((on, off))
                self._enter(on, off)

    def _enter(self, on: str, off: str) -> None:
        self._undo.append(off)
        self.write(on)

    def leave(self) -> None:
        """Gives it back for a while: the process is about to be stopped."""
        with self._lock:
            if self._modes is None:
                return
            started = bytes(self._waiting[0]) if self._begun and self._waiting else b""
            self._waiting.clear()
            self._begun = self._told = False
            self._farewell(started + "".join(reversed(self._undo)).encode())
            self._undo.clear()
            with suppress(termios.error, OSError):  # mouse reports that are on their way
                termios.tcflush(self._fd, termios.TCIFLUSH)
            self._modify(self._modes)
            self._modes = None

    def give_back(self) -> None:
        """Leaves it as it was, for good. May be called twice, and by any thread."""
        with self._lock:
            self.leave()
            if self._fd >= 0:
                fd, self._fd = self._fd, -1
                os.close(fd)

    def _modify(self, modes: list[Any]) -> None:
        for _ in range(100):
            try:
                termios.tcsetattr(self._fd, termios.TCSANOW, modes)
            except termios.error as error:
                if error.args[0] == errno.EINTR:
                    continue  # stopped in the background (SIGTTOU), and continued
                self.is_gone = True
            return

    def _farewell(self, data: bytes) -> None:
        """Writes as far as the terminal takes it within a moment."""
        began, flushed = time.monotonic(), False
        while data and not self.is_gone:
            sent = self._send(data)
            data = data[sent:]
            passed = time.monotonic() - began
            if passed > _FAREWELL_S:
                return
            if not sent:
                if passed > _ALMOST_S and not flushed:
                    flushed = True
                    with suppress(termios.error, OSError):
                        termios.tcflush(self._fd, termios.TCOFLUSH)
                    data = _CANCEL.encode() + "".join(reversed(self._undo)).encode()
                self._poll(select.POLLOUT, 0.05)

    # ---- writing ---------------------------------------------------------

    def write(self, text: str) -> None:
        """Sends it, as far as the terminal takes it now; the rest waits. Never blocks."""
        with self._lock:
            if self._modes is None or self.is_gone or not text:
                return
            self._waiting.append(text.encode("utf-8", "replace"))
            if len(self._waiting) == 1:
                self.send_waiting()
            elif sum(map(len, self._waiting)) > _MOST_WAITING:
                self._drop()

    def send_waiting(self) -> None:
        """What waits, as far as the terminal takes it now."""
        with self._lock:
            while self._waiting and not self.is_gone:
                chunk = self._waiting[0]
                sent = self._send(chunk)
                if sent < len(chunk):
                    self._begun = self._begun or sent > 0
                    self._waiting[0] = chunk[sent:]
                    if sent == 0:
                        break
                else:
                    self._waiting.popleft()
                    self._begun = False
            if self.is_gone:
                self._waiting.clear()
        self.tell()

    def tell(self) -> None:
        """Calls `on_wait` if that has changed."""
        waits = bool(self._waiting)
        if self.on_wait is not None and waits != self._told:
            self._told = waits
            self.on_wait(waits)

    def _drop(self) -> None:
        """All but what has begun to go out."""
        kept = self._waiting[0]
        self._waiting.clear()
        if self._begun:
            self._waiting.append(kept)
        self._waiting.append(_SHOW.encode())
        self.is_stale = True

    def _send(self, data: bytes) -> int:
        """How many bytes the terminal took."""
        if self._blocks:
            if not self._poll(select.POLLOUT, 0):
                return 0
            data = data[:_SAFE_CHUNK]
        try:
            return os.write(self._fd, data[:_CHUNK])
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self.is_gone = True
            return 0

    def _poll(self, what: int, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._fd, what)
        return any(event & what for _, event in poll.poll(int(seconds * 1000)))

    @property
    def is_stalled(self) -> bool:
        """Whether it has not taken all that was written."""
        return bool(self._waiting)

    # ---- reading ---------------------------------------------------------

    def fileno(self) -> int:
        """The descriptor, −1 after it was given back."""
        return self._fd

    def read(self) -> bytes:
        """What was typed; nothing when there is nothing. A terminal that is gone is noted."""
        try:
            if self._blocks and not self._poll(select.POLLIN, 0):
                return b""
            data = os.read(self._fd, _CHUNK)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError:
            data = b""
        self.is_gone = self.is_gone or not data
        return data

    def size(self) -> tuple[int, int] | None:
        """Columns and lines; None when it is gone, or does not tell."""
        try:
            wide, high = os.get_terminal_size(self._fd)
        except OSError as error:
            self.is_gone = self.is_gone or error.errno in (errno.EIO, errno.EBADF)
            return None
        return (wide, high) if wide and high else None


def _open(number: int) -> tuple[int, bool]:
    """(a descriptor of that terminal, whether reading and writing it may block)."""
    flags = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
    for path in (f"/proc/self/fd/{number}", "/dev/tty"):
        try:
            fd = os.open(path, flags)
        except OSError:
            continue  # after su(1) it is somebody else's: by the name that is everybody's
        if _same(fd, number):
            return fd, False
        os.close(fd)
    try:
        return os.dup(number), True
    except OSError as error:
        what = f"the terminal cannot be used ({error.strerror})"
        raise SourceError(Trouble("terminal", what, "run kmodtop in another")) from None


def _same(fd: int, number: int) -> bool:
    """Whether both are one terminal: /dev/tty may be another than the one behind `number`."""
    try:
        return _device(fd) == _device(number)
    except OSError:
        return False


def _device(fd: int) -> int:
    """The terminal's device number (ioctl_tty(2), TIOCGDEV). Raises OSError."""
    answer: int = struct.unpack("I", fcntl.ioctl(fd, _TIOCGDEV, bytes(4)))[0]
    return answer


def _raw(modes: list[Any]) -> list[Any]:
    """Keys one by one, unechoed, Ctrl-C as a key (termios(3))."""
    raw = [*modes[:6], list(modes[6])]
    raw[tty.LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    raw[tty.IFLAG] &= ~(
        termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR
    )
    raw[tty.CC][termios.VMIN], raw[tty.CC][termios.VTIME] = 1, 0
    return raw
