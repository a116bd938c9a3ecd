"""Parts: each change that made it cheap, by itself. The way of before and the way of now run in
turns; what is told is how often the one costs the other."""

import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from pathlib import Path
from unittest import mock

from support.samples import ROOT

from benchmarks.files import text
from benchmarks.session import Session
from kmodtop.session import rounds as sharing
from kmodtop.view import ansi, lines
from kmodtop.view.panels import box, lanes, plot, table
from kmodtop_core.machine.facts import Machine
from kmodtop_core.recording.recorder import in_memory
from kmodtop_core.sample import Instant, Sample
from kmodtop_core.sources.watched import WatchedFile
from kmodtop_core.stats import parse as parsing

_SIZE = (120, 40)


def compared(name, before, now, rounds, unit="ms"):
    """Both in turns."""
    pairs = [(before(), now()) for _ in range(rounds)]
    ratios = [a / b for a, b in pairs if b]
    a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
    spread = f"{statistics.median(ratios):.1f} ({min(ratios):.1f}-{max(ratios):.1f})"
    print(f"{name:<44} {spread:>20} times   {a:.3f} {unit} -> {b:.3f} {unit}")


def seconds(what, times=20):
    """Milliseconds of CPU that it takes, once."""
    begun = time.process_time()
    for _ in range(times):
        what()
    return 1e3 * (time.process_time() - begun) / times


_REMEMBERED = (lines.crop, box._between, plot._bar, plot._labelled, table._line)


def _forgetting(session):
    """A picture for which nothing is remembered of the one before."""
    for function in _REMEMBERED:
        function.cache_clear()
    lanes._last.clear()
    parsing._known.clear()
    return session.step()


def _packed(level):
    first = text(0, 1)
    texts = [text(number, 1) for number in range(1, 21)]

    def pack():
        for one in texts:
            packer = zlib.compressobj(level, zdict=first)
            packer.compress(one) + packer.flush()

    return seconds(pack, 3) / len(texts)


def _settled(is_second_text):
    recorder, at = in_memory("0"), 0.0
    begun = time.process_time()
    for number in range(1, 41):
        at += 1.0
        one = text(number, 1)
        recorder.observe(Sample(Instant(at, at), one, settled=False))
        again = text(number, 2) if is_second_text else one
        recorder.observe(Sample(Instant(at + 0.6, at), again))
    return 1e3 * (time.process_time() - begun) / 40


def _wide(is_quick):
    """Cells of the lines of a picture."""
    session = Session()
    shown = ["".join(char for char, _ in row) for row in session.step()]
    if is_quick:
        return seconds(lambda: [lines.width(line) for line in shown])
    from kmodtop_core import plain

    return seconds(lambda: [sum(plain._cells(char) for char in line) for line in shown])


def _parsed(is_quick):
    one = text(0, 0)
    if is_quick:
        return seconds(lambda: parsing.parse(one))
    with mock.patch.object(parsing, "_read_plain_rows", lambda data, found: None):
        return seconds(lambda: parsing.parse(one))


_APP = """
import sys, time
sys.path[:0] = {paths!r}
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("READY")
    def on_mount(self):
        if {ticks}:
            self.set_interval(0.1, lambda: None)
if {own}:
    from kmodtop.app.driver import TerminalDriver
    from kmodtop.process.terminal import Terminal
    class Own(Empty):
        def __init__(self):
            self.terminal = None
            super().__init__(driver_class=TerminalDriver)
    app = Own()
    app.terminal = Terminal()
else:
    app = Empty()
app.run()
"""


def _app(folder, ticks, own):
    from benchmarks.meter import Metered

    path = Path(folder) / "app.py"
    paths = [str(ROOT / "core"), str(ROOT / "tui")]
    path.write_text(_APP.format(paths=paths, ticks=ticks, own=own))
    with Metered([sys.executable, str(path)]) as program:
        program.until(b"READY")
        program.run(1.0)
        return program.cost(2)


def _watching(step_ms):
    """Wakeups a second of a watch on a quiet folder."""
    from watchfiles import watch

    stop = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        thread = threading.Thread(
            target=lambda: list(
                watch(folder, step=step_ms, debounce=1, stop_event=stop, rust_timeout=60_000)
            )
        )
        thread.start()
        time.sleep(0.3)
        begun = _woken()
        time.sleep(2.0)
        woken = (_woken() - begun) / 2
        stop.set()
        thread.join()
    return woken


def _woken():
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw


def _imported(code):
    """RSS in MiB of a Python that has imported this."""
    tail = "print([l.split()[1] for l in open('/proc/self/status') if l.startswith('VmRSS')][0])"
    paths = f"import sys; sys.path[:0] = {[str(ROOT / 'core'), str(ROOT / 'tui')]!r}; "
    words = [sys.executable, "-c", f"{paths}{code}; {tail}"]
    return int(subprocess.run(words, capture_output=True, check=True).stdout) / 1024


