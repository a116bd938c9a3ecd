"""A source beside which it is heard who asks: blame comes with the texts, as events."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Protocol

from ..errors import SourceError, Trouble
from ..machine.facts import Machine
from ..sample import Events, Instant, Told
from ..tracing.ear import Ear
from ..tracing.opens import Opens
from ..tracing.probes import COUNTED, HELPERS
from .base import Holding, Means, Source, Stop, now


class Blame(StrEnum):
    """By which evidence: who opens modules' files; probes where the kernel counts; these, and
    which device a worker of udev works for."""

    OPENS = "opens"
    TRACE = "trace"
    DEVICES = "devices"


class _Hearing(Protocol):
    @property
    def cost(self) -> str: ...
    @property
    def told(self) -> str: ...
    def begin(self) -> None: ...
    def end(self) -> None: ...
    def hear(self, at: Instant) -> list[Events]: ...


class Blamed:
    """`source`, and who asks. `told`: what is said of how that is heard, None where all is as it
    was wanted: the next best evidence is taken where the kernel refuses the better one. `cost`:
    what hearing took, once it has ended."""

    def __init__(self, source: Source, machine: Machine, blame: Blame) -> None:
        self._source, self._machine = source, machine
        self.label, self.blame = source.label, blame
        self.told: str | None = None
        self._hearing: _Hearing | None = None
        self._has_begun = False
        self.cost = ""

    @property
    def means(self) -> Means:
        """As the source itself."""
        return self._source.means

    @property
    def detour(self) -> Trouble | None:
        """As the source itself."""
        found: Trouble | None = getattr(self._source, "detour", None)
        return found

    def hold(self) -> None:
        """Begins, as root is about to be given up."""
        if isinstance(self._source, Holding):
            self._source.hold()
        self.begin()

    def begin(self) -> None:
        """Begins to hear; never raises: without blame the statistics are read all the same."""
        if self._has_begun:
            return
        self._has_begun = True
        troubles = []
        for hearing in self._ways():
            try:
                hearing.begin()
            except SourceError as error:
                troubles.append(error.why.sentence)
                continue
            self._hearing, self.told = hearing, hearing.told or None
            break
        if troubles:
            instead = "who opens modules is watched instead"
            rest = instead if self._hearing else "who asks is inferred from the counts only"
            self.told = f"{troubles[0]}; {rest}"

    def _ways(self) -> Iterator[_Hearing]:
        if self.blame is not Blame.OPENS:
            yield Ear(self._machine, (*COUNTED, *HELPERS), self.blame is Blame.DEVICES)
        yield Opens(self._machine)

    def items(self, stop: Stop) -> Iterator[Told]:
        """Those of the source, and what was heard between them."""
        self.begin()
        is_first = True
        try:
            for item in self._source.items(stop):
                heard = self._hear()
                if is_first:
                    yield item  # a text first, which tells whose boot it is
                yield from heard
                if not is_first:
                    yield item
                is_first = False
            yield from self._hear()
        finally:
            if self._hearing is not None:
                self.cost = self._hearing.cost
                self._hearing.end()
            self._hearing, self._has_begun = None, False

    def _hear(self) -> list[Events]:
        return self._hearing.hear(now()) if self._hearing is not None else []
