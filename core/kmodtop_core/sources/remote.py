"""A stats file on another host, read through the system's ssh; nothing is installed there.

One connection stays open. On the far side a few lines of POSIX shell wait for
requests on standard input, so that the pace is set here and nothing is left
running there when the connection ends. A text that has not changed is not sent
again. Samples carry the far side's uptime, boot and clock.
"""

from collections.abc import Iterator

from ..errors import SourceError, Trouble
from ..sample import NOWHERE, Gap, Host, Instant, Item, Sample
from .base import Means, Stop, now
from .pacing import Pace
from .panic_guard import Guard
from .ssh import PATIENCE_S, Address, Link, Lost, figure, known

_ASKING_S = 90.0
"""Seconds for the first connection, in which somebody may have to find a password."""

_BACK_OFF_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between attempts to reconnect."""


class Remote:
    """Reads the file at `where` every `interval` seconds, seldomer up to `slowest` if quiet.

    When the connection is lost it yields gaps and reconnects. `sudo`: read through sudo -n.
    """

    means = Means.POLLED

    def __init__(
        self,
        where: Address,
        interval: float,
        risk_panic: bool = False,
        sudo: bool = False,
        slowest: float | None = None,
    ) -> None:
        self.label = where.url
        self._where, self._interval, self._sudo = where, interval, sudo
        self._slowest, self._risk_panic = slowest, risk_panic
        self._link: Link | None = None
        self._last = now()
        self._heard = now().uptime
        self._text: bytes | None = None
        self._host = NOWHERE
        self._guard = Guard(where.url, self._count)

    def connect(self) -> None:
        """The first connection, in which ssh may ask for passwords. Raises SourceError."""
        try:
            self._begin(asking=True)
        except BaseException as error:
            self._drop()  # ssh ends with whoever wanted it, whatever ends that
            if not isinstance(error, Lost):
                raise
            fix = f"try {self._where.command(self._sudo)}"
            raise SourceError(Trouble("no-connection", str(error), fix, self.label)) from None

    def items(self, stop: Stop) -> Iterator[Item]:
        """A Sample or a Gap every interval."""
        pace, failures = Pace(self._interval, self._slowest), 0
        try:
            while not stop.is_set():
                try:
                    if self._link is None:
                        self._begin(asking=False, stop=stop)
                    due = now().uptime
                    item = self._read(stop)
                    failures = 0
                except Lost as lost:
                    if stop.is_set():
                        return
                    self._drop()
                    pause = _BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)]
                    failures += 1
                    yield from self._without(stop, str(lost), pause)
                    continue
                yield item
                stop.wait(max(0.0, due + pace.after(item) - now().uptime))
        finally:
            self._drop()

    def read(self) -> Item:
        """One look, over the connection that stands. Raises SourceError when it is lost."""
        try:
            return self._read(None)
        except Lost as lost:
            why = Trouble("no-connection", str(lost), "try again", self.label)
            raise SourceError(why) from None

    @property
    def host(self) -> Host:
        """What the far side says of itself; nothing before it was connected to."""
        return self._host

    def close(self) -> None:
        """Ends the connection."""
        self._drop()

    def _begin(self, asking: bool, stop: Stop | None = None) -> None:
        self._link = link = Link(self._where, self._sudo, asking)
        hello = link.reply(stop, _ASKING_S if asking else 2 * PATIENCE_S)
        if hello.word == "need":
            raise Lost(f"the far side lacks the command {' '.join(hello.figures)[:20]}")
        if hello.word != "hello" or len(hello.figures) < 6:
            raise Lost("the far side does not answer as it should")
        uptime, wall, cpus, boot_id, kernel = hello.figures[:5]
        name = " ".join(hello.figures[5:])
        self._behind = figure(wall) - figure(uptime)
        self._host = Host(
            name=known(name),
            kernel=known(kernel),
            cpus=int(cpus) if cpus.isdecimal() and 0 < len(cpus) < 7 and int(cpus) else None,
            boot_id=known(boot_id),
        )
        self._text = None
        self._note_time(uptime)

    def _note_time(self, uptime: str) -> Instant:
        self._heard = now().uptime
        seconds = figure(uptime)
        self._last = Instant(seconds, seconds + self._behind)
        return self._last

    def _count(self) -> int:
        """Becoming plus load failures, by files that are safe to read."""
        assert self._link is not None
        reply = self._link.ask("count", None)
        return int(figure(reply.figures[2])) if len(reply.figures) > 2 else 0

    def _read(self, stop: Stop | None) -> Item:
        link = self._link
        if link is None:
            raise Lost("there is no connection")
        if not self._risk_panic and link.panics_on_warn(stop):
            refusal = self._guard.refusal()
            if refusal:
                return Gap(self._note_time(link.uptime), refusal)
        reply = link.ask("read", stop)
        if reply.word == "no":
            self._text = None
            return Gap(self._note_time(reply.figures[0]), self._unreadable(reply.figures[2:]))
        if reply.word == "text":
            self._text = reply.text
            self._guard.note(reply.text)
        elif reply.word != "same" or self._text is None:
            raise Lost("the far side does not answer as it should")
        return Sample(self._note_time(reply.figures[0]), self._text, self._host)

    def _unreadable(self, figures: list[str]) -> Trouble:
        url, path = self.label, self._where.path
        if figures[:1] == ["error"]:
            advice = "check the device and the mount there, and its kernel log"
            return Trouble("unreadable", f"reading {path} fails there", advice, url)
        if figures[:1] == ["there"]:
            advice = "only root may: write ssh://root@host, or add --sudo"
            return Trouble("no-permission", f"{path} cannot be read there", advice, url)
        advice = (
            "only root sees debugfs: write ssh://root@host, or add --sudo; else its kernel lacks"
            " CONFIG_MODULE_STATS, or debugfs is not mounted"
        )
        if not path.startswith("/sys/"):
            advice = "start what writes it, or name another path"
        return Trouble("missing", f"{path} is not there", advice, url)

    def _without(self, stop: Stop, why: str, pause: float) -> Iterator[Item]:
        """Gaps until it is time to try again, at the far side's time as far as that is known."""
        begun = now().uptime
        told = Trouble("no-connection", why, "kmodtop keeps trying", self.label)
        while not stop.is_set():
            passed = now().uptime - self._heard
            wall = None if self._last.wall is None else self._last.wall + passed
            yield Gap(Instant(self._last.uptime + passed, wall), told)
            left = begun + pause - now().uptime
            if left <= 0:
                return
            stop.wait(min(left, max(1.0, self._interval)))

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None
