"""Travel: where in time the reader is. Live, back in the past of a live view, or in a replay.

A live view keeps all that it sees in a recording in memory, so that going back
loses nothing of what comes meanwhile.
"""

from kmodtop_core import units
from kmodtop_core.diagnosis.boot import Shown
from kmodtop_core.diagnosis.finding import Answer
from kmodtop_core.errors import SourceError
from kmodtop_core.recording.player import Player
from kmodtop_core.recording.reading import Boot, Recording, Storm
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.recording.tape import Tape
from kmodtop_core.sample import Events, Told
from kmodtop_core.tracking.frame import Frame
from kmodtop_core.tracking.history import Past

from ..view.view import Deck
from .answers import Answers
from .whole import Whole

MOST_MEMORY = 8 << 20
"""Bytes that a live view keeps of its past; then the older half is thinned."""

_CHECK_EVERY = 500
"""Items between looks at how much that is."""


class Travel:
    """`player` is None while live; `whole` is a reader of all of its tape."""

    def __init__(self, recording: Recording, session: Recorder | None = None) -> None:
        self._recording, self._session = recording, session
        self.player: Player | None = None
        self.answers = Answers(recording, session is None)
        self._number = 1
        self._storms: tuple[Storm, ...] = ()
        self.whole: Whole | None = None
        self._looked: tuple[Tape, float] | None = None
        self._items = 0
        self._boots: tuple[str, ...] = ()

    @property
    def is_replay(self) -> bool:
        """Whether there is no live view to return to."""
        return self._session is None

    @property
    def past(self) -> Past:
        """A reader of what was before the frame that is shown."""
        if self.player is not None:
            return self.player.past
        assert self._session is not None
        return self._session.tracker.history

    def observe(self, item: Told) -> Frame | None:
        """The live view's frame after the item, which is kept; None before there is one."""
        assert self._session is not None
        if isinstance(item, Events):
            self._session.hear(item)
            return self._session.tracker.latest
        self._items += 1
        if self._items % _CHECK_EVERY == 0:
            self._session.thin(MOST_MEMORY)
        return self._session.observe(item)

    def items(self) -> list[Told]:
        """All that was seen and heard since the live view began."""
        if self._session is not None:
            self._session.note_stay()
        seen: list[Told] = []
        for boot in self._recording.boots():
            seen += self._recording.items(boot)
            seen += [events for _, events in self._recording.heard(boot)]
        return seen

    def answer(self, shown: Frame, units: str) -> Answer | None:
        """What diagnosis says of the frame; None where there is nothing to say yet."""
        if self.player is not None:
            tape, position = self.player.tape, self.player.position
            return self.answers.at(tape.boot, position, units, shown.block)
        if self._session is None or self._session.boot is None:
            return None
        text = None
        if shown.block is not None and shown is self._session.tracker.latest:
            text = Shown(shown.block, shown.looked_at, self._session.step)
        return self.answers.at(self._session.boot, shown.at.uptime, units, shown.block, text)

    def play(self, number: int, at: float | None, speed: float) -> None:
        """A boot of the recording, counted from 1, from that moment on."""
        self._number, self._boots = number, self._told_boots()
        tape = Tape(self._recording, self._recording.boots()[number - 1])
        self.player = Player(tape, at, speed)
        self._look_back()

    def hold(self, shown: Frame) -> Player | None:
        """Stands still at the frame; None when nothing was kept yet."""
        if self.player is None and self._session is not None and self._session.boot is not None:
            self._session.note_stay()
            boots = self._recording.boots()
            self._number = [b.id for b in boots].index(self._session.boot.id) + 1
            self._boots = self._told_boots()
            self.player = Player(Tape(self._recording, self._session.boot), shown.at.uptime)
            self.player.paused = True
            self._look_back()
        return self.player

    def live(self) -> None:
        """Back to now."""
        if self._session is not None:
            self.player = self.whole = None
            self._looked = None

    def refresh(self) -> None:
        """What has come meanwhile can be played too."""
        if self._session is not None and self.player is not None:
            self._session.note_stay()
            self._look_back()

    def _look_back(self) -> None:
        """What the chart can show: all of the boot, and its storms."""
        assert self.player is not None
        tape = self.player.tape
        looked, self._looked = self._looked, (tape, tape.end)
        if looked == self._looked:
            return
        self.whole = Whole(tape)
        try:
            self._storms = tuple(tape.recording.storms(tape.boot))
        except SourceError:
            self._storms = ()  # the recording is damaged there, which is told elsewhere

    def deck(self) -> Deck | None:
        """What the screen shows of it."""
        player = self.player
        if player is None:
            return None
        return Deck(
            begin=player.tape.begin,
            end=player.tape.end,
            position=player.position,
            paused=player.paused,
            speed=player.speed,
            storms=self._storms,
            twin=not self.is_replay,
            boot=self._number,
            boots=self._boots,
        )

    def _told_boots(self) -> tuple[str, ...]:
        """For the list of boots; of a single one none is shown."""
        boots = self._recording.boots()
        return tuple(self._about(boot) if len(boots) > 1 else "" for boot in boots)

    def _about(self, boot: Boot) -> str:
        changes, _ = self._recording.counts(boot)
        lost = sum(storm.wasted for storm in self._recording.storms(boot))
        when = "" if boot.wall is None else units.rfc3339(boot.wall)[:16].replace("T", " ") + "  "
        name = " ".join(filter(None, (boot.host, boot.kernel))) or "unknown machine"
        return f"{when}{name}  {units.count(changes)} texts, {units.size(lost)} wasted in storms"
