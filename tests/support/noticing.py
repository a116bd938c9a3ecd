"""What is noticed while an input is tried: exceptions, hangs, memory, exit codes, odd output."""

import faulthandler
import json
import os
import re
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from unicodedata import category

from kmodtop_core.sources.base import SourceError
from kmodtop_core.stats.parse import NoStatistics
from support.samples import ROOT

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
