"""Inputs turned over at random: whatever they have become, kmodtop answers or says why not.

    python tests/support/mutations.py texts --count 2000 --seed 1 [--jobs 2] [--keep FOLDER]
    python tests/support/mutations.py recordings --count 2000 --seed 1
    python tests/support/mutations.py recordings --again FILE

Each job is a process of its own. It turns an input of the corpus over, reads it in every way
in which kmodtop reads such inputs, and notes what breaks the rules:

    an exception       that is not a documented one
    a hang             no call takes longer than 2 s; after 10 s the process is ended
    memory             no more than 200 MiB at any time
    the exit code      0, 2, 3 or 4 (1 is for diff --exit-code), with one sentence unless 0
    what is printed    no control characters in text, JSON that strict readers take

Mutants that led to an outcome not seen before join the corpus. Each kind of failure is told
once, with its count; the first inputs that led to it are kept. What is done with an input
depends on nothing but its bytes, so that --again does it once more.
"""

import argparse
import faulthandler
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import NamedTuple

sys.path[:0] = [
    str(Path(__file__).parents[1]),
    *(str(Path(__file__).parents[2] / p) for p in ("core", "tui")),
]

from support.checked_recordings import check_recording  # noqa: E402
from support.checked_texts import check_text  # noqa: E402
from support.noticing import (  # noqa: E402
    _STDERR,
    HARD_S,
    MOST_MEMORY,
    Failure,
    Input,
    Output,
    Trial,
    forget_peak,
    memory,
    plain,
)
from support.odd_recordings import input_of, make_recordings, put, recording_corpus  # noqa: E402
from support.samples import ROOT  # noqa: E402
from support.turned_recordings import turned_recording  # noqa: E402
from support.turned_texts import text_corpus, turned_text  # noqa: E402

# ---- jobs ----------------------------------------------------------------


class Kind(NamedTuple):
    """What is turned over: how, out of what, and what must hold then."""

    corpus: Callable
    turned: Callable
    check: Callable
    name: str


KINDS = {
    "texts": Kind(text_corpus, turned_text, check_text, "stats.txt"),
    "recordings": Kind(recording_corpus, turned_recording, check_recording, "recording.db"),
}
MOST_LEARNT = 4 << 20
"""Bytes of mutants that join the corpus."""


class Found(NamedTuple):
    """A failure with the number of the mutant that led to it, and where that lies."""

    failure: Failure
    number: int
    path: str


def try_one(what: str, given: Input, folder: Path, output: Output) -> Trial:
    """All that is done with one input."""
    trial = Trial()
    forget_peak()
    KINDS[what].check(given, trial, folder, output)
    if memory("VmHWM") > MOST_MEMORY:
        weighing = Trial(weighs=True)
        KINDS[what].check(given, weighing, folder, output)
        stages = [failure.stage for failure in weighing.failures if failure.kind == "memory"]
        told = f"more than {MOST_MEMORY >> 20} MiB"
        trial.note(Failure("memory", what, told, ", ".join(stages) or "all together"))
    trial.end()
    return trial


class Corpus:
    """Inputs to be turned over; mutants with an outcome that is new join them."""

    def __init__(self, first: list[Input]) -> None:
        self._first, self._learnt = first, []
        self._seen: set[str] = set()
        self._bytes = 0

    def mutant(self, kind: Kind, chance: Random, folder: Path) -> Input:
        """One of them, turned over."""
        learnt = self._learnt and chance.random() < 0.4
        parent = chance.choice(self._learnt if learnt else self._first)
        return kind.turned(parent, chance, self._first, folder)

    def learn(self, given: Input, marks: set[str]) -> None:
        """Keeps it if one of its outcomes is new."""
        size = sum(map(len, given.values()))
        if not marks <= self._seen and size < 100_000 and self._bytes + size < MOST_LEARNT:
            self._learnt.append(given)
            self._bytes += size
        self._seen |= marks


def work(what: str, numbers: range, seed: int, folder: Path) -> int:
    """A job: tells each failure as a line of JSON. Ends early when it has become too large."""
    faulthandler.enable(_STDERR)
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    kind, output, tell = KINDS[what], Output(), os.fdopen(os.dup(1), "w")
    corpus = Corpus(kind.corpus(folder.parent / "corpus"))
    for number in numbers:
        given = corpus.mutant(kind, Random(f"{seed} {number}"), folder)
        put(given, folder / kind.name.replace("recording", "input"))
        (folder / "number").write_text(str(number))
        trial = try_one(what, given, folder, output)
        corpus.learn(given, trial.marks)
        for failure in trial.failures:
            tell.write(json.dumps([failure, number]) + "\n")
        if trial.failures:
            tell.write(json.dumps([None, number]) + "\n")
            tell.flush()
            sys.stdin.readline()  # until the input has been kept
        if memory("VmRSS") > MOST_MEMORY * 3 // 4:
            return 0
    return 0