def _sent(is_relative):
    """Bytes of a picture of which one row changed, on the average."""
    session, sent, before = Session(), 0, None
    along = ansi._Pen._along if is_relative else lambda pen, x: f"\x1b[{x + 1}G"
    with mock.patch.object(ansi._Pen, "_along", along):
        for _ in range(60):
            picture = session.step()
            sent += len(ansi.changes(before, picture).encode()) if before else 0
            before = picture
    return sent / 59


def _looked_back(together):
    """500 moments of a recording."""
    session = Session()
    for _ in range(400):
        session.step()
    session.recorder.note_stay()
    from kmodtop_core.recording.tape import Tape

    past = Tape(session.recorder.recording, session.recorder.boot).past()
    past.add(400.0, None)
    chance = random.Random(1)
    moments = sorted(chance.uniform(0, 399) for _ in range(500))
    if together:
        return seconds(lambda: past.at(moments), 3)
    return seconds(lambda: [past.at([moment]) for moment in moments], 3)


def _shared(is_shared):
    """CPU ms a second of sixteen watched files that are quiet."""
    with tempfile.TemporaryDirectory() as folder:
        sources = []
        for number in range(16):
            path = Path(folder) / f"{number}"
            path.write_bytes(text(0, 0))
            sources.append(WatchedFile(str(path), 1.0, Machine()))
        feeds = sharing.feeds_of(sources) if is_shared else [sharing.Feed(s) for s in sources]
        for feed in feeds:
            feed.start()
        time.sleep(1.5)
        begun = time.process_time()
        time.sleep(2.0)
        spent = 1e3 * (time.process_time() - begun) / 2
        for feed in feeds:
            feed.stop()
    return spent


def all_parts(rounds, is_quick):
    """Each of them; where that is to be quick, without those that have to be watched."""
    print("\npart                                         before / now")
    compared("A zlib 6 with a dictionary, not 9", lambda: _packed(9), lambda: _packed(6), rounds)
    compared(
        "B a settled text is no second one", lambda: _settled(True), lambda: _settled(False), rounds
    )
    before, now = Session(), Session()
    for _ in range(20):
        before.step(), now.step()
    compared(
        "C, E lines, bars, lanes, rows are remembered",
        lambda: seconds(lambda: _forgetting(before), 5),
        lambda: now.step() and seconds(now.step, 5),
        rounds,
    )
    compared("E width of narrow text", lambda: _wide(False), lambda: _wide(True), rounds)
    compared("E plain rows of a text", lambda: _parsed(False), lambda: _parsed(True), rounds)
    most = "import kmodtop.commands.watch"
    rest = "kmodtop_core.simulation.compare, kmodtop_core.tracing.requests"
    compared(
        "H without simulations and what is heard",
        lambda: _imported(f"{most}, {rest}"),
        lambda: _imported(most), rounds, "MiB",
    )  # fmt: skip
    compared(
        "I asyncio without ssl", lambda: _imported("import asyncio"),
        lambda: _imported("from kmodtop.process.frugal import import_asyncio as i; i()"),
        rounds, "MiB",
    )  # fmt: skip
    compared("J moves by the shorter way", lambda: _sent(False), lambda: _sent(True), 1, "bytes")
    compared(
        "K many moments of a recording at once", lambda: _looked_back(False),
        lambda: _looked_back(True), 1,
    )  # fmt: skip
    if not is_quick:
        _watched(rounds)


def _watched(rounds):
    """Those that cost while nothing happens."""
    with tempfile.TemporaryDirectory() as folder:
        costs = {"plain": [], "ticks": [], "own": []}
        for _ in range(max(1, rounds // 2)):
            costs["plain"].append(_app(folder, False, False))
            costs["ticks"].append(_app(folder, True, False))
            costs["own"].append(_app(folder, False, True))
    for name, kind, other in (("D no tick", "ticks", "plain"), ("F no threads", "plain", "own")):
        pairs = list(zip(costs[kind], costs[other], strict=True))
        a, b = (statistics.median(pair[i].wakes for pair in pairs) for i in (0, 1))
        c, d = (statistics.median(pair[i].cpu for pair in pairs) for i in (0, 1))
        print(f"{name:<44} wakeups {a:.1f} -> {b:.1f} a second, CPU {c:.2f} -> {d:.2f} ms/s")
    compared(
        "G a step of the watch, 0.3 s not 0.05", lambda: _watching(50), lambda: _watching(300),
        max(1, rounds // 2), "wakeups/s",
    )  # fmt: skip
    compared(
        "L one thread for sixteen files", lambda: _shared(False), lambda: _shared(True),
        max(1, rounds // 2), "ms/s",
    )  # fmt: skip
