"""Peers: kmodtop beside other programs on terminals, in turns, as ratios with their spread.

htop reads every process, so that its cost is that of the machine's number of them: sleeping
ones stand beside it until there are as many as on an ordinary server.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

from support.samples import ROOT

from benchmarks.files import Polled, Watched
from benchmarks.meter import Metered

PROCESSES = 165
"""Of a small Debian server, its kernel's threads included."""

EMPTY_APP = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("READY")
Empty().run()
"""

_OURS = {"PYTHONPATH": f"{ROOT / 'core'}:{ROOT / 'tui'}"}


def kmodtop(*words):
    """The words that start it."""
    return [sys.executable, "-m", "kmodtop", *words]


@contextmanager
def crowd(most=PROCESSES):
    """So many processes are there."""
    there = sum(name.isdecimal() for name in os.listdir("/proc"))
    sleeping = [subprocess.Popen(["sleep", "100000"]) for _ in range(most - there)]
    try:
        yield
    finally:
        for process in sleeping:
            process.kill()
            process.wait()


def _programs(folder, is_quick):
    """(name, kind of file, rows that change, words of a path) of each that is there; few of them
    where that is to be quick."""
    empty = Path(folder) / "empty.py"
    empty.write_text(EMPTY_APP)
    found = [("htop", Watched, 0, lambda path: ["htop", "-d10"])]
    if is_quick:
        for rows, kind in ((0, Polled), (1, Polled), (1, Watched)):
            found.append((f"kmodtop, {kind.name}", kind, rows, lambda p: kmodtop("watch", str(p))))
        return [entry for entry in found if shutil.which(entry[3]("x")[0])]
    found.append(("empty Textual app", Watched, 0, lambda path: [sys.executable, str(empty)]))
    found.append(("btop", Watched, 0, lambda path: ["btop"]))
    found.append(("glances", Watched, 0, lambda path: ["glances"]))
    for rows in (0, 1, 10, 100):
        for kind in (Polled, Watched):
            found.append((f"kmodtop, {kind.name}", kind, rows, lambda p: kmodtop("watch", str(p))))
        words = ["watch", "-d", "-n1", "cat"]
        found.append(("watch -d cat", Watched, rows, lambda path, w=words: [*w, str(path)]))
    return [entry for entry in found if shutil.which(entry[3]("x")[0])]


def live(rounds, warm, seconds, is_quick=False):
    """The table: what each costs a second."""
    measured = {}
    with crowd(), tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for name, kind, rows, words in _programs(folder, is_quick):
                file = kind(folder, rows)
                with Metered(words(file.path), _OURS) as program:
                    program.run(1.0)
                    program.cost(warm, file.change)
                    cost = program.cost(seconds, file.change)
                file.close()
                measured.setdefault((name, rows), []).append(cost)
    _print_table(measured)


def _print_table(measured):
    base = [cost.cpu for cost in measured.get(("htop", 0), ())]
    print(f"\nlive, 120x40, {PROCESSES} processes beside it; CPU and wakeups a second")
    print("| | rows that change | CPU ms | x htop | wakeups | bytes | RSS MiB |")
    print("|---|---|---|---|---|---|---|")
    for (name, rows), costs in measured.items():
        cpu, wakes, sent, memory = (statistics.median(c) for c in zip(*costs, strict=True))
        ratios = [cost.cpu / other for cost, other in zip(costs, base, strict=False)]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        told = spread if ratios else "?"
        changing = rows if "kmodtop" in name or "watch" in name else ""
        print(
            f"| {name} | {changing} | {cpu:.2f} | {told} | {wakes:.1f} | {sent:,.0f}"
            f" | {memory:.1f} |"
        )


def starts(rounds):
    """First pictures and quitting, against htop and an empty Textual app."""
    with crowd(), tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY_APP)
        file = Watched(folder, 0)
        programs = {
            "kmodtop": (kmodtop("watch", str(file.path)), b"WASTED", b"q"),
            "empty Textual app": ([sys.executable, str(empty)], b"READY", b"\x11"),
            "htop": (["htop"], b"Load", b"q"),
        }
        told = {}
        for _ in range(rounds):
            for name, (words, first, quits) in programs.items():
                if not shutil.which(words[0]):
                    continue
                with Metered(words, _OURS) as program:
                    seen = program.until(first)
                    program.run(0.7)
                    told.setdefault(name, []).append((seen, program.quit(quits)))
    print("\nstarts and ends")
    for place, what in enumerate(("first picture", "quit")):
        ours = [pair[place] for pair in told["kmodtop"]]
        words = [f"kmodtop {1e3 * statistics.median(ours):.0f} ms"]
        for name in told.keys() - {"kmodtop"}:
            ratios = [a / b[place] for a, b in zip(ours, told[name], strict=True)]
            spread = f"({min(ratios):.2f}-{max(ratios):.2f})"
            words.append(f"{statistics.median(ratios):.2f} {spread} x {name}")
        print(f"{what:<16} {'; '.join(sorted(words, key=len))}")


_NOISE = """
import sys, time
while True:
    with open(sys.argv[1], "w") as file:
        file.write("x" * 100)
    time.sleep(0.0002)
"""


def busy(seconds):
    """A watched file in a folder in which another program writes all the time."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        file = Watched(folder, 0)
        program = stack.enter_context(Metered(kmodtop("watch", str(file.path)), _OURS))
        program.run(3.0)
        quiet = program.cost(seconds)
        words = [sys.executable, "-c", _NOISE, f"{folder}/noise"]
        noise = subprocess.Popen(words)
        program.run(4.0)
        loud = program.cost(seconds)
        noise.kill()
        noise.wait()
    print(
        f"\nbusy folder      {loud.cpu / quiet.cpu:.2f} x the quiet CPU ({loud.cpu:.2f} against"
        f" {quiet.cpu:.2f} ms/s), {loud.wakes:.1f} wakeups/s against {quiet.wakes:.1f}"
    )


def records(seconds):
    """`kmodtop record` at ten looks a second against a loop of the shell that does the same."""
    with tempfile.TemporaryDirectory() as folder:
        file = Polled(folder, 0)
        ours = kmodtop("record", "--interval", "0.1", "-o", f"{folder}/r.db", str(file.path))
        loop = ["sh", "-c", f"while sleep 0.1; do cat {file.path} > /dev/null; done"]
        costs = {}
        for name, words in (("record", ours), ("loop", loop)):
            with Metered(words, _OURS) as program:
                program.run(2.0)
                costs[name] = program.cost(seconds)
        file.close()
    record, shell = costs["record"], costs["loop"]
    print(
        f"record           {record.cpu / shell.cpu:.2f} x while sleep 0.1; do cat; done"
        f" ({record.cpu:.2f} against {shell.cpu:.2f} ms/s), {record.memory:.1f} MiB"
    )


def many(seconds):
    """Sixty-four sources of each kind, once they are quiet."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number in range(64):
            (Path(folder) / str(number)).mkdir()
            files.append(str(Watched(Path(folder) / str(number), 0).path))
        for name, words, rest in (("files", files, 4), ("sim:", ["sim:quiet"] * 64, 14)):
            with Metered(kmodtop("watch", *words), _OURS) as program:
                program.run(rest)
                cost = program.cost(seconds)
                keys = []
                for key in b"jkjkjkjkjk":
                    keys.append(1e3 * program.press(bytes([key])))
                    program.run(0.15)
            print(
                f"64 {name:<13} {cost.cpu:.1f} ms/s, {cost.wakes:.0f} wakeups/s,"
                f" keys {statistics.median(keys):.0f} ms, {max(keys):.0f} at most"
            )