class Job:
    """Starts a job's process, again after each end that was none; collects what it tells."""

    def __init__(self, what: str, numbers: range, seed: int, folder: Path, keep: Path) -> None:
        self._what, self._numbers, self._seed = what, numbers, seed
        self._folder, self._keep = folder, keep
        self.found: list[Found] = []
        self._kept: Counter[str] = Counter()
        folder.mkdir()

    def run(self) -> list[Found]:
        """Everything that was found."""
        left = self._numbers
        while left:
            (self._folder / "number").unlink(missing_ok=True)
            code, said = self._process(left)
            if not (self._folder / "number").exists():
                failure = Failure("end", "mutations", f"no start: {said.strip()[-300:]}", "start")
                return [*self.found, Found(failure, left.start, "none")]
            number = int((self._folder / "number").read_text())
            if code:
                self._take([self._end_of(code, said)], number)
            left = range(number + left.step, left.stop, left.step)
        return self.found

    def _process(self, numbers: range) -> tuple[int, str]:
        words = (self._what, "--work", self._folder, "--seed", self._seed, "--numbers",
                 numbers.start, numbers.stop, numbers.step)  # fmt: skip
        errors = self._folder / "stderr"
        with (
            errors.open("w") as err,
            subprocess.Popen(
                [sys.executable, __file__, *map(str, words)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err, text=True,
                env=os.environ | {"PYTHONHASHSEED": "0", "TMPDIR": str(self._folder)},
            ) as process,
        ):  # fmt: skip
            told: list[Failure] = []
            for line in process.stdout:
                failure, number = json.loads(line)
                if failure:
                    told.append(Failure(*failure))
                    continue
                self._take(told, number)
                told = []
                process.stdin.write("\n")
                process.stdin.flush()
        return process.returncode, errors.read_text(errors="replace")

    def _end_of(self, code: int, said: str) -> Failure:
        """Why a process ended by itself: it was hanging, or worse."""
        roots = "|".join(re.escape(str(ROOT / name)) for name in ("core", "tui"))
        places = re.findall(rf'File "(?:{roots})[^"]*/(\w+)\.py", line \d+ in (\w+)', said)
        where = ".".join(places[0]) if places else "mutations"
        if "Timeout" in said:
            return Failure("hang", where, f"no end after {HARD_S:.0f} s", "any")
        return Failure("end", where, f"code {code}: {plain(said.strip()[-300:])}", "any")

    def _take(self, failures: list[Failure], number: int) -> None:
        """Keeps the input, unless there are enough of its kind."""
        name = KINDS[self._what].name.replace("recording", "input")
        for failure in failures:
            kind = re.sub(r"\W+", "-", f"{failure.kind}-{failure.where}-{failure.message[:40]}")
            self._kept[kind] += 1
            path = ""
            if self._kept[kind] <= 2:
                path = str(self._keep / f"{kind}-{self._seed}-{number}{Path(name).suffix}")
                put(input_of(self._folder / name), Path(path))
            self.found.append(Found(failure, number, path))


def run(what: str, count: int, seed: int, jobs: int, keep: Path) -> list[str]:
    """Turns so many inputs over; a line for each kind of failure, the most frequent first."""
    keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "corpus").mkdir()
        if what == "recordings":
            make_recordings(folder / "corpus")
        shares = [
            Job(what, range(job, count, jobs), seed, folder / f"job-{job}", keep)
            for job in range(min(jobs, count))
        ]
        with ThreadPoolExecutor(jobs) as pool:
            found = [one for part in pool.map(Job.run, shares) for one in part]
    kinds: dict[tuple, list[Found]] = {}
    for one in sorted(found, key=lambda one: one.number):
        kinds.setdefault(one.failure[:3], []).append(one)
    ranked = sorted(kinds.values(), key=len, reverse=True)
    return [
        f"{len(group):>6} × {group[0].failure.told()}\n"
        f"         first: seed {seed}, number {group[0].number}: {group[0].path}"
        for group in ranked
    ]


def again(what: str, path: Path) -> list[str]:
    """The failures of one input."""
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        trial = try_one(what, input_of(path), Path(folder), Output())
    return [failure.told() for failure in trial.failures]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("what", choices=KINDS)
    options.add_argument("--count", type=int, default=2000, help="how many mutations")
    options.add_argument("--seed", type=int, default=1, help="which course of chance")
    options.add_argument("--jobs", type=int, default=2, help="how many processes")
    options.add_argument("--keep", type=Path, help="folder for the inputs that led to failures")
    options.add_argument("--again", type=Path, metavar="FILE", help="one input, once more")
    options.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--numbers", type=int, nargs=3, help=argparse.SUPPRESS)
    args = options.parse_args()
    if args.work:
        return work(args.what, range(*args.numbers), args.seed, args.work)
    if args.again:
        told = again(args.what, args.again)
    else:
        keep = args.keep or Path(tempfile.mkdtemp(prefix="kmodtop-mutations-"))
        began = time.monotonic()
        told = run(args.what, args.count, args.seed, args.jobs, keep)
        print(f"{args.count:,} {args.what}, {time.monotonic() - began:.0f} s; kept in {keep}")
    print("\n".join(told) if told else "no failures")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
