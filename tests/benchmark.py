"""What things cost, as ratios against something run beside them.

    python tests/benchmark.py [--quick]

Timings are no assertions: a busy machine makes them wrong. Measured are

    parse        a full 8 KiB capture, against bytes.split() of the same text (target: 40)
    report       of one sample, against `python3 -c pass` (target: 5)
    first paint  of the TUI, against that of an empty Textual app (target: 1.3)
    change       of a file, until its row is marked on the screen (target: 500 ms)
    seek         in a recording of a million texts (target: 50 ms)
    wire         bytes to the terminal, beside those of watch -d (not with --quick)
"""

import argparse
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [
    str(Path(__file__).parent),
    *(str(Path(__file__).parents[1] / p) for p in ("core", "tui")),
]

from support.samples import CHANGES, ROOT, SAMPLES, dup, sample, stats  # noqa: E402
from support.terminal import Terminal  # noqa: E402

from kmodtop_core.recording.player import Player  # noqa: E402
from kmodtop_core.recording.reading import Recording  # noqa: E402
from kmodtop_core.recording.recorder import Recorder  # noqa: E402
from kmodtop_core.recording.tape import Tape  # noqa: E402
from kmodtop_core.sample import Host  # noqa: E402
from kmodtop_core.stats.parse import parse, render  # noqa: E402

SAMPLE = SAMPLES / "limits/rows-180-twice.txt"
EMPTY_APP = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("READY")
Empty().run()
"""


def seconds(what):
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def ratio(name, ours, theirs, rounds, target):
    """Both in turn, `rounds` times; the ratio of the medians."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
    costs = f"({a * 1e3:8.3f} ms against {b * 1e3:8.3f} ms)"
    print(f"{name:<12} {a / b:6.2f} times   {costs}   target {target}")


def run(*words):
    # No PYTHONPATH for the plain interpreter's sake: both start alike, as installed programs do.
    code = f"import sys; sys.path[:0] = {[str(ROOT / 'core'), str(ROOT / 'tui')]!r}; "
    code += "from kmodtop.cli import main; sys.exit(main())"
    return [sys.executable, "-c", code, *words]


def paint(program, pattern):
    with Terminal(program=program) as terminal:
        terminal.until(pattern)


def changes(folder, rounds):
    """Milliseconds from each kind of change to the marked row, the longest of some rounds."""
    path = Path(folder) / "stats"
    path.write_bytes(render(stats(dup("kvm", 1))))
    number, worst = 1, {}
    with Terminal("watch", path) as terminal:
        terminal.until_ready()
        for change in CHANGES * rounds:
            number += 3
            began = time.perf_counter()
            change(path, render(stats(dup("kvm", number))))
            terminal.until(rf"^▲.kvm .* {number} +\+\d+ ")
            took = (time.perf_counter() - began) * 1e3
            worst[change.__name__] = max(took, worst.get(change.__name__, 0))
    told = ", ".join(f"{name} {took:.0f} ms" for name, took in worst.items())
    print(f"{'change':<12} {told} at the most   target 500")


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


def seeks(folder, times):
    """How long a long recording takes to open, and to show any moment of."""
    path = str(Path(folder) / "long")
    grown_recording(path, 2000, times)
    began = time.perf_counter()
    recording = Recording(path)
    player = Player(Tape(recording, recording.boots()[0]))
    opened, chance, took = time.perf_counter() - began, random.Random(1), []
    for _ in range(200):
        took.append(seconds(lambda: player.seek(chance.uniform(0, player.tape.end))))
    recording.close()
    print(
        f"{'seek':<12} {2000 * times:,} texts open in {opened * 1e3:.0f} ms (target 1000), a seek"
        f" takes {statistics.median(took) * 1e3:.0f} ms, {max(took) * 1e3:.0f} at most (target 50)"
    )


_WARM_S = 12
"""Seconds before bytes are counted."""


def wire(folder, span):
    """Bytes that reach the terminal while rows of a file of 100 change once a second; without the
    first growth, with which the chart gets an axis of time."""
    path = Path(folder) / "wire"
    programs = {
        "kmodtop": ("-m", "kmodtop", "watch", str(path)),
        "low": ("-m", "kmodtop", "watch", "--low-bandwidth", str(path)),
    }
    if shutil.which("watch"):
        code = "import os, sys; os.execvp('watch', ['watch', '-d', '-n1', 'cat', sys.argv[1]])"
        programs["watch -d"] = ("-c", code, str(path))
    for changing in (0, 1, 10, 100):
        told = []
        for name, program in programs.items():
            counts = list(range(100, 200))
            with Terminal(size=(120, 40), program=program) as terminal:
                sent = None
                for tick in range(span + _WARM_S):
                    counts = [c + (k < changing) for k, c in enumerate(counts)]
                    path.write_bytes(
                        render(stats(*(dup(f"mod_{k:03}", c) for k, c in enumerate(counts))))
                    )
                    give_up = time.monotonic() + 1
                    while time.monotonic() < give_up:
                        terminal.read(0.05)
                    sent = len(terminal.raw) if tick == _WARM_S - 1 else sent
                told.append(f"{name} {(len(terminal.raw) - sent) / span:.0f}")
        print(f"{'wire':<12} {changing:>3} rows change: {', '.join(told)} bytes a second")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = 5 if options.parse_args().quick else 25
    text = SAMPLE.read_bytes()
    ratio("parse", lambda: parse(text), text.split, rounds * 20, 40)
    quiet = {"stdout": subprocess.DEVNULL, "check": True, "env": os.environ | {"PYTHONPATH": ""}}
    ratio(
        "report",
        lambda: subprocess.run(run("report", str(SAMPLE)), **quiet),
        lambda: subprocess.run([sys.executable, "-c", "pass"], **quiet),
        rounds * 2,
        5,
    )
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY_APP)
        ratio(
            "first paint",
            lambda: paint(("-m", "kmodtop", "watch", str(SAMPLE)), "WASTED"),
            lambda: paint((str(empty),), "READY"),
            rounds,
            1.3,
        )
        changes(folder, rounds)
        seeks(folder, 50 if rounds == 5 else 500)
        if rounds > 5:
            wire(folder, 20)


if __name__ == "__main__":
    main()
