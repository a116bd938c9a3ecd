"""Answers: what diagnosis says of the moment that is shown.

What was learnt of one moment is gone on with at the next: some 1 ms a text.
"""

from collections.abc import Mapping

from kmodtop_core.diagnosis.boot import BootCase, Shown
from kmodtop_core.diagnosis.diagnose import diagnose
from kmodtop_core.diagnosis.finding import Answer
from kmodtop_core.errors import SourceError
from kmodtop_core.recording.reading import Boot, Recording

_PACE_S = 0.9
"""Seconds of the shown time for which an answer stands while no text comes."""


class Answers:
    """Of one recording; `is_replay`: no live view is behind it."""

    def __init__(self, recording: Recording, is_replay: bool = False) -> None:
        self._recording, self._is_replay = recording, is_replay
        self._pieces: dict[str, bytes] = {}
        self._case: tuple[Boot, BootCase] | None = None
        self._last: tuple[int, float, Answer | None, object] | None = None

    def know(self, pieces: Mapping[str, bytes]) -> None:
        """Evidence more."""
        self._pieces |= pieces
        self._case = self._last = None

    def at(
        self,
        boot: Boot,
        uptime: float,
        units: str,
        text: object = None,
        shown: Shown | None = None,
    ) -> Answer | None:
        """The answer as of that moment (seconds since boot); None where nothing is known.

        `text`: what was read, for which the answer of a moment ago stands where it is the same.
        `shown`: the text of that moment, where that is at hand.
        """
        if self._last is not None:
            last, at, answer, before = self._last
            pace = _PACE_S if text is not None and text is before else 1e-9
            if last == boot.id and 0 <= uptime - at < pace:
                return answer
        try:
            answer = self._answer(boot, uptime, units, shown)
        except SourceError:
            answer = None  # the recording is damaged there, which is told elsewhere
        self._last = (boot.id, uptime, answer, text)
        return answer

    def _answer(self, boot: Boot, uptime: float, units: str, shown: Shown | None) -> Answer | None:
        if self._case is None or self._case[0] != boot:
            self._case = boot, BootCase(self._recording, boot, self._pieces, is_brief=True)
        case = self._case[1].at(uptime, True, self._is_replay, shown)
        return None if case is None else diagnose(case, units)
