"""Long: a recording of many texts, and what each look at it takes."""

import random
import sqlite3
import statistics
import time
from pathlib import Path

from support.samples import dup, sample, stats

from kmodtop.session.time_travel import Travel
from kmodtop.view.panels.screen import screen
from kmodtop.view.rows import keep_order
from kmodtop.view.scene import Scene
from kmodtop.view.view import WINDOWS, Page, Situation, Source, View
from kmodtop_core.opening.playing import open_played
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.sample import Host
from kmodtop_core.sources.base import Means

_TEXTS = 2000


def grown_recording(path, texts, times):
    """A recording of `texts` changed texts by the recorder, repeated so many times by SQL."""
    counts = [0] * 100
    with Recorder(path, "0") as recorder:
        for n in range(texts):
            counts[n * 7 % 100] += 1
            rows = [dup(f"module_{k:03}", c) for k, c in enumerate(counts) if c]
            recorder.write(sample(n / 10, stats(*rows), Host("h", boot_id="b")))
    db = sqlite3.connect(path)
    db.execute("PRAGMA synchronous = OFF")
    columns = [row[1] for row in db.execute("PRAGMA table_info(sample)")]
    with db:
        for turn in range(1, times):
            rows, seconds = texts * turn, texts * turn / 10
            shift = {"id": rows, "base": rows, "uptime": seconds, "until": seconds, "wall": seconds}
            moved = ", ".join(f"{name} + {shift.get(name, 0)}" if name in shift else name
                              for name in columns)  # fmt: skip
            db.execute(f"INSERT INTO sample SELECT {moved} FROM sample WHERE id <= {texts}")  # noqa: S608
            db.execute(
                f"INSERT INTO growth SELECT module, sample + {rows}, count, reason"  # noqa: S608
                f" FROM growth WHERE sample <= {texts}"
            )
    db.close()


def looks(folder, times):
    """Milliseconds until each look at it is on the screen: the moment, its answer, its picture."""
    path = str(Path(folder) / "long")
    grown_recording(path, _TEXTS, times)
    travel, took = Travel(open_played(path, "0")), {}
    begun = time.perf_counter()
    travel.play(1, None, 1.0)
    took["open"] = [time.perf_counter() - begun]
    view, chance = View(Situation(Source("long", Means.RECORDING))), random.Random(1)
    end = travel.player.tape.end

    def look(name, at, **choice):
        begun = time.perf_counter()
        travel.player.seek(at)
        frame = travel.player.frame
        answer = travel.answer(frame, "iec")
        shown = view.knowing(answer=answer, deck=travel.deck()).choosing(**choice)
        scene = Scene(frame, travel.past, keep_order(frame, shown), frame, travel.whole)
        screen(scene.prepared(), 120, 40)
        took.setdefault(name, []).append(time.perf_counter() - begun)

    for _ in range(20):
        look("looking back", chance.uniform(0, end))
    for _ in range(5):
        at = chance.uniform(0, end)
        look("window all", at, window=len(WINDOWS) - 1)
        look("window 1 h", at, window=2)
        look("module", at, page=Page.MODULE, cursor="module_003")
        begun = time.perf_counter()
        travel.player.storm(-1)
        look("storm", travel.player.position)
        took["storm"][-1] = time.perf_counter() - begun
    print(f"\n{_TEXTS * times:,} texts, ms each: median, at most (target 50)")
    for name, spans in took.items():
        print(f"{name:<16} {1e3 * statistics.median(spans):.0f}, {1e3 * max(spans):.0f}")
