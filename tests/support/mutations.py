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
# ruff: noqa: S608 - hostile SQL is meant

import argparse
import base64
import bz2
import gzip
import html
import json
import lzma
import os
import quopri
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple
from unicodedata import category

sys.path[:0] = [
    str(Path(__file__).parents[1]),
    *(str(Path(__file__).parents[2] / p) for p in ("core", "tui")),
]

import faulthandler  # noqa: E402

from kmodtop.session.time_travel import Travel  # noqa: E402
from kmodtop.view.lines import cells, text_of  # noqa: E402
from kmodtop.view.moves import follow_cursor, move_cursor  # noqa: E402
from kmodtop.view.panels.layout import places, screen  # noqa: E402
from kmodtop.view.panels.overview import HOST_SORTS, HostRow, overview  # noqa: E402
from kmodtop.view.theme import ASCII, CONSOLE, UNICODE  # noqa: E402
from kmodtop.view.view import (  # noqa: E402
    SORTS,
    STAGE_CHOICES,
    WINDOWS,
    Choice,
    Deck,
    Demo,
    Look,
    Situation,
    Source,
    View,
    rows_shown,
)
from kmodtop_core.jsontext import dumps  # noqa: E402
from kmodtop_core.machine.facts import Machine  # noqa: E402
from kmodtop_core.opening import choose_boot, is_series, open_played, read_recording  # noqa: E402
from kmodtop_core.recording.recorder import Recorder  # noqa: E402
from kmodtop_core.recording.retrying import Sink  # noqa: E402
from kmodtop_core.reports.difference import (  # noqa: E402
    difference,
    difference_object,
    difference_text,
)
from kmodtop_core.reports.follow import Follower, change_object, change_text  # noqa: E402
from kmodtop_core.reports.report import reset_warnings, snapshots, to_json, to_text  # noqa: E402
from kmodtop_core.sample import NOWHERE, Gap, Host, Instant, Sample  # noqa: E402
from kmodtop_core.simulation.compare import Run  # noqa: E402
from kmodtop_core.sources.base import SourceError  # noqa: E402
from kmodtop_core.sources.series import read_series  # noqa: E402
from kmodtop_core.stats.parse import NoStatistics, parse, split  # noqa: E402
from kmodtop_core.tracking.history import Past  # noqa: E402
from kmodtop_core.tracking.tracker import Tracker  # noqa: E402
from support.samples import ROOT, SAMPLES, dup, gap, sample, stats  # noqa: E402

SLOW_S = 2.0
HARD_S = 10.0
MOST_MEMORY = 200 << 20
CODES = (0, 2, 3, 4)
"""Exit codes of the contract; 1 is left to diff --exit-code, which is not asked for here."""

Input = dict[str, bytes]
"""The bytes of an input; those of the files beside it (-wal, -journal) by how their names end."""


# ---- what is noticed -----------------------------------------------------


class Failure(NamedTuple):
    """A rule that was broken; `where` is the innermost function of kmodtop, or what was done."""

    kind: str
    where: str
    message: str
    stage: str

    def told(self) -> str:
        """One line."""
        return f"{self.kind} in {self.where}: {self.message} (at: {self.stage})"


class Wrong(Exception):  # noqa: N818 - said as the report says it
    """A rule is broken, though nothing was raised. `where`: if more than one stage can do it."""

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(message)
        self.where = where


class TooSlow(BaseException):
    """A call took longer than it may; no handler for other errors may swallow that."""


class Trial:
    """What one input leads to: `failures`, and `marks` by which outcomes are told apart."""

    def __init__(self, slow_s: float = SLOW_S, weighs: bool = False) -> None:
        self.failures: list[Failure] = []
        self.marks: set[str] = set()
        self._slow_s, self._weighs = slow_s, weighs
        self._armed, self._size = 0.0, 0

    def call(self, stage, function, *words, allowed=()):
        """What the function returns; None when it fails. `allowed` errors must be sentences."""
        try:
            return self._timed(function, words)
        except KeyboardInterrupt:
            raise
        except allowed as error:
            self.marks.add(f"{stage}: {type(error).__name__} {plain(str(error))}")
            told = isinstance(error, SourceError | NoStatistics)
            if told and not is_sentence(str(error)):
                self.note(Failure("Wrong", "errors", "it is no harmless sentence", stage))
        except BaseException as error:
            self._note_error(stage, error)
        finally:
            if self._weighs:  # reading that costs too much to do it each time
                self.weigh(stage)
        return None

    def weigh(self, stage: str) -> None:
        """Notes it when the process has become too large since the last time."""
        if memory("VmHWM") > MOST_MEMORY > self._size:
            self.note(Failure("memory", stage, "", stage))
        self._size = memory("VmRSS")
        forget_peak()

    def _timed(self, function, words):
        began = time.process_time()
        try:
            return self._once(function, words, self._slow_s)
        except TooSlow:
            if time.process_time() - began > 0.9 * self._slow_s:
                raise
            return self._once(function, words, 2 * self._slow_s)  # the machine was busy

    def _once(self, function, words, slow_s):
        now = time.monotonic()
        if now - self._armed > 1:  # it costs a thread
            self._armed = now
            faulthandler.dump_traceback_later(HARD_S, exit=True, file=_STDERR)
        signal.signal(signal.SIGALRM, _too_slow)
        signal.setitimer(signal.ITIMER_REAL, slow_s, 0.5)
        try:
            return function(*words)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _note_error(self, stage: str, error: BaseException) -> None:
        kind, where, message = type(error).__name__, where_of(error), plain(str(error))
        if isinstance(error, Wrong):
            where = error.where
        elif isinstance(error, sqlite3.Error):
            # Its messages name what was turned over: there is no end of them.
            kind, message, stage = "sqlite3.Error", "of any sort", f"{stage}; {message}"
        self.note(Failure(kind, where or stage, message, stage))

    def note(self, failure: Failure) -> None:
        """Once an input, however often it happens."""
        if failure[:3] not in {known[:3] for known in self.failures}:
            self.failures.append(failure)
            self.marks.add(" ".join(failure[:3]))

    def end(self) -> None:
        """No hang is waited for any more."""
        faulthandler.cancel_dump_traceback_later()


_STDERR = os.fdopen(os.dup(2), "w")
"""Where tracebacks of hangs go, also while a command's output is being caught."""


def memory(name: str) -> int:
    """Bytes: VmHWM or VmRSS. getrusage would count what the parent had before execve, too."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) << 10


def forget_peak() -> None:
    """VmHWM begins anew."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _too_slow(*_) -> None:
    raise TooSlow


def where_of(error: BaseException) -> str:
    """The innermost function of kmodtop in which it was raised."""
    own = [
        f"{Path(frame.filename).stem}.{frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith((str(ROOT / "core"), str(ROOT / "tui")))
    ]
    return own[-1] if own else ""


