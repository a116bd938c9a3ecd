"""What things cost, as ratios against something run beside them.

    python tests/benchmark.py [--quick]

Timings are no assertions: a busy machine makes them wrong. Measured are

    parse        a full 8 KiB capture, against bytes.split() of the same text (target: 15)
    report       of one sample, against `python3 -c pass` (target: 3.5)
    starts       first picture and quitting, against htop and an empty Textual app
    change       of a file, until its row is marked on the screen (target: 500 ms)
    live         what kmodtop costs a second beside htop, btop, watch, glances; in turns
    parts        each change that made it cheap, by itself
    long         looks at a recording of a million texts (target: 50 ms)
    simulate     boots of up to 4,096 CPUs (target: 10 s; a request at most 1.5 times that of 256)
    others       a busy folder, recording, sixty-four sources (not with --quick)

benchmarks/ holds the parts. Ratios of what ran in turns tell more than times, and those of two
machines nothing.
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

from benchmarks import long, parts, peers, simulating  # noqa: E402
from support.samples import CHANGES, ROOT, SAMPLES, dup, stats  # noqa: E402
from support.terminal import Terminal  # noqa: E402

from kmodtop_core.stats import parse as parsing  # noqa: E402
from kmodtop_core.stats.parse import render  # noqa: E402

SAMPLE = SAMPLES / "limits/rows-180-twice.txt"


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


def texts(rounds):
    """What a text costs: parsed for the first time, and again, as most of its rows are known."""
    text = SAMPLE.read_bytes()

    def first():
        parsing._known.clear()
        parsing.parse(text)

    ratio("parse first", first, text.split, rounds * 20, 15)
    ratio("parse again", lambda: parsing.parse(text), text.split, rounds * 20, 15)
    quiet = {"stdout": subprocess.DEVNULL, "check": True, "env": os.environ | {"PYTHONPATH": ""}}
    ratio(
        "report",
        lambda: subprocess.run(run("report", str(SAMPLE)), **quiet),
        lambda: subprocess.run([sys.executable, "-c", "pass"], **quiet),
        rounds * 2,
        3.5,
    )


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


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="fewer rounds")
    options.add_argument(
        "--only", help="one of the parts: live, parts, long, starts, simulate, others"
    )
    given = options.parse_args()
    rounds = 5 if given.quick else 25
    if given.only is None:
        texts(rounds)
    with tempfile.TemporaryDirectory() as folder:
        if given.only is None:
            changes(folder, rounds)
        if given.only in (None, "starts"):
            peers.starts(3 if given.quick else 9)
        if given.only in (None, "live"):
            peers.live(*((1, 2, 3, True) if given.quick else (3, 5, 10)))
        if given.only in (None, "parts"):
            parts.all_parts(1 if given.quick else 5, given.quick)
        if given.only in (None, "long"):
            long.looks(folder, 50 if given.quick else 500)
    if given.only in (None, "simulate"):
        simulating.boots()
    if given.only == "others" or not (given.quick or given.only):
        peers.busy(10)
        peers.records(8)
        peers.many(8)


if __name__ == "__main__":
    main()
