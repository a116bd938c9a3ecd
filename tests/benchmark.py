"""What things cost, as ratios against something run beside them.

    python tests/benchmark.py [--quick]

Timings are no assertions: a busy machine makes them wrong. Measured are

    parse        a full 8 KiB capture, against bytes.split() of the same text (target: 40)
    report       of one sample, against `python3 -c pass` (target: 5)
    first paint  of the TUI, against that of an empty Textual app (target: 1.3)
    change       of a file, until its row is marked on the glass (target: 500 ms)
"""

import argparse
import os
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

from conftest import CHANGES, ROOT, SAMPLES, dup, stats  # noqa: E402
from terminal import Terminal  # noqa: E402

from kmodtop_core.statsfile import parse, render  # noqa: E402

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
            terminal.until(rf"^▲.kvm +{number} +\+\d+ ")
            took = (time.perf_counter() - began) * 1e3
            worst[change.__name__] = max(took, worst.get(change.__name__, 0))
    told = ", ".join(f"{name} {took:.0f} ms" for name, took in worst.items())
    print(f"{'change':<12} {told} at the most   target 500")


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


if __name__ == "__main__":
    main()