def plain(message: str) -> str:
    """The message without what differs from input to input."""
    for pattern, put in (
        (r"\S*/\S*", "FILE"),
        (r"“[^”]*”|'[^']*'|\"[^\"]*\"", "'…'"),
        (r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}", "…"),
        (r"0x[0-9a-f]+|\d+", "0"),
    ):
        message = re.sub(pattern, put, message)
    return ascii(message)[1:-1][:120].replace("\\u2026", "...")


_STEERS = re.compile(
    "[\0-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Controls but newlines, format characters, separators of lines, and surrogates."""


def is_sentence(text: str) -> bool:
    """Whether it is one line that a terminal can be given."""
    return bool(text.strip()) and "\n" not in text and not _STEERS.search(text)


def must_be_harmless(text: str, what: str) -> None:
    """Raises Wrong for text that would steer a terminal, or is no UTF-8."""
    if found := _STEERS.search(text):
        sort = "an escape" if found[0] == "\x1b" else f"a character of {category(found[0])}"
        raise Wrong(f"{what} holds {sort}")


def must_be_json(text: str) -> None:
    """Raises Wrong unless every strict reader takes each line."""
    must_be_harmless(text, "JSON")
    for line in text.splitlines():
        try:
            value = json.loads(line, parse_constant=_refuse)
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise Wrong("JSON holds a lone surrogate") from None
        except ValueError as error:
            raise Wrong(f"no JSON: {error}") from None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


class Output:
    """Catches what is written to stdout and stderr, by whichever way."""

    def __init__(self) -> None:
        self._real = [os.dup(fd) for fd in (1, 2)]

    def of(self, words: list[str]) -> tuple[object, bytes, bytes]:
        """(exit code, stdout, stderr) of a command, which runs in this process."""
        from kmodtop.cli import main

        kept = sys.stdout, sys.stderr
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
            sys.stderr = os.fdopen(2, "w", errors="backslashreplace", closefd=False)
            try:
                code = main(words)
            except SystemExit as exit_:
                code = exit_.code
            finally:
                with suppress(OSError, ValueError):
                    sys.stdout.flush()
                    sys.stderr.flush()
                sys.stdout, sys.stderr = kept
                for real, fd in zip(self._real, (1, 2), strict=True):
                    os.dup2(real, fd)
            return code, _all_of(out), _all_of(err)


def _all_of(file) -> bytes:
    file.seek(0)
    return file.read()


def command(output: Output, words: list[str]) -> str:
    """Runs it; what it tells by code and sentence. Raises Wrong when that breaks the contract."""
    code, out, err = output.of(words)
    try:
        said = err.decode("utf-8", "surrogateescape")
        _must_be_told(code, said)
        _must_be_shown(out, is_json=bool({"json", "jsonl"} & set(words)))
    except Wrong as wrong:
        raise Wrong(str(wrong), "a command") from None
    return f"{code} {plain(said)}"


def _must_be_told(code: object, said: str) -> None:
    if "Traceback" in said:
        raise Wrong("a traceback on stderr")
    if "a fault of kmodtop" in said:
        raise Wrong(said.partition(";")[0])
    must_be_harmless(said, "stderr")
    if code not in CODES:
        raise Wrong(f"exit code {code!r}")
    lines = said.count("\n")
    if lines > 1 or (code != 0 and lines == 0):
        raise Wrong(f"exit code {code}, {'no line' if not lines else 'more than one'} on stderr")
    if "standard output: cannot be written" in said:
        raise Wrong("the wrong cause is told: standard output")


def _must_be_shown(out: bytes, is_json: bool) -> None:
    try:
        shown = out.decode()
    except UnicodeDecodeError:
        raise Wrong("stdout is no UTF-8") from None
    if is_json:
        must_be_json(shown)
    else:
        must_be_harmless(shown, "stdout")


# ---- texts ---------------------------------------------------------------

LONGEST = 160_000
"""Bytes of a mutated text; only now and then it has more."""

WHOLE = (SAMPLES / "states/both.txt").read_bytes()
OTHER = (SAMPLES / "limits/trunc2-many.txt").read_bytes()

_ODD = (
    b"\0", b"\t", b"\n", b"\r", b"\x1b", b"\x1b[2J", b"\x1b]0;x\x07", b"\x9b2J", b"\x08", b"\x7f",
    b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", "\u202e".encode(), "\u200b".encode(),
    "\u0301".encode() * 30, "字".encode(), "🧨".encode(), "\xa0".encode(), "\u2028".encode(),
    b"&amp;", b"&lt;", b"> ", b"| ", b"=\n", b"=3D", b"\x0c", b"\x85", b" " * 500, b"\t" * 50,
    b"[    1.234567] ", b"2026-01-02T03:04:05+00:00 host kernel: ", b"{", b'"', b"\\", b"%s",
)  # fmt: skip

_NUMBERS = (
    b"0", b"-1", b"-9223372036854775808", b"4294967295", b"4294967296", b"9223372036854775807",
    b"18446744073709551615", b"18446744073709551616", b"1" + b"0" * 400, b"9" * 5000, b"9" * 20,
    b"9" * 40, b"9" * 41, b"1e308", b"nan", b"inf", b"0x10", b"1_000", b"1,000", b"+5", b"007", b"",
    "٣٤".encode(), "１２".encode(), "²".encode(), "৪".encode(), "Ⅷ".encode(), b"1.5", b"1e5",
)  # fmt: skip


def span_of(data: bytes, chance: Random) -> tuple[int, int]:
    """A part of the bytes: any, or some whole lines."""
    if chance.random() < 0.5 and b"\n" in data:
        ends = [0, *(found.end() for found in re.finditer(rb"\n", data)), len(data)]
        first = chance.randrange(len(ends) - 1)
        return ends[first], ends[min(len(ends) - 1, first + chance.choice((1, 1, 1, 2, 5, 30)))]
    start = chance.randint(0, len(data))
    return start, min(len(data), start + int(len(data) ** chance.random()))


def flipped(data: bytes, chance: Random, _: list[Input]) -> bytes:
    """Some bytes are others."""
    turned = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20)) if data else 0):
        at = chance.randrange(len(turned))
        turned[at] = chance.choice((turned[at] ^ (1 << chance.randrange(8)), chance.randrange(256)))
    return bytes(turned)


def without_a_part(data: bytes, chance: Random, _: list[Input]) -> bytes:
    start, end = span_of(data, chance)
    return data[:start] + data[end:]


def with_a_part_again(data: bytes, chance: Random, _: list[Input]) -> bytes:
    start, end = span_of(data, chance)
    times = chance.choice((1, 1, 2, 10, 120, 3000))
    part = data[start:end]
    return data[:end] + (part * times)[:LONGEST] + data[chance.choice((end, start)) :]


