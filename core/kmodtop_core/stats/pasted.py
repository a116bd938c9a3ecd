"""Stats texts in whatever people paste: mails, logs, terminal copies, HTML.

Reads line by line. A line is freed of what copying added (escapes, odd spaces,
quote marks, time stamps); a known label with its number opens a text or goes on
with it; in the table rows are read from the right, since names hold anything.
"""

import re
from collections.abc import Iterator

from .format import AVERAGE_LABELS, LABELS, WASTED_LABEL
from .found import Found
from .values import REASONS, Duplicate, FailReason

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]*[0-Z\\-~])|.\x08|\r"
)
_SPACES = {
    ord(c): " "
    for c in "\xa0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u202f\u205f\u3000"
} | {0x200B: None, 0xFEFF: None}
_QUOTES = re.compile(r"^(?:[ \t]*[>|])+")
_KNOWN = {label.lower(): label for label in (*LABELS, WASTED_LABEL, *AVERAGE_LABELS)}
_LABEL = re.compile(
    r"(?:^|(?<=[\s>|:\]+*-]))"
    rf"({'|'.join(sorted(_KNOWN, key=len, reverse=True))})[\s:=]+(\d{{1,40}})\s*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"([A-Za-z][A-Za-z0-9 _./()-]{2,39}?)[ \t]+(\d{1,20})\s*$")
_TABLE = re.compile(r"Duplicate failed modules:\s*$", re.IGNORECASE)
_COLUMNS = re.compile(r"module-name\s+how-many-times(\s+reason)?\s*$", re.IGNORECASE)
_REST_OF_COLUMNS = re.compile(r"\s*(how-many-times\s+)?reason\s*$", re.IGNORECASE)
_ROW = re.compile(
    r"^(.*\S)\s+(\d{1,20})\s+(Becoming & Load|Becoming|Load|Bug-on-stats)\s*$", re.IGNORECASE
)
_STARTED = re.compile(r"^\s*(\S{1,60})(\s+\d{1,20}(\s+Becoming\s+&)?)?\s*$", re.IGNORECASE)
_FINISHED = re.compile(
    r"^\s*(\d{1,20}\s+)?(Becoming & Load|Becoming|Load|Bug-on-stats)\s*$", re.IGNORECASE
)
"""Both halves of a row that a mailer broke: after the name, the count, or within the reason."""

_LATE_LOAD = re.compile(r"^\s*& Load\s*$", re.IGNORECASE)

_REASONS = {label.lower(): reason for label, reason in REASONS.items()}
_DRAFT = re.compile(r"Modules loaded\s+\d|Failed modules:\s*$", re.MULTILINE)

_COUNTED = {*(label for label in LABELS), WASTED_LABEL}
"""Labels of which one alone is a text, of which the rest was not copied. Averages are of none."""

_PLACES = {label: place for place, label in enumerate((*LABELS, WASTED_LABEL, *AVERAGE_LABELS))}
"""In which order the kernel prints them."""

_LONGEST_LINE = 2000
"""Bytes of a line that are looked at at most: no line of the text has a tenth of that."""

_NOISE = 3
"""Foreign lines in a row that end a table: less is a log that other messages run through."""


def find_pasted(data: bytes, offset: int) -> Iterator[Found]:
    """Every text in `data`, whole or partial; `offset` is added to its place."""
    if b"\0" in data[:64]:
        data = _from_utf16(data)
    if not re.search(rb"mods? |module-name|bytes", data, re.IGNORECASE):
        return
    is_draft = _DRAFT.search(data[:100_000].decode("utf-8", "replace"))
    found = [reader for reader in _readers(data, offset) if not is_draft or reader.is_released]
    left_out: list[str] = []
    last: Found | None = None
    for reader in found:
        if not reader.counts:
            left_out += sorted(reader.seen, key=_PLACES.__getitem__)
            continue
        if last is not None:
            yield last
        last = reader.found
        last.left_out += left_out
        left_out = []
    if last is not None:
        last.left_out += left_out
        yield last


def _readers(data: bytes, offset: int) -> "Iterator[_Reader]":
    """What a known label opens, each until the next begins."""
    reader: _Reader | None = None
    start = 0
    for raw in data.splitlines(keepends=True):
        line = _clean(raw) if len(raw) <= _LONGEST_LINE else ""
        label = _LABEL.search(line)
        if label and (reader is None or reader.starts_next(_KNOWN[label[1].lower()])):
            if reader:
                yield reader
            reader = _Reader(Found(offset + start), line[: label.start()])
        start += len(raw)
        if reader and reader.take(line, label):
            reader.found.end = offset + start
    if reader:
        yield reader


def explain(data: bytes) -> tuple[str, str]:
    """Why there are no statistics in `data`, and what to do."""
    from .containers import name_of  # only here: what can be read has no use for it

    if named := name_of(data):
        return f"it is {named[0]} without module statistics that could be found", named[1]
    if not data.strip(b"\0 \t\r\n"):
        return "it is empty", "cat /sys/kernel/debug/modules/stats should have gone into it"
    text = "\n".join(_clean(line) for line in data[:1_000_000].splitlines())
    if _DRAFT.search(text):
        return (
            "it is of an early draft of the kernel patch, with other labels (“Modules loaded”)"
            " and no counts of failures",
            "take the text from a released kernel, 6.4 or later",
        )
    return (
        "it holds no module statistics",
        "expected lines such as “Mods ever loaded” as they stand in"
        " /sys/kernel/debug/modules/stats",
    )


class _Reader:
    """Collects one text line by line."""

    def __init__(self, found: Found, prefix: str) -> None:
        self.found = found
        self.seen: set[str] = set()
        self._prefix = prefix.strip()
        self._prefix_words = len(prefix.split())
        self._pending: list[tuple[str, int]] = []
        self._noise = 0
        self._last = ""
        self._broken = ""

    def starts_next(self, label: str) -> bool:
        """Whether `label` opens the next text: it was there already and the text was through with
        it, or the kernel prints it before what came last."""
        if label not in self.seen:
            only_averages = not self.counts and label in _COUNTED  # those come last in a text
            return self.found.has_table or only_averages
        done = self.found.has_table or WASTED_LABEL in self.seen or self.seen == {label}
        return done or _PLACES[label] < _PLACES[self._last]

    @property
    def counts(self) -> bool:
        """Whether it has a counter, so that it is a text."""
        return bool(self.seen & _COUNTED)

    @property
    def is_released(self) -> bool:
        """Whether it is of a released kernel and no draft."""
        return WASTED_LABEL in self.seen or any(label.startswith("Mods ") for label in self.seen)

    def take(self, line: str, label: "re.Match[str] | None") -> bool:
        """Whether the line belongs to the text."""
        if label:
            return self._take_label(_KNOWN[label[1].lower()], int(label[2]))
        if _TABLE.search(line) or _COLUMNS.search(line):
            self.found.has_table = True
            self._accept_pending()
            return True
        if self.found.has_table:
            return self._noise < _NOISE and self._take_row(line)
        if number := _NUMBER.search(line):
            self._pending.append((self._without_prefix(number[1]), int(number[2])))
        return False

    def _take_label(self, label: str, value: int) -> bool:
        self._accept_pending()
        self.found.numbers.append((label, value))
        self.seen.add(label)
        self._last = label
        return True

    def _accept_pending(self) -> None:
        """Unknown labels count only between known ones: what follows the last may be prose."""
        self.found.numbers += self._pending
        self._pending = []

    def _take_row(self, line: str) -> bool:
        if not line.strip():
            return False
        row = _ROW.match(line)
        if row is None and self._broken and _FINISHED.match(line):
            row = _ROW.match(f"{self._broken} {line.strip()}")
            self._noise -= 1
        self._broken = ""
        if row:
            name = self._without_prefix(row[1])
            reason = _REASONS[row[3].lower()]
            self.found.rows.append(Duplicate(name, int(row[2]), reason))
            self.found.tail, self._noise = "", 0
            return True
        rows = self.found.rows
        if _LATE_LOAD.match(line) and rows and rows[-1].reason is FailReason.BECOMING:
            rows[-1] = rows[-1]._replace(reason=FailReason.BECOMING | FailReason.LOAD)
            return True
        if not rows and _REST_OF_COLUMNS.match(line):
            return True
        if _STARTED.match(line):
            self._broken = self._without_prefix(line)
        self._noise += 1
        self.found.tail = self.found.tail or self._without_prefix(line)
        return False

    def _without_prefix(self, text: str) -> str:
        """The text without the words (time stamp, host) that stood before the first label."""
        words = text.split(None, self._prefix_words)
        if len(words) > self._prefix_words:
            return words[-1].strip()
        return text.strip().removeprefix(self._prefix)


def _clean(raw: bytes) -> str:
    line = raw.decode("utf-8", "surrogateescape").rstrip("\r\n")
    if not line.isascii():
        line = line.translate(_SPACES)
    if not line.isprintable():
        line = _ESCAPES.sub("", line)
    if "&amp;" in line:
        line = line.replace("&amp;", "&")
    return _QUOTES.sub("", line)


def _from_utf16(data: bytes) -> bytes:
    """What a Windows shell saved; the offsets of the texts in it are then those of the UTF-8."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace").encode()
    if data[:400].count(b"\0") * 3 < len(data[:400]):
        return data
    order = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    return data.decode(order, "replace").encode()
