"""Session: a live view without a terminal, in which rows change each second."""

from benchmarks.files import text
from kmodtop.session.time_travel import Travel
from kmodtop.view import ansi
from kmodtop.view.panels.screen import screen
from kmodtop.view.rows import keep_order
from kmodtop.view.scene import Scene
from kmodtop.view.view import Situation, Source, View
from kmodtop_core.recording.recorder import in_memory
from kmodtop_core.sample import Instant, Sample
from kmodtop_core.sources.base import Means

_SIZE = (120, 40)


class Session:
    """A live view without a terminal, of a text in which a row changes each second."""

    def __init__(self, changing=1):
        recorder = in_memory("0")
        self.recorder, self.travel = recorder, Travel(recorder.recording, recorder)
        self.view = View(Situation(Source("f", Means.WATCHED)))
        self.number, self._changing = 0, changing

    def step(self):
        """A text more, and the picture of it."""
        self.number += 1
        at = Instant(1000.0 + self.number, 1.7e9 + self.number)
        frame = self.travel.observe(Sample(at, text(self.number, self._changing)))
        answer = self.travel.answer(frame, "iec")
        self.view = keep_order(frame, self.view.knowing(answer=answer))
        scene = Scene(frame, self.travel.past, self.view, frame).prepared()
        return [
            ansi.cells_of(line, _SIZE[0], self.view.look.theme) for line in screen(scene, *_SIZE)
        ]
