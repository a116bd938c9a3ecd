"""Moments: time, and simulated boots, as keys move in them, on every page."""

from typing import Any

from kmodtop_core import units
from kmodtop_core.plain import harmless
from kmodtop_core.recording.player import Player
from kmodtop_core.tracking.frame import Frame

from ..view import moves
from ..view.panels import chart, layout
from ..view.view import Page, Playable
from .base import Base

_TIME = "go to:"

_OF_TIME = frozenset(
    ("freeze", "now", "seek", "scrub", "change", "storm", "go_to", "boots", "pause", "faster",
     "era", "restart")
)  # fmt: skip
"""Actions that move in the time of one source."""


class Moments(Base):
    """Back in time, on, and to now."""

    async def run_action(self, *words: Any, **names: Any) -> bool:
        """In the list of sources there is no time to move in."""
        action = words[0] if words else ""
        name = action.partition("(")[0] if isinstance(action, str) else ""
        if self.view.choice.page == Page.HOSTS and name in _OF_TIME:
            self.note("open a source first")
            return True
        return await super().run_action(*words, **names)

    def action_freeze(self) -> None:
        """Holds the view still, or goes back to now; plays or pauses a replay."""
        if self.travel.is_replay:
            self.action_pause()
        elif self.travel.player is not None:
            self.action_now()
        elif self.latest is not None and self.travel.hold(self.latest):
            self.view = self.view.choosing(frozen=self.latest)
            self.set_view(self.view.knowing(deck=self.travel.deck()))

    def action_now(self) -> None:
        """Back to now; in a replay, to its end."""
        player = self.travel.player
        if self.travel.is_replay and player is not None:
            self.action_seek(player.tape.end)
        else:
            self.travel.live()
            self.set_view(self.played(moves.to_now(self.view)))

    def action_seek(self, moment: float) -> None:
        """To the moment (seconds since boot), and stand still there."""
        if (player := self._held()) is None:
            return
        player.paused = True
        player.seek(moment)
        self.show_moment()

    def _held(self) -> Player | None:
        """The player of what was seen so far; a live view is held still for it."""
        if self.latest is None:
            return None
        player = self.travel.player or self.travel.hold(self.latest)
        if player is not None:
            self.travel.refresh()
            self.view = self.view.knowing(deck=self.travel.deck())
        return player

    def _position(self, frame: Frame) -> float:
        """Seconds since boot of what is shown."""
        return self.travel.player.position if self.travel.player else frame.at.uptime

    def action_scrub(self, by: int) -> None:
        """By so many columns of the chart."""
        if self._held() is None:
            return
        scene = self.scene()
        if scene.frame is not None:
            step = chart.column_s(scene, layout.chart_cells(*self.screen.size))
            self.action_seek(self._position(scene.frame) + by * step)

    def action_change(self, by: int) -> None:
        """To the next change, or the one before."""
        self._jump("change", by)

    def action_storm(self, by: int) -> None:
        """To where a storm began."""
        self._jump("storm", by)

    def _jump(self, what: str, by: int) -> None:
        if (player := self._held()) is None:
            return
        found = player.step(by) if what == "change" else player.storm(by)
        self.show_moment()
        if not found:
            self.note(f"no {what} {'after' if by > 0 else 'before'} this")

    def action_go_to(self) -> None:
        """Asks for a time."""
        if self.shown is not None:
            self.ask(_TIME, "", self.go_to)

    def go_to(self, text: str) -> None:
        """To the moment that somebody has typed."""
        frame = self.shown
        if frame is None or not text.strip():
            return
        try:
            moment = units.moment(text, self._position(frame), frame.at.wall)
        except ValueError as error:
            self.note(harmless(str(error)))
            return
        self.action_seek(moment)
        deck = self.view.situation.deck
        if deck is not None and not deck.begin - 0.1 <= moment <= deck.end + 0.1:
            self.note(f"what was seen lies between {deck.begin:,.1f} s and {deck.end:,.1f} s")

    def action_boots(self) -> None:
        """Which boots there are."""
        deck = self.view.situation.deck
        if deck is None or len(deck.boots) < 2:
            self.note("there is one boot only")
        elif self.view.choice.page == Page.BOOTS:
            self.set_view(self.played(moves.turn_back(self.view)))
        else:
            self.set_view(moves.list_boots(self.view, deck.boot))

    def choose_boot(self, number: int) -> None:
        """Plays that boot from its beginning."""
        speed = self.travel.player.speed if self.travel.player else 1.0
        self.travel.play(number, None, speed)
        self.view = moves.play_boot(self.view)
        self.show_moment()

    def action_pause(self) -> None:
        """Plays on from here, or pauses; so does a simulated boot."""
        travelling = self.travel.player
        if travelling is not None:
            if travelling.is_over and travelling.paused is False and self.travel.is_replay:
                travelling.seek(travelling.tape.begin)
            else:
                travelling.paused = not travelling.paused
            self.show_moment()
        elif self.player is not None:
            self.player.paused = not self.player.paused
            self._turn_player("paused" if self.player.paused else "resumed")

    def action_faster(self, by: int) -> None:
        """Another speed."""
        if self.travel.player is not None:
            self.travel.player.change_speed(by)
            self.show_moment()
            self.note(f"{self.travel.player.speed:g} times as fast")
        elif self.player is not None:
            self.player.change_speed(by)
            self._turn_player(f"{self.player.speed:g} times as fast")

    def action_era(self) -> None:
        """The same boot under the next era."""
        if (player := self._replayed()) is not None:
            player.next_era()
            self._turn_player(f"era: {player.era}")

    def action_restart(self) -> None:
        """The boot from its beginning."""
        if (player := self._replayed()) is not None:
            player.restart()
            self._turn_player("the boot restarts")

    def _replayed(self) -> Playable | None:
        """The simulated boot that is to run anew, seen as it runs."""
        if self.player is not None:
            self.action_now()
            self.player.paused = False
        return self.player

    def _turn_player(self, told: str) -> None:
        self.view = self.played(self.view)
        self.note(told)
