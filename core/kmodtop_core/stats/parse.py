"""Stats texts in bytes: of the live file, of captures, of anything people paste.

    parse    bytes in, one Block for each stats text found in them
    split    the bytes of each text, for files that hold several
    render   the kernel's exact bytes for a ModuleStats

The kernel's exact format is read here; whatever does not fit it (mails, logs,
terminal copies) goes to the room `paste`. Both hand what they found to
`blocks`, which judges it. Source of the format: kernel/module/stats.c.
"""

import re
from collections.abc import Iterator

from .block import Block, NoStatistics, build
from .format import COUNTED_LABELS, LABELS, LONGEST_ROW, WASTED_LABEL, buffer_limit, render
from .found import Found
from .values import REASONS, Duplicate

__all__ = ["Block", "NoStatistics", "parse", "render", "split"]

_FIRST = b"         Mods ever loaded\t"
_HEAD_LABELS = [*LABELS, WASTED_LABEL]
_COUNTED_LABELS = [*COUNTED_LABELS, WASTED_LABEL]
_COUNTED = re.compile(
    rb"^Counted by kmodtop since (\d{1,10}\.\d{6}) s after boot\n\Z", re.MULTILINE
)
_LONGEST_MARK = 60
_HEAD_LINE = re.compile(rb" {0,24}([^\t\n]{1,60})\t(\d{1,20})\n")
_TABLE_HEAD = re.compile(
    rb"Duplicate failed modules:\n +[Mm]odule-name\t {0,14}How-many-times\t +Reason\n"
)
_ROW = re.compile(
    # A name holds any byte but NUL, newlines and tabs too: the widths of the columns delimit it.
    rb"( {0,24}([^\0]{1,70}?))\t(?= *\d+\t)([ \d]{15,20})\t"
    rb"(?: {17}(Becoming)| {21}(Load)| {10}(Becoming & Load)| {13}(Bug-on-stats))(\n|\Z)",
    re.DOTALL,
)
_ODD_ROW = re.compile(rb"^[^\n]*\S[ \t]+\d+[ \t]+(?:Becoming|Load|Bug-on)", re.MULTILINE)
_LONGEST = 8191
"""Bytes of the longest text that a kernel prints."""


def parse(data: bytes) -> list[Block]:
    """Every stats text in `data`, in order; never empty.

    Raises NoStatistics, whose message is a sentence for people, when there is none.
    """
    blocks = [build(one) for one in _find(data)] or _within(data)
    if not blocks:
        from .pasted import explain

        raise NoStatistics(*explain(data))
    return blocks


def _within(data: bytes) -> list[Block]:
    """Those in a container, each as if it were all of it: it has no place of its own there."""
    from .containers import contents  # only here: the kernel's own text has no use for it

    found = (one for part in contents(data) for one in _find(part))
    return [build(one)._replace(start=0, end=len(data)) for one in found]


def split(data: bytes) -> list[bytes]:
    """The bytes of each stats text in `data`; all of `data` where there is one or none."""
    if data.count(b"Mods ever loaded") <= 1:
        return [data]
    return [data[one.start : one.end] for one in _find(data)] or [data]


def _find(data: bytes) -> Iterator[Found]:
    """Exact texts; what lies between them is searched as something pasted."""
    loose = pos = 0
    while (at := _candidate(data, pos)) >= 0:
        exact = _exact(data, at)
        copied = data[
            loose : exact.start if exact else at
        ].strip()  # with something before it, it is no file of the kernel's
        if exact is None or (copied and not exact.has_table):
            pos = at + len(_FIRST)
            continue
        yield from _pasted(data[loose : exact.start], loose)
        yield exact
        loose = pos = exact.end
    yield from _pasted(data[loose:], loose)


def _pasted(data: bytes, offset: int) -> Iterator[Found]:
    if not data.strip():
        return iter(())
    from .pasted import find_pasted  # only here: the kernel's own text has no use for it

    return find_pasted(data, offset)


def _candidate(data: bytes, pos: int) -> int:
    """Where an exact text may begin: right here, or at the start of a later line; -1 if nowhere."""
    if data.startswith(_FIRST, pos):
        return pos
    at = data.find(b"\n" + _FIRST, max(pos - 1, 0))
    return at + 1 if at >= 0 else -1


