"""A live view that runs for days: what it keeps is bounded, and what it tells of the past is right.

KMODTOP_DAYS=30 KMODTOP_STORM=4500 runs as many days, with storms of so many texts; some minutes.
Then its memory must be as after the second day.
"""

import gc
import os
import random

from support.samples import dup, gap, sample, stats

from kmodtop.session.time_travel import Travel
from kmodtop.view.panels.screen import screen
from kmodtop.view.rows import keep_order
from kmodtop.view.scene import Scene
from kmodtop.view.view import Situation, Source, View
from kmodtop_core.recording.recorder import in_memory

DAYS = int(os.environ.get("KMODTOP_DAYS", "2"))
STORM = int(os.environ.get("KMODTOP_STORM", "60"))
DAY, STORMS, MODULES = 86_400, (6, 12, 18), 40
_MOST_GROWN = 1.02


def memory():
    gc.collect()
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


class Days:
    """A machine that is looked at each minute, has three storms a day, and is lost for an hour."""

    def __init__(self):
        recorder = in_memory("0")
        self.travel = Travel(recorder.recording, recorder)
        self.view = View(Situation(Source("f", "polled", 60.0)))
        self.chance, self.counts = random.Random(1), [10] * MODULES
        self.truth, self.storms = {}, []

    def look(self, at):
        rows = [dup(f"module_{k:02}", count) for k, count in enumerate(self.counts)]
        frame = self.travel.observe(sample(at, stats(*rows)))
        self.truth[at] = sum(self.counts)
        return frame

    def picture(self, frame):
        answer = self.travel.answer(frame, "iec")
        self.view = keep_order(frame, self.view.knowing(answer=answer))
        scene = Scene(frame, self.travel.past, self.view, frame).prepared()
        return "\n".join("".join(span.text for span in line) for line in screen(scene, 120, 40))

    def day(self, number):
        begin = number * DAY
        self.truth.clear()  # what the test itself keeps is not what is measured
        for hour in range(24):
            at = begin + hour * 3600
            if hour in STORMS:
                self.storm(at)
            for minute in range(int(STORM / 300) + 1, 60):
                moment = at + 60 * minute
                if hour == 3:
                    self.travel.observe(gap(moment))
                else:
                    frame = self.look(moment)
            self.picture(frame)

    def storm(self, at):
        self.storms.append(at)
        for number in range(STORM):
            self.counts[self.chance.randrange(MODULES)] += 1
            frame = self.look(at + number / 5)
        assert "STORM NOW" in self.picture(frame)


def test_days_pass_and_nothing_is_wrong_or_grows():
    days, sizes = Days(), []
    for number in range(DAYS):
        days.day(number)
        sizes.append((memory(), len(os.listdir("/proc/self/fd"))))
    assert sizes[-1][1] == sizes[0][1]
    if DAYS > 10:
        assert sizes[-1][0] <= _MOST_GROWN * sizes[1][0], sizes
    last = max(days.truth)
    latest = days.travel._session.tracker.latest
    failed = [v[4] for v in days.travel.past.at([latest.now * n / 50 for n in range(51)]) if v]
    assert failed[-1] == days.truth[last] and failed == sorted(failed)
    player = days.travel.hold(latest)
    deck = days.travel.deck()
    assert [storm.began for storm in deck.storms][-3:] == days.storms[-3:]
    assert sum(storm.failures for storm in deck.storms[-3:]) == 3 * STORM - (DAYS == 1)
    for at in days.chance.sample([at for at in days.truth if at > last - DAY / 4], 30):
        player.seek(at)
        assert player.frame.block.stats.failures == days.truth[at]