def with_parts_exchanged(data: bytes, chance: Random, _: list[Input]) -> bytes:
    a, b, c, d = sorted((*span_of(data, chance), *span_of(data, chance)))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def with_something_odd(data: bytes, chance: Random, _: list[Input]) -> bytes:
    for _ in range(chance.choice((1, 1, 3, 12))):
        at = chance.randint(0, len(data))
        data = data[:at] + chance.choice((*_ODD, chance.randbytes(9))) + data[at:]
    return data


def spliced(data: bytes, chance: Random, corpus: list[Input]) -> bytes:
    other = chance.choice(corpus)[""]
    start, end = span_of(other, chance)
    if chance.random() < 0.3:
        return data + chance.choice((b"", b"\n", b"\n\nand then:\n")) + other
    a, b = span_of(data, chance)
    return data[:a] + other[start : chance.choice((end, len(other)))] + data[b:]


def with_another_number(data: bytes, chance: Random, _: list[Input]) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 8))):
        found = list(re.finditer(rb"\d+", data[:20_000]))
        if found:
            one = chance.choice(found)
            near = b"%d" % (int(one[0][:30]) + chance.choice((-1, 1, 7, -(10**6), 1 << 32)))
            number = chance.choice((*_NUMBERS, near, near, near, near))
            data = data[: one.start()] + number + data[one.end() :]
    return data


def with_another_name(data: bytes, chance: Random, _: list[Input]) -> bytes:
    found = list(re.finditer(rb"(?m)^ *(\S+)\t", data[:40_000]))
    if not found:
        return data
    one = chance.choice(found)
    name = chance.choice((*_ODD, b"a b", b"x" * 24, b"x" * 25, b"x" * 55, b"x" * 56, b"x" * 20_000,
                          "字".encode() * 30, b"Load", b"Mods ever loaded"))  # fmt: skip
    return data[: one.start()] + name.rjust(25) + data[one.end(1) :]


def broken_at_72(data: bytes, chance: Random, _: list[Input]) -> bytes:
    """As mailers do; also flowed, and quoted after that."""
    flowed, mark = chance.choice((b"", b" ")), chance.choice((b"", b"> "))
    most = chance.choice((72, 72, 72, 76, 80, 40))
    lines = []
    for line in data.replace(b"\t", chance.choice((b"\t", b"        "))).split(b"\n"):
        while len(line) > most:
            at = line.rfind(b" ", 1, most)
            at = at if at > 0 else most
            lines.append(mark + line[:at] + flowed)
            line = line[at:].lstrip(b" ") if chance.random() < 0.8 else line[at:]
        lines.append(mark + line)
    return b"\n".join(lines)


def with_a_prefix(data: bytes, chance: Random, _: list[Input]) -> bytes:
    """Quoted, or out of a log: most lines, or all."""
    prefix = chance.choice((b"> ", b"> > ", b">", b"| ", b"[    1.234567] ", b"# ", b"    ", b"+",
                            b"Jan  2 03:04:05 host kernel: "))  # fmt: skip
    share = chance.choice((1, 1, 0.9))
    lines = data.splitlines(keepends=True)
    return b"".join(prefix + line if chance.random() < share else line for line in lines)


def with_other_line_ends(data: bytes, chance: Random, _: list[Input]) -> bytes:
    return data.replace(b"\n", chance.choice((b"\r\n", b"\r\n", b"\r", b"\n\n", b"\0", b" ", b"")))


def with_other_blanks(data: bytes, chance: Random, _: list[Input]) -> bytes:
    if chance.random() < 0.4:
        return data.expandtabs(8)
    put = chance.choice((b" ", b"\xc2\xa0", b"", b"\\t", b"\t\t", b"\xe3\x80\x80"))
    return data.replace(chance.choice((b"\t", b" ", b"  ")), put)


def in_another_encoding(data: bytes, chance: Random, _: list[Input]) -> bytes:
    text = data.decode("utf-8", "replace")
    name = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32", "utf-7"))
    return text.encode(name)


def packed(data: bytes, chance: Random, _: list[Input]) -> bytes:
    pack = chance.choice((
        lambda d: gzip.compress(d, mtime=0), lambda d: lzma.compress(d, preset=0), bz2.compress,
        zlib.compress, base64.b64encode, base64.encodebytes, quopri.encodestring,
        lambda d: html.escape(d.decode("latin-1")).encode("latin-1"),
        lambda d: b"<html><pre>" + d + b"</pre>",
        lambda d: b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(d),
        lambda d: b"Content-Transfer-Encoding: quoted-printable\n\n" + quopri.encodestring(d),
    ))  # fmt: skip
    return pack(data)


def cut(data: bytes, chance: Random, _: list[Input]) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] if chance.random() < 0.75 else data[at:]


def as_a_series(data: bytes, chance: Random, corpus: list[Input]) -> bytes:
    """The text, and others, with times; hardly any of which make sense."""
    odd = (None, -1, 0, 1e308, 10**400, "x", [], {}, True, float("nan"), 1e9, "\x1b[2J", 255)
    cpus, kernel = (chance.choice((*odd, 8, "6.12", "字\ud800")) for _ in range(2))
    lines = [{"series": "A", "vcpus": cpus, "kernel": kernel}]
    at = 0.0
    for _ in range(chance.randint(1, 9)):
        at += chance.choice((0.1, 0.0, 1.0, 100.0, -3.0, 1e7))
        text = chance.choice((data, WHOLE, chance.choice(corpus)[""]))
        line = {"boottime_s": at, "text": text[:20_000].decode("latin-1")}
        if chance.random() < 0.2:
            line[chance.choice(("boottime_s", "text", "series", "read_us"))] = chance.choice(odd)
        lines.append(line)
    return b"\n".join(json.dumps(line).encode() for line in lines)


TEXT_WAYS = (
    flipped, flipped, without_a_part, without_a_part, with_a_part_again, with_parts_exchanged,
    with_something_odd, with_something_odd, spliced, spliced, with_another_number,
    with_another_number, with_another_number, with_another_name, broken_at_72, with_a_prefix,
    with_other_line_ends, with_other_blanks, in_another_encoding, packed, cut, as_a_series,
)  # fmt: skip


def text_corpus(_: Path) -> list[Input]:
    """Every text of the samples, and how their series begin."""
    texts = [path.read_bytes() for path in sorted(SAMPLES.rglob("*.txt"))]
    for path in sorted((SAMPLES / "series").glob("*.jsonl")):
        with path.open("rb") as file:
            texts.append(b"".join(line for _, line in zip(range(8), file, strict=False)))
    return [{"": text} for text in texts]


def turned_text(parent: Input, chance: Random, corpus: list[Input], _: Path) -> Input:
    """The text turned over, in one way or a few."""
    data = parent[""]
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4, 7))):
        data = chance.choice(TEXT_WAYS)(data, chance, corpus)
        if len(data) > LONGEST and chance.random() < 0.97:
            data = data[:LONGEST]
    return {"": data[: 3 << 20]}


