"""Who opens which module's file: fanotify on the module folders.

Needs CAP_SYS_ADMIN and nothing of tracefs, works under lockdown, and leaves nothing behind.
Blind for files elsewhere, and for those of the initramfs. Source: fanotify(7),
fanotify_init(2), fanotify_mark(2).
"""

import ctypes
import json
import os
import select
import struct
import threading
import time
from contextlib import suppress
from queue import SimpleQueue

from ..errors import SourceError, Trouble
from ..machine.facts import Machine
from ..sample import Events, Instant
from .lookups import look_up
from .requests import OPENS

_CLOEXEC, _NONBLOCK = 0x1, 0x2
_ADD, _OPEN, _ON_CHILD = 0x1, 0x20, 0x08000000
_QUEUE_OVERFLOW = 0x4000
_AT_FDCWD = -100
_EVENT = struct.Struct("=IBBHQii")
_PAUSE_S = 0.01
_MOST_FOLDERS = 5_000
_MOST_WAITING = 100_000


class Opens:
    """Watches the folders below /lib/modules/RELEASE in a thread of its own, as whoever opens a
    file has to be looked up at once."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._fd, self._wake = -1, (-1, -1)
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._own = os.getpid()
        self._heard, self._dropped, self._seconds = 0, 0, 0.0

    def begin(self) -> None:
        """Raises SourceError where that is not allowed."""
        folder = self._machine.path(f"/lib/modules/{self._machine.kernel}")
        libc = ctypes.CDLL(None, use_errno=True)
        flags = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_LARGEFILE", 0)
        self._fd = libc.fanotify_init(_CLOEXEC | _NONBLOCK, flags)
        if self._fd < 0:
            raise _failed(folder, ctypes.get_errno())
        mask = ctypes.c_uint64(_OPEN | _ON_CHILD)
        marked = 0
        for place, _, files in os.walk(folder):
            if marked >= _MOST_FOLDERS:
                break
            if any(".ko" in name for name in files):
                path = os.fsencode(place)
                if libc.fanotify_mark(self._fd, _ADD, mask, _AT_FDCWD, path) == 0:
                    marked += 1
        if not marked:
            number = ctypes.get_errno()
            self.end()
            raise _failed(folder, number)
        try:
            self._wake = os.pipe2(os.O_CLOEXEC)
            thread = threading.Thread(target=self._run, name="opens", daemon=True)
            thread.start()
        except (OSError, RuntimeError) as error:
            self.end()
            raise _failed(folder, getattr(error, "errno", 0) or 0) from None
        self._thread = thread

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        poll.register(self._wake[0], select.POLLIN)
        while True:
            ready = [fd for fd, _ in poll.poll()]
            if self._wake[0] in ready:
                return
            try:
                self._take(os.read(self._fd, 65536))
            except BlockingIOError:
                pass
            except OSError:  # no descriptor is left, or the file cannot be opened (fanotify(7))
                self._put({"t": round(time.clock_gettime(time.CLOCK_BOOTTIME), 6), "lost": 1})
                time.sleep(_PAUSE_S)
            self._seconds = time.thread_time()

    @property
    def told(self) -> str:
        """All that there is was taken."""
        return ""

    @property
    def cost(self) -> str:
        """What it has heard and what that took, in words."""
        return f"{self._heard:,} openings took {self._seconds:.2f} s of CPU time"

    def _take(self, data: bytes) -> None:
        at, place = time.clock_gettime(time.CLOCK_BOOTTIME), 0
        while place + _EVENT.size <= len(data):
            length, _, _, _, mask, fd, pid = _EVENT.unpack_from(data, place)
            place += max(length, _EVENT.size)
            if mask & _QUEUE_OVERFLOW:
                self._put({"t": round(at, 6), "lost": 1})
            if fd < 0:
                continue
            name = ""
            with suppress(OSError):
                name = os.readlink(f"/proc/self/fd/{fd}").rpartition("/")[2]
            os.close(fd)
            if ".ko" in name and pid != self._own:
                self._tell(at, pid, name)

    def _tell(self, at: float, pid: int, name: str) -> None:
        entry = look_up(self._machine, pid)
        if entry is None:
            self._put({"t": round(at, 6), "lost": 1})
            return
        parent = look_up(self._machine, entry["ppid"])
        told = {"t": round(at, 6), "file": name, **entry}
        self._put(told | {"parent": parent["comm"]} if parent else told)

    def _put(self, entry: dict[str, object]) -> None:
        self._heard += 1
        if self._lines.qsize() < _MOST_WAITING:
            self._lines.put(json.dumps(entry).encode() + b"\n")
        else:
            self._dropped += 1

    def hear(self, at: Instant) -> list[Events]:
        """Files that were opened since the last time."""
        lines = [self._lines.get() for _ in range(self._lines.qsize())]
        dropped, self._dropped = self._dropped, 0
        lines += [json.dumps({"t": round(at.uptime, 6), "lost": 1}).encode() + b"\n"] * dropped
        return [Events(at, OPENS, b"".join(lines))] if lines else []

    def end(self) -> None:
        """Ends it; the kernel takes the marks away with the descriptor."""
        if self._thread is not None:
            os.write(self._wake[1], b".")
            self._thread.join()
            self._thread = None
        for fd in (self._fd, *self._wake):
            if fd >= 0:
                os.close(fd)
        self._fd, self._wake = -1, (-1, -1)


def _failed(folder: str, number: int) -> SourceError:
    reason = os.strerror(number) if number else "there are no modules in it"
    what = f"who opens modules cannot be watched ({reason})"
    fix = "start as root" if os.geteuid() != 0 else "use --blame=trace, or the host, no container"
    return SourceError(Trouble("no-fanotify", what, fix, folder))