def _exact(data: bytes, start: int) -> Found | None:
    """The text that begins at `start`, or None when it is not as a kernel prints it."""
    found = Found(start, exact=True)
    before = max(0, start - _LONGEST_MARK)
    if mark := _COUNTED.search(data[before:start]):
        found.start, found.counted = before + mark.start(), float(mark[1])
    while match := _HEAD_LINE.match(data, found.end):
        label = match[1].decode("utf-8", "surrogateescape")
        if found.numbers and label == _HEAD_LABELS[0]:
            break
        found.numbers.append((label, int(match[2])))
        found.end = match.end()
    labels = _HEAD_LABELS if found.counted is None else _COUNTED_LABELS
    if [label for label, _ in found.numbers][: len(labels)] != labels:
        return None
    if table := _TABLE_HEAD.match(data, found.end):
        found.has_table, found.end = True, table.end()
        if not _read_rows(data, found) or _has_rows_left(data, found.end):
            return None
    elif found.end < len(data) and not data.startswith(_FIRST, found.end):
        return None
    return found


def _has_rows_left(data: bytes, end: int) -> bool:
    """Whether rows follow that are not as the kernel prints them: the table was changed."""
    stop = data.find(_FIRST.strip(), end)
    stop = stop if stop >= 0 else len(data)
    return _ODD_ROW.search(data, end, min(stop, end + _LONGEST)) is not None


def _read_rows(data: bytes, found: Found) -> bool:
    """Whole rows, then what the kernel's buffer or the end of the data left of one.

    False when foreign lines stand in the table.
    """
    _read_plain_rows(data, found)
    limit = found.start + buffer_limit(found.failures())
    if found.counted is not None:
        limit = len(data) + 1
    while (match := _ROW.match(data, found.end)) and (match[8] or match.end() != limit):
        if len(match[1].rpartition(b"\n")[2]) >= 25 and b"\n" in match[1]:
            return False  # a line before a whole name
        reason = REASONS[(match[4] or match[5] or match[6] or match[7]).decode()]
        name = match[2].decode("utf-8", "surrogateescape")
        found.rows.append(Duplicate(name, int(match[3]), reason))
        found.end = match.end()
    end = limit if limit <= len(data) else len(data)
    rest = data[found.end : end]
    if _is_half_row(rest) and (end == len(data) or _hides_rows(found)):
        found.tail, found.end = rest.decode("utf-8", "surrogateescape"), end
    return True


_ROW_BYTES, _TAB = 68, ord("\t")
_PLAIN_ROW = re.compile(
    rb" {0,24}([^\s\0]{1,25})\t {0,14}(\d{1,15})\t"
    rb" {10,21}(Becoming & Load|Becoming|Load|Bug-on-stats)\n"
)
_REASONS = {label.encode(): reason for label, reason in REASONS.items()}
_MOST_KNOWN = 2000
_known: dict[bytes, Duplicate] = {}
"""Rows that were read before: from one reading to the next most of a table is the same."""


def _read_plain_rows(data: bytes, found: Found) -> None:
    """Whole rows with ordinary names, up to the first that has none."""
    begin, wide = found.end, _ROW_BYTES
    for at in range(begin, len(data) - wide + 1, wide):
        line = data[at : at + wide]
        row = _known.get(line) or _plain_row(line)
        if row is None:
            break
        found.rows.append(row)
    found.end = begin + wide * len(found.rows)


def _plain_row(line: bytes) -> Duplicate | None:
    match = _PLAIN_ROW.fullmatch(line)
    if match is None or not line[25] == line[41] == _TAB:
        return None
    name = match[1].decode("utf-8", "surrogateescape")
    row = Duplicate(name, int(match[2]), _REASONS[match[3]])
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[line] = row
    return row


def _hides_rows(found: Found) -> bool:
    """Whether the rows do not account for all failures, so that more of them were cut off."""
    return sum(row.times for row in found.rows) < found.failures()


def _is_half_row(rest: bytes) -> bool:
    """Rows begin with the padding of a name, or with a name of 25 bytes and more, which seldom
    has blanks; the next text, prompts and prose do not."""
    if not rest or len(rest) >= LONGEST_ROW or b"\n" in rest or rest.startswith(_FIRST.rstrip()):
        return False
    return rest[:1] == b" " or b" " not in rest[:25]