UNITS = ("iec", "si", "raw")
PAGES = ("main", "module", "raw", "help", "seen", "boots")
LABELS = ("/sys/kernel/debug/modules/stats", "stats", "no\udcffutf", "\x1b[2J\u202e字", "x" * 500)
HOSTS = (
    NOWHERE, Host("big", "6.12.9", 255, "b-1"), Host("\x1b[2J", "6\n7\u202e", -1, "\x07"),
    Host("字" * 300, "\ud800", 10**30, ""), Host(boot_id="b-2"),
)  # fmt: skip
TIMES = (0.0, 0.01, 0.1, 0.5, 1.0, 1.0, 1.0, 7.0, 60.0, 4000.0, 1e7, 1e12, -0.5, -100.0)


def check_text(given: Input, trial: Trial, folder: Path, output: Output) -> None:
    """Reads the text in every way in which kmodtop reads one."""
    data = given[""]
    chance = Random(zlib.crc32(data))
    blocks = trial.call("parse", parse, data, allowed=NoStatistics) or []
    for block in blocks[:20]:
        shape = (block.truncated, block.whole, len(block.stats.duplicates).bit_length())
        codes = sorted({warning.code for warning in block.warnings})
        trial.marks.add(f"{shape} {len(block.missing)} {codes}")
    trial.marks.add(f"blocks {len(blocks).bit_length()}")
    parts = trial.call("split", split, data) or [data]
    trial.marks.add(f"parts {len(parts).bit_length()}")
    _report_texts(data, chance, trial)
    around = chance.random() < 0.7
    items = _items_around(data, parts, chance) if around else _items_of_series(data, trial)
    tracker = Tracker()
    frames = list(_observe(items, tracker, chance, trial))
    _look_at(frames, tracker.history, chance, trial)
    if chance.random() < 0.1:
        _ask_commands_for_text(data, chance, trial, folder, output)


def _report_texts(data: bytes, chance: Random, trial: Trial) -> None:
    label, host = chance.choice(LABELS), chance.choice(HOSTS)
    item = Sample(Instant(chance.choice(TIMES), 1.7e9), data, host)
    found = trial.call("report", snapshots, label, [item], allowed=NoStatistics) or []
    found = (found and trial.call("report", reset_warnings, found)) or []
    for snapshot in (*found[:3], *found[-2:]):
        for how in ("iec", chance.choice(("si", "raw"))):
            text = trial.call("report as text", to_text, snapshot, how)
            trial.call("report as text", must_be_harmless, text or "", "text")
        line = trial.call("report as JSON", to_json, snapshot)
        trial.call("report as JSON", must_be_json, line or "")
    if found:
        whole = snapshots(label, [sample(0, WHOLE)])[-1]
        pair = chance.sample((whole, found[-1]), 2)
        told = trial.call("diff", difference, *pair, allowed=SourceError)
        if told:
            trial.call("diff", _must_be_printable, difference_text, difference_object, told)


def _must_be_printable(as_text, as_object, found) -> None:
    must_be_harmless(as_text(found), "text")
    must_be_json(dumps(as_object(found)))


def _items_around(data: bytes, parts: list[bytes], chance: Random) -> Iterator[Sample | Gap]:
    """The text between others, parts of it, and gaps; time mostly goes on."""
    texts = [data, data, *parts[-2:], data[: len(data) // 2], WHOLE, WHOLE, OTHER]
    chance.shuffle(texts)
    at, host = 5.0, chance.choice(HOSTS)
    for text in texts:
        at = max(0.0, at + chance.choice(TIMES))
        host = chance.choice(HOSTS) if chance.random() < 0.1 else host
        wall = None if host is NOWHERE else chance.choice((1.7e9 + at, 1.7e9 + at, None, 0.0))
        if chance.random() < 0.1:
            yield gap(at)
        yield Sample(Instant(at, wall), text, host, chance.random() < 0.8, chance.random() < 0.8)


def _items_of_series(data: bytes, trial: Trial) -> list[Sample | Gap]:
    if not trial.call("look for a series", is_series, data):
        return []
    series = trial.call("read a series", read_series, data, "stats", allowed=SourceError)
    return list(series[:12]) if series else []


def _observe(items, tracker: Tracker, chance: Random, trial: Trial) -> Iterator:
    """The frames of the items; each is told as a line too, if it is news."""
    follower, last = Follower(), 0.0
    for item in items:
        frame = trial.call("observe", tracker.observe, item)
        if frame is None:
            return
        if not frame.now >= last:
            trial.note(Failure("Wrong", "observe", "the time line goes back", "observe"))
        last = frame.now
        trial.marks.add(f"event {frame.event} {frame.gap is None} {frame.resets}")
        if trial.call("follow", follower.is_news, frame):
            trial.call("follow as text", _must_be_a_line, change_text, frame)
            trial.call("follow as JSON", lambda f: must_be_json(dumps(change_object(f))), frame)
        yield frame


def _must_be_a_line(as_text, found) -> None:
    if not is_sentence(as_text(found)):
        raise Wrong("it is not one harmless line")


def _look_at(frames: list, past: Past, chance: Random, trial: Trial) -> None:
    """Two pages of the last frame, one of another, and the overview."""
    if not frames:
        return
    for page in chance.sample(PAGES, 2):
        compose(frames[-1], past, any_view(frames, page, chance), chance, trial)
    frame = chance.choice(frames)
    compose(frame, past, any_view(frames, chance.choice(PAGES), chance), chance, trial)
    compose(None, past, any_view(frames, "main", chance), chance, trial)
    hosts = [
        HostRow(
            chance.choice(LABELS),
            chance.choice((None, frame)),
            chance.choice((0.0, 9.0)),
            past=past,
        )
        for frame in chance.sample(frames, min(3, len(frames)))
    ]
    wide, high = any_size(chance)
    view = any_view(frames, "hosts", chance)
    lines = trial.call("overview", overview, hosts, view, wide, high)
    trial.call("overview", must_fit, lines or [], wide, high if lines is not None else 0)


def any_size(chance: Random) -> tuple[int, int]:
    """From 1 × 1 to 200 × 60; small ones are as likely as large ones."""
    return int(200 ** chance.random()), int(60 ** chance.random())


def any_view(frames: list, page: str, chance: Random, deck: Deck | None = None) -> View:
    """Choices that a reader can make."""
    pick, maybe = chance.choice, lambda share: chance.random() < share
    frame = frames[-1]
    names = [row.module for row in frame.rows] or [None]
    growth = pick(((), (0.0,) * 160, (0.0, 1.0, 1e9, 2.0) * 40))
    some = Deck(0.0, pick((0.0, 87.6, 1e9)), pick((0.0, 5.0)), maybe(0.5), 2.0, growth, maybe(0.3))
    runs = (Run("early-check", 8, 9, 0, 0, 3, 2, 10**9, 4, 10**6, 1.5, 0),)
    return View(
        Situation(
            Source(pick(LABELS), pick(("polled", "watched")), who=pick(("", "as root"))),
            ended=maybe(0.2),
            overdue=pick((0.0, 0.0, 5.0)),
            note=pick(("", "", "copied")),
            demo=Demo("early-check", 1.0, maybe(0.5), pick(((), runs))) if maybe(0.3) else None,
            deck=deck or (some if maybe(0.3) else None),
            hosts=pick((1, 3)),
        ),
        Choice(
            page=page,
            sort=pick(list(SORTS)),
            reverse=maybe(0.3),
            filter=pick(("", "", "a", "\\x")),
            asking=pick(("", "", "", "filter")),
            cursor=pick((None, *names)),
            top=pick((0, 0, 5, 200)),
            scroll=pick((0, 0, 3, 10_000)),
            window=pick((None, None, *range(len(WINDOWS)))),
            per_second=maybe(0.4),
            stage=pick(STAGE_CHOICES),
            frozen=pick((None, None, pick(frames))),
            host_sort=pick(list(HOST_SORTS)),
        ),
        look=Look(units=pick(UNITS), glyphs=pick((UNICODE, ASCII, CONSOLE)), thrifty=maybe(0.3)),
    )


def compose(frame, past: Past, view: View, chance: Random, trial: Trial) -> None:
    """The screen at a size, as moving the cursor makes it."""
    wide, high = any_size(chance)
    stage = f"screen, page {view.choice.page}"
    if frame is not None and frame.block is not None and chance.random() < 0.3:
        trial.call(stage, rows_shown, frame, view)
        by = chance.choice((-1, 1, 9999))
        moved = trial.call(stage, move_cursor, frame, view, by, max(1, high - 9))
        view = trial.call(stage, follow_cursor, frame, moved or view, max(1, high - 9)) or view
        trial.call(stage, places, frame, view, wide, high)
    lines = trial.call(stage, screen, frame, past, view, wide, high)
    if lines is not None:
        trial.call(stage, must_fit, lines, wide, high)


def must_fit(lines: list, wide: int, high: int) -> None:
    """Raises Wrong for what is no screen of that size."""
    if len(lines) != high:
        raise Wrong(f"{len(lines) - high:+} lines")
    for line in lines:
        text = text_of(line)
        if "\n" in text:
            raise Wrong("a line of the screen holds a newline")
        must_be_harmless(text, "the screen")
        if cells(line) > wide:
            raise Wrong("a line of the screen is too wide")


def _ask_commands_for_text(data, chance: Random, trial: Trial, folder: Path, output: Output):
    path, whole = str(folder / "stats"), str(SAMPLES / "states/both.txt")
    Path(path).write_bytes(data)
    pair = chance.sample((path, whole), 2)
    for words in (
        ["report", path, "--bytes", chance.choice(UNITS)],
        ["report", path, "--format", "json"],
        ["report", "--ascii", path, whole],
        ["diff", *pair],
        ["diff", *pair, "--format", "json"],
    ):
        _ask(words, trial, output)


def _ask(words: list[str], trial: Trial, output: Output) -> None:
    stage = " ".join(word for word in words if "/" not in word and word not in UNITS)
    told = trial.call(stage, command, output, words)
    trial.marks.add(f"{stage}: {told}")


# ---- recordings ----------------------------------------------------------

BIG = Host("big", "6.12.9", 255, "b-1")
SMALL = Host("small", "6.4.0", 8, "b-2")


def _storm(host: Host, start: float, texts: int, step: float) -> Iterator[Sample]:
    for n in range(texts):
        rows = [dup(f"module_{k:02}", 1 + (n * (k + 3)) // 4) for k in range(1 + n // 2)]
        what = stats(*rows, failed_load_modules=n, invalid_mod_bytes=n << 20, modcount=n)
        yield sample(start + n * step, what, host)._replace(read_s=0.0001)


def _boots() -> Iterator[Sample | Gap]:
    yield gap(1)
    yield gap(2, "permission")
    yield from _storm(BIG, 3, 9, 0.1)
    yield gap(40)
    yield from _storm(SMALL, 5, 6, 1.0)
    yield sample(30, stats(dup("kvm", 3), modcount=1), SMALL)
    yield from _storm(Host(), 100, 4, 20.0)
    yield from _storm(BIG, 60, 5, 0.2)


def _oddities() -> Iterator[Sample | Gap]:
    yield sample(1, b"no statistics", BIG)
    yield sample(2, (SAMPLES / "hostile/odd-names.txt").read_bytes(), BIG, settled=False)
    yield sample(3, OTHER, BIG, fresh=False)
    yield sample(9, OTHER, BIG, fresh=False)
    yield sample(10, (SAMPLES / "limits/rows-once-180.txt").read_bytes(), BIG)
    yield gap(11)
    top = 2**64 - 1
    yield sample(12, stats(dup("a" * 55, top), invalid_kread_bytes=top, failed_kreads=7), BIG)
    yield sample(13, stats(dup("a" * 55, 1), invalid_kread_bytes=5, failed_kreads=8), BIG)
    yield sample(14, b"", BIG)
    yield sample(15, WHOLE, BIG)


def _series() -> Iterator[Sample]:
    path = SAMPLES / "series/storm-moderate.jsonl"
    items = read_series(path.read_bytes(), "series")
    last = b""
    for item in items[:: max(1, len(items) // 40)]:
        if item.text != last:
            yield item
        last = item.text


def make_recordings(folder: Path) -> None:
    """Small ones of every sort that a recorder leaves, into an empty folder."""
    told = {
        "boots": list(_boots()),
        "oddities": list(_oddities()),
        "storm": list(_storm(BIG, 5, 25, 0.3)),
        "series": list(_series()),
        "gaps": [gap(1), gap(9, "permission")],
        "empty": [],
    }
    for name, items in told.items():
        with Recorder(str(folder / f"{name}.db"), "0.1", "quiet") as recorder:
            for item in items:
                recorder.write(item)
    recorder = Recorder(str(folder / "open.db"), "0.1")
    for item in told["storm"]:
        recorder.write(item)
    for name in ("open.db", "open.db-wal"):
        shutil.copy(folder / name, folder / name.replace("open", "killed"))
    recorder.close()
    (folder / "open.db").unlink()
    shutil.copy(folder / "boots.db", folder / "old.db")
    _make_old(folder / "old.db")
    for path in folder.iterdir():
        if not re.search(r"\.db(-wal)?$", path.name):
            path.unlink()


def _make_old(path: Path) -> None:
    """As the first schema had it."""
    db = sqlite3.connect(path, isolation_level=None)
    for table in ("run", "module", "growth", "storm", "warning"):
        db.execute(f"DROP TABLE {table}")
    db.execute("DROP INDEX gap_time")
    added = [row[1] for row in db.execute("PRAGMA table_info(sample)")][5:]
    for column in added:
        if column not in ("size", "base", "data"):
            db.execute(f"ALTER TABLE sample DROP COLUMN {column}")
    db.execute("PRAGMA user_version = 1")
    db.close()


_OFTEN = {"boots": 3, "oddities": 3, "storm": 3, "series": 3, "old": 2}
"""Those that hold much are turned over more often."""


def recording_corpus(folder: Path) -> list[Input]:
    """What was made, and recordings that once were trouble."""
    kept = sorted((ROOT / "tests/corpus").rglob("*.db"))
    made = [path for path in sorted(folder.glob("*.db")) for _ in range(_OFTEN.get(path.stem, 1))]
    return [input_of(path) for path in (*made, *kept)]


def input_of(path: Path) -> Input:
    """The file, with those of SQLite beside it."""
    files = {end: Path(f"{path}{end}") for end in ("", "-wal", "-journal")}
    return {end: file.read_bytes() for end, file in files.items() if file.exists()}


def put(given: Input, path: Path) -> Path:
    """Writes the files of an input; nothing else is left beside them."""
    for end in ("", "-wal", "-journal", "-shm", ".lock"):
        Path(f"{path}{end}").unlink(missing_ok=True)
    for end, data in given.items():
        Path(f"{path}{end}").write_bytes(data)
    return path


def page_size(data: bytes) -> int:
    """As the header tells it; 1,024 when it tells nonsense."""
    size = int.from_bytes(data[16:18], "big")
    return size if size >= 512 and not size & (size - 1) else 1024


_HEADER = ((16, 2), (18, 1), (19, 1), (20, 1), (21, 1), (22, 1), (23, 1), (24, 4), (28, 4), (32, 4),
           (36, 4), (40, 4), (44, 4), (48, 4), (52, 4), (56, 4), (60, 4), (64, 4), (68, 4),
           (92, 4), (96, 4))  # fmt: skip
"""(offset, bytes) of the fields of SQLite's header (https://www.sqlite.org/fileformat.html)."""


def _field_changed(data: bytearray, chance: Random, _: bytes) -> None:
    at, length = chance.choice(_HEADER)
    top = (1 << 8 * length) - 1
    value = chance.choice((0, 1, 2, 3, 4, 5, top, top >> 1, chance.randint(0, top)))
    data[at : at + length] = min(value, top).to_bytes(length, "big")


def _page_head_changed(data: bytearray, chance: Random, _: bytes) -> None:
    """The head of a b-tree page: its type, its cells, where they are."""
    size = page_size(data)
    page = chance.randrange(max(1, len(data) // size))
    at = page * size + (100 if page == 0 else 0) + chance.randrange(40)
    if at < len(data):
        data[at] = chance.choice((0, 2, 5, 10, 13, 255, chance.randrange(256)))


def _bytes_flipped(data: bytearray, chance: Random, _: bytes) -> None:
    for _ in range(chance.choice((1, 2, 10, 100))):
        at = chance.randrange(len(data))
        data[at] ^= chance.randrange(1, 256)


def _pages_exchanged(data: bytearray, chance: Random, _: bytes) -> None:
    size = page_size(data)
    a, b = (chance.randrange(max(1, len(data) // size)) * size for _ in range(2))
    data[a : a + size], data[b : b + size] = data[b : b + size], data[a : a + size]


def _page_emptied(data: bytearray, chance: Random, _: bytes) -> None:
    size = page_size(data)
    at = chance.randrange(max(1, len(data) // size)) * size
    fill = chance.choice((0, 0, 255, 13))
    data[at : at + size] = bytes([fill]) * len(data[at : at + size])


def _page_of_another(data: bytearray, chance: Random, other: bytes) -> None:
    size = page_size(data)
    a, b = (chance.randrange(max(1, len(d) // size)) * size for d in (data, other))
    data[a : a + size] = other[b : b + size]


def _shortened(data: bytearray, chance: Random, _: bytes) -> None:
    size = page_size(data)
    del data[chance.choice((chance.randrange(len(data)), chance.randrange(len(data)) & -size)) :]


def _lengthened(data: bytearray, chance: Random, other: bytes) -> None:
    data += chance.choice((b"\0", b"\xff", other[:512])) * chance.choice((1, 100, 4096))


BYTE_WAYS = (
    _field_changed, _page_head_changed, _page_head_changed, _bytes_flipped, _bytes_flipped,
    _pages_exchanged, _page_emptied, _page_of_another, _shortened, _lengthened,
)  # fmt: skip


def _bytes_turned(given: Input, chance: Random, corpus: list[Input]) -> Input:
    turned = dict(given)
    if chance.random() < 0.1:
        turned.pop("-wal", None)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        end = chance.choice(sorted(turned))
        data = bytearray(turned[end])
        if data:
            chance.choice(BYTE_WAYS)(data, chance, chance.choice(corpus)[""])
            turned[end] = bytes(data)
    if chance.random() < 0.02:
        turned["-journal"] = bytes.fromhex("d9d505f920a163d7") + chance.randbytes(3000)
    return turned


def bomb(mebibytes: int, text: bytes) -> bytes:
    """So much text, packed."""
    packer = zlib.compressobj(9)
    piece = (text * (1 + (1 << 20) // len(text)))[: 1 << 20]
    return b"".join([*(packer.compress(piece) for _ in range(mebibytes)), packer.flush()])


_BOMBS = tuple(bomb(size, text) for size in (3, 60, 100) for text in (b"\0", WHOLE))

_CELLS = (
    None, 0, 1, -1, 1.5, 1e300, -1e300, float("inf"), float("-inf"), float("nan"), 1e15, 1e11,
    2**31, 2**53, 2**63 - 1, -(2**63), 253402300800.0, -62135596801.0, 5e-324,
    b"", b"\0", b"\xff\xfe", bytes(5000), zlib.compress(b""), zlib.compress(b"junk"),
    zlib.compress(WHOLE), zlib.compress(WHOLE)[:-3], *_BOMBS,
    "", " ", "x" * 100_000, "12", "nan", "1e400", "9" * 5000, "\x1b[2J\x1b]0;x\x07", "a\nb\tc\0d",
    "\u202e\u200b\u2028\ufeff", "字" * 200, "\ufffd", "no-connection", "not-recorded",
)  # fmt: skip

_ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"


class Sql:
    """Turns a recording over by SQL. What SQLite refuses is left out."""

    def __init__(self, path: Path, chance: Random) -> None:
        self._chance = chance
        self._db = sqlite3.connect(path, isolation_level=None, timeout=0)
        self._db.text_factory = bytes
        self._db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 4 << 20)
        self._steps = 0
        self._db.set_progress_handler(self._patience, 1000)

    def _patience(self) -> bool:
        self._steps += 1
        return self._steps % 300 == 0

    def turn(self, times: int) -> None:
        """So many times, then closes."""
        try:
            self._db.execute("PRAGMA synchronous = OFF")
            self._db.execute("PRAGMA max_page_count = 1000")  # triggers can double a table
            self._db.execute("PRAGMA writable_schema = ON")
            if self._chance.random() < 0.4:
                self._without_types()
            for _ in range(times):
                with suppress(sqlite3.Error, ValueError, OverflowError, LookupError):
                    self._chance.choice(self.WAYS)(self)
        except (sqlite3.Error, UnicodeDecodeError):
            pass  # turned over by bytes before that
        finally:
            self._db.close()

    def _rows(self, sql: str) -> list[tuple]:
        return self._db.execute(sql).fetchall()

    def _table(self) -> str:
        names = [n.decode() for (n,) in self._rows("SELECT name FROM sqlite_master WHERE rootpage")]
        weights = [9 if name in ("sample", "gap", "boot", "storm") else 3 for name in names]
        return self._chance.choices(names, weights)[0]

    def _columns(self, table: str) -> list[str]:
        return [row[1].decode() for row in self._rows(f"PRAGMA table_xinfo({table})")]

    def _without_types(self) -> None:
        """Columns take any value, NULL too."""
        for word in self._chance.sample(
            (" NOT NULL", " REAL", " INTEGER NOT", " TEXT", " BLOB"), 3
        ):
            put = " NOT" if word.endswith("INTEGER NOT") else ""
            self._db.execute(f"UPDATE sqlite_master SET sql = replace(sql, '{word}', '{put}')")
        self._db.execute("PRAGMA writable_schema = RESET")
        self._db.execute("PRAGMA writable_schema = ON")

    def _which(self, table: str) -> str:
        """A condition that holds for one row, for some, or for all."""
        if self._chance.random() < 0.2:
            return "1"
        key = "module, sample" if table == "growth" else "rowid"
        count = self._rows(f"SELECT count(*) FROM {table}")[0][0]
        some, at = self._chance.choice((1, 1, 5)), self._chance.randrange(max(1, count))
        return f"({key}) IN (SELECT {key} FROM {table} LIMIT {some} OFFSET {at})"

    def _value(self, table: str, column: str) -> object:
        """An odd one, or one of the same or another column."""
        if self._chance.random() < 0.7:
            return self._chance.choice(_CELLS)
        column = self._chance.choice((column, *self._columns(table)))
        known = self._rows(f"SELECT {column} FROM {table} LIMIT 50")
        value = self._chance.choice(known)[0]
        more = self._chance.choice((0, 1, -1, 0.5, 1000, -1e6))
        return value + more if isinstance(value, int | float) else value

    def cell(self) -> None:
        table = self._table()
        column = self._chance.choice(self._columns(table))
        value = self._value(table, column)
        put = "?"
        if isinstance(value, float) and value in (float("inf"), float("-inf")):
            put, value = ("9e999" if value > 0 else "-9e999") + " + coalesce(?, 0)", 0
        elif isinstance(value, bytes) and self._chance.random() < 0.2:
            put = "CAST(? AS TEXT)"
        self._db.execute(
            f"UPDATE {table} SET {column} = {put} WHERE {self._which(table)}", (value,)
        )

    def delete(self) -> None:
        table = self._table()
        self._db.execute(f"DELETE FROM {table} WHERE {self._which(table)}")

    def again(self) -> None:
        """Rows twice, their ids moved; or many times."""
        table = self._table()
        columns = self._columns(table)
        moved = [f"{c} + 1000" if c in ("id", "sample") else c for c in columns]
        if self._chance.random() < 0.3 and "uptime" in columns:
            moved[columns.index("uptime")] = "uptime + 0.1"
        sql = f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) SELECT {', '.join(moved)}"
        self._db.execute(f"{sql} FROM {table} WHERE {self._which(table)} LIMIT 50")

    def view(self) -> None:
        """A view, which may never end, where a table was."""
        table = self._table()
        columns = self._columns(table)
        odd = self._chance.choice(("NULL", "zeroblob(50000000)", "randomblob(100)", "9e999", "''"))
        same = ", ".join(self._chance.choices((c, odd), (9, 1))[0] for c in columns)
        product = ", ".join(f"a.{c}" for c in columns)
        endless = ", ".join("n" for _ in columns)
        body = self._chance.choice(
            (
                f"SELECT {same} FROM {table}_",
                f"SELECT {product} FROM {table}_ a, {table}_, sqlite_master, sqlite_master",
                f"{_ENDLESS} SELECT {endless} FROM r",
                f"{_ENDLESS} SELECT {endless} FROM r WHERE n < 0",
                f"SELECT {endless.replace('n', '1')}",
                f"SELECT * FROM {table}",
            )
        )
        self._db.execute(f"ALTER TABLE {table} RENAME TO {table}_")
        self._db.execute(f"CREATE VIEW {table} ({', '.join(columns)}) AS {body}")

    def trigger(self) -> None:
        """Something happens whenever a recorder writes."""
        table, other = self._table(), self._table()
        body = self._chance.choice(
            (
                f"DELETE FROM {other}",
                f"UPDATE {other} SET rowid = rowid + 1",
                f"INSERT INTO {other} SELECT * FROM {other}",
                "SELECT RAISE(ABORT, 'no \x1b[2J\nreally')",
                "SELECT RAISE(IGNORE)",
                "SELECT RAISE(ROLLBACK, 'gone')",
                f"SELECT ({_ENDLESS} SELECT count(*) FROM r)",
            )
        )
        when = self._chance.choice(("BEFORE", "AFTER"))
        what = self._chance.choice(("INSERT", "UPDATE", "DELETE"))
        self._db.execute(
            f"CREATE TRIGGER t{self._steps} {when} {what} ON {table} BEGIN {body}; END"
        )

    def generated(self) -> None:
        """A column more, or one of the columns, is worked out."""
        table = self._table()
        large = ("zeroblob(50000000)", "hex(zeroblob(9999999))")
        what = self._chance.choice(("1", "NULL", "9e999", "abs(-9223372036854775808)", *large))
        column = self._chance.choice((*self._columns(table), "more"))
        if column != "more":
            self._db.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO {column}_")
        self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} AS ({what})")

    def numbered(self) -> None:
        name = self._chance.choice(("user_version", "user_version", "application_id"))
        value = self._chance.choice((0, 1, 2, 3, 4, -1, 2**31 - 1))
        self._db.execute(f"PRAGMA {name} = {value}")

    def drop(self) -> None:
        """An index, a table, or a column."""
        kind = self._chance.choice(("INDEX", "INDEX", "TABLE", "COLUMN"))
        if kind == "COLUMN":
            table = self._table()
            column = self._chance.choice(self._columns(table))
            self._db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
            return
        sql = f"SELECT name FROM sqlite_master WHERE type = '{kind.lower()}'"
        name = self._chance.choice(self._rows(sql))[0].decode()
        self._db.execute(f"DROP {kind} {name}")

    def schema(self) -> None:
        """The text of the schema itself is another."""
        old, new = self._chance.choice((
            ("uptime", "uptim"), ("INTEGER PRIMARY KEY", "INTEGER"), ("(boot, uptime)", "(boot)"),
            (" WITHOUT ROWID", ""), ("CREATE TABLE", "CREATE TABL"), ("REAL", "TEXT COLLATE NOPE"),
            ("(boot, uptime)", "(abs(boot), uptime)"), ("INTEGER", "BLOB"), ("data", "\x1b[2J"),
        ))  # fmt: skip
        table = self._chance.choice((self._table(), "sample"))
        sql = "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE tbl_name = ?"
        self._db.execute(sql, (old, new, table))

    def roots(self) -> None:
        """Two tables change places."""
        a, b = self._chance.sample(self._rows("SELECT rowid, rootpage FROM sqlite_master"), 2)
        for (row, _), (_, root) in ((a, b), (b, a)):
            self._db.execute("UPDATE sqlite_master SET rootpage = ? WHERE rowid = ?", (root, row))

    def written_anew(self) -> None:
        """With other pages, journals and freed pages."""
        size = self._chance.choice((512, 1024, 4096, 65536))
        self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.execute(f"PRAGMA page_size = {size}")
        self._db.execute(f"PRAGMA auto_vacuum = {self._chance.randrange(3)}")
        self._db.execute("VACUUM")

    WAYS = (
        cell, cell, cell, cell, cell, cell, cell, cell, cell, cell, delete, delete, again, again,
        view, trigger, generated, numbered, drop, schema, roots, written_anew,
    )  # fmt: skip


LARGEST = 4 << 20
"""Bytes of a mutated recording: the engine holds it in memory, too."""


def turned_recording(parent: Input, chance: Random, corpus: list[Input], folder: Path) -> Input:
    """The recording turned over by bytes, by SQL, or by both."""
    if chance.random() < 0.3:
        return _bytes_turned(parent, chance, corpus)
    path = put(parent, folder / "turned.db")
    Sql(path, chance).turn(chance.choice((1, 1, 1, 2, 3, 6)))
    turned = input_of(path) if path.stat().st_size < LARGEST else parent
    return _bytes_turned(turned, chance, corpus) if chance.random() < 0.1 else turned


WAYS = 3
"""Ways of reading that a recording is tried with; its bytes decide which of the nine."""


def check_recording(given: Input, trial: Trial, folder: Path, output: Output) -> None:
    """Reads the recording in some of the ways in which kmodtop reads one, or goes on with it."""
    chance = Random(zlib.crc32(b"".join(given.values())))
    path = str(folder / "recording.db")
    both = str(SAMPLES / "states/both.txt")
    commands = (
        ["report", path, "--bytes", chance.choice(UNITS)],
        ["report", path, "--format", "json"],
        ["export", path],
        ["export", path, "--format", "csv"],
        ["diff", path, path],
        ["diff", path, both, "--format", "json"],
    )
    ways = [
        *(partial(_ask, words, trial, output) for words in commands),
        lambda: (
            trial.call("read as a source", read_recording, path, allowed=SourceError),
            _replay(path, chance, trial),
        ),
        lambda: _append(path, chance, trial),
        lambda: _record(path, trial),
    ]
    for way in chance.sample(ways, WAYS):
        put(given, Path(path))
        way()
    put({}, Path(path))


def _replay(path: str, chance: Random, trial: Trial) -> None:
    recording = trial.call("open", open_played, path, "0", allowed=SourceError)
    if recording is None:
        return
    last = trial.call("boots", choose_boot, recording, None, path, allowed=SourceError)
    for number in sorted({1, min(last or 0, 9)} - {0}):
        travel = trial.call("open", Travel, recording, allowed=SourceError)
        at = chance.choice((None, None, 0.0, 10.0, 1e9))
        words = (number, at, chance.choice((0.1, 1.0, 1000.0)))
        trial.call("play", travel.play, *words, allowed=SourceError)
        if travel.player is not None:
            _travel(travel, chance, trial)
    trial.call("close", recording.close)


def _travel(travel: Travel, chance: Random, trial: Trial) -> None:
    """Ten moments, steps to changes and storms, and time that passes; each is looked at."""
    player = travel.player
    _look_at_moment(travel, chance, trial)
    for _ in range(10):
        deck = trial.call("deck", travel.deck)
        begin, end = (deck.begin, deck.end) if deck else (0.0, 100.0)
        part = chance.random()
        spots = (*[begin + (end - begin) * part] * 5, begin, end, -1.0, 1e9, player.position + 1)
        trial.call("seek", player.seek, chance.choice(spots))
        _look_at_moment(travel, chance, trial)
    for _ in range(8):
        player.paused = False
        name, move, word = chance.choice((
            ("step", player.step, 1), ("step", player.step, -1), ("storm", player.storm, 1),
            ("storm", player.storm, -1), ("pass time", player.pass_time, 0.05),
            ("pass time", player.pass_time, 1.0), ("pass time", player.pass_time, 300.0),
        ))  # fmt: skip
        trial.call(name, move, word)
        _look_at_moment(travel, chance, trial)


def _look_at_moment(travel: Travel, chance: Random, trial: Trial) -> None:
    deck = trial.call("deck", travel.deck)
    frame = travel.player.frame
    if frame is None or deck is None:
        return
    told = frame.gap.why.code if frame.gap else ""
    trial.marks.add(f"frame {frame.event} {told} {len(frame.rows).bit_length()}")
    page = chance.choice(("main", "main", *PAGES))
    view = any_view([frame], page, chance, deck).choosing(frozen=None).knowing(demo=None)
    compose(frame, travel.past, view, chance, trial)


def _append(path: str, chance: Random, trial: Trial) -> None:
    """A recorder goes on with it, in a boot that it knows or in a new one."""
    recorder = trial.call("append", Recorder, path, "0.1", "quiet", allowed=SourceError)
    if recorder is None:
        return
    host = chance.choice((BIG, BIG, SMALL, Host(), Host("new", boot_id="b-9")))
    at = chance.choice((16.0, 200.0, 0.0))
    # sqlite3.Error is documented for writing: it is what a sink waits and tries again for.
    allowed = (SourceError, sqlite3.Error)
    for item in (sample(at, WHOLE, host), gap(at + 1), sample(at + 2, OTHER, host)):
        trial.call("append", recorder.write, item, allowed=allowed)
    trial.call("append", recorder.close, allowed=allowed)


def _record(path: str, trial: Trial) -> None:
    """As the command does it, which keeps what cannot be written, and tells that."""
    told: list[str] = []
    words = (path, "0.1", told.append, Machine())
    sink = trial.call("record", Sink, *words, allowed=SourceError)
    if sink is None:
        return
    for item in (sample(300, WHOLE, BIG), sample(301, OTHER, BIG)):
        trial.call("record", sink.write, item, allowed=SourceError)
    trial.call("record", sink.close, allowed=SourceError)
    trial.call("record", _must_be_sentences, told)


def _must_be_sentences(told: list[str]) -> None:
    for sentence in told:
        if not is_sentence(sentence):
            raise Wrong("what a recorder tells is no harmless sentence")


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
