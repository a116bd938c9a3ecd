"""Block: one stats text that was found, as ModuleStats and what was odd about it.

Nothing that was read is lost: unknown labels, second values and half rows are all kept.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ..errors import Exit, SourceError, Trouble
from ..plain import harmless
from .format import (
    AVERAGE_LABELS,
    COUNTED_LABELS,
    LABELS,
    LONGEST_ROW,
    MODULI,
    UNSEEN,
    WASTED_LABEL,
    buffer_limit,
    render_uncut,
)
from .found import Found
from .values import AVERAGES, BYTE_COUNTERS, REASONS, ROW_LIMIT, STAGES, ULONG, ModuleStats

ABSURD_BYTES = 1 << 62
"""Byte counters from here on are no bytes of memory: a negative error code was added
(6.4), or root called init_module with an absurd length."""

ROW_LIMIT_NEAR = 105
"""Rows from which on reading on is refused under panic_on_warn (the 112th row warns)."""


class Warning(NamedTuple):
    """Something odd about a text: a stable code and a sentence."""

    code: str
    message: str


class CutRow(NamedTuple):
    """What is left of a row that was cut. `times` is None unless its last digit was there."""

    text: str
    module: str
    times: int | None


class Block(NamedTuple):
    """One stats text. Missing counters are 0 in `stats` and named in `missing`.

    `wasted` (bytes) and `averages` (bytes, by key) are as printed, None or absent where the
    text lacks them.
    `whole` is False when the end of the text looks half written or half copied.
    `table_missing`: the table of duplicates may have been there and was lost on the way, so that
    nothing is known of duplicates; no rows is then not the same as no duplicates.
    `counted`: kmodtop counted this from a trace, since that moment (seconds since boot).
    `start` and `end` are offsets into what was parsed, in bytes.
    """

    stats: ModuleStats
    wasted: int | None
    averages: dict[str, int]
    unknown: dict[str, int]
    missing: tuple[str, ...]
    truncated: bool
    cut_row: CutRow | None
    whole: bool
    warnings: tuple[Warning, ...]
    start: int
    end: int
    table_missing: bool = False
    counted: float | None = None

    @property
    def lacks(self) -> tuple[str, ...]:
        """Counters that the text should have and has not; one that kmodtop counted is whole
        without those that no trace tells, which are unknown."""
        return tuple(n for n in self.missing if self.counted is None or n not in UNSEEN)

    @property
    def duplicates(self) -> int | None:
        """Failures that the table accounts for; None when it is not known whether there is one."""
        return None if self.table_missing else self.stats.duplicate_failures

    @property
    def other(self) -> int | None:
        """Failures that were no duplicates; None when the table or a count is not fully known.

        Negative for a moment during a storm: the kernel adds a row before it counts the failure.
        """
        if (
            self.truncated
            or self.table_missing
            or {"failed_becoming", "failed_load_modules"} & set(self.missing)
        ):
            return None
        return self.stats.failures - self.stats.duplicate_failures


class NoStatistics(ValueError):  # noqa: N818 - said as the field says it
    """The data holds no module statistics; its arguments are why, and what to do."""

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what, fix)
        self.what, self.fix = what, fix

    def __str__(self) -> str:
        return f"{self.what}; {self.fix}" if self.fix else self.what

    def error(self, name: str = "") -> SourceError:
        """What a verb ends with that was to read that."""
        return SourceError(Trouble("not-stats", self.what, self.fix, name), Exit.NO_STATISTICS)


def build(found: Found) -> Block:
    """Judges what was found."""
    first: dict[str, int] = {}
    warnings = list(_sort_numbers(found.numbers, first))
    missing = tuple(name for label, name in LABELS.items() if label not in first)
    lacks = tuple(n for n in missing if found.counted is None or n not in UNSEEN)
    stats = ModuleStats(
        **{name: first[label] for label, name in LABELS.items() if label in first},
        duplicates=tuple(found.rows),
    )
    truncated, cut_row, whole, cut_warnings = _judge_table(found, stats)
    averages = {a.key: first[label] for label, a in AVERAGE_LABELS.items() if label in first}
    due = {a.key for a in AVERAGES if found.counted is None and stats.average(a) is not None}
    is_cut = bool(due - averages.keys())
    table = None if truncated else _missing_table(found, stats, missing, is_cut)
    block = Block(
        stats=stats,
        wasted=first.get(WASTED_LABEL),
        averages=averages,
        unknown={k: v for k, v in first.items() if k not in _KNOWN},
        missing=missing,
        truncated=truncated,
        cut_row=cut_row,
        whole=whole and not lacks and WASTED_LABEL in first and not (found.exact and table),
        warnings=(),
        start=found.start,
        end=found.end,
        table_missing=table is not None,
        counted=found.counted,
    )
    warnings += [*_missing(first, found.counted), *cut_warnings, *([table] if table else ())]
    warnings += [*_left_out(found), *_judge_numbers(block)]
    return block._replace(warnings=tuple(warnings))


_KNOWN = {*LABELS, WASTED_LABEL, *AVERAGE_LABELS}


def _sort_numbers(numbers: list[tuple[str, int]], first: dict[str, int]) -> Iterator[Warning]:
    """Fills `first` with the first value of each label, and tells what did not fit."""
    for label, value in numbers:
        shown = harmless(label)
        if label in first:
            told = f"“{shown}” stands twice: {first[label]} is taken, {value} is not."
            yield Warning("duplicate-label", told)
            continue
        first[label] = value
        if label not in _KNOWN:
            yield Warning("unknown-label", f"“{shown}” ({value}) is a label kmodtop does not know.")
        elif value >= MODULI.get(label, ULONG):
            yield Warning("bad-value", f"“{shown}” is {value}, more than the kernel can count.")


def _missing(first: dict[str, int], counted: float | None) -> Iterator[Warning]:
    labels = LABELS if counted is None else COUNTED_LABELS
    lacking = [label for label in (*labels, WASTED_LABEL) if label not in first]
    if lacking:
        told = f"The text lacks “{'”, “'.join(lacking)}”: half written, or only partly copied."
        yield Warning("missing-label", told)


def _missing_table(
    found: Found, stats: ModuleStats, missing: tuple[str, ...], is_cut: bool
) -> Warning | None:
    """Whether nothing is known of duplicates: only the kernel's exact bytes prove that it printed
    no table, which it does as soon as there is a row. `is_cut`: the text ends before that."""
    unknown = {"failed_becoming", "failed_load_modules"} & {*missing}
    if found.rows or not (stats.failures or unknown):
        return None
    if found.exact and not found.has_table and not is_cut:
        return None
    what = "The table cannot be read" if found.has_table else "No table in this text"
    message = f"{what}: duplicates are unknown, not none."
    return Warning("table-missing", message)


def _left_out(found: Found) -> Iterator[Warning]:
    if found.left_out:
        names = "”, “".join(harmless(name) for name in dict.fromkeys(found.left_out))
        lines = "line was" if len(found.left_out) == 1 else "lines were"
        yield Warning(
            "left-out", f"{len(found.left_out)} {lines} left out, of no text here: “{names}”."
        )


def _judge_table(
    found: Found, stats: ModuleStats
) -> tuple[bool, CutRow | None, bool, list[Warning]]:
    """(truncated, the half row, whether the text is whole, warnings)."""
    if found.counted is not None:
        return False, None, not found.tail, []
    room = _room_left(found, stats)
    cut_row = _cut_row(found, room)
    at_buffer = room <= 0
    rows, counted = len(found.rows), stats.duplicate_failures
    at_rows = rows >= ROW_LIMIT and counted != stats.failures
    warnings = []
    if cut_row:
        warnings.append(Warning("row-cut", _row_cut_message(cut_row, at_buffer)))
    if at_buffer or at_rows or cut_row:
        warnings.append(Warning("truncated-table", _truncated_message(rows, at_buffer, at_rows)))
    if rows >= ROW_LIMIT_NEAR:
        warnings.append(Warning("row-limit-near", _row_limit_message(rows)))
    whole = cut_row is None or at_buffer
    return bool(at_buffer or at_rows or cut_row), cut_row, whole, warnings


def _room_left(found: Found, stats: ModuleStats) -> int:
    """Bytes that the kernel's buffer had left after the text; none means that it cut it."""
    if not found.has_table:
        return LONGEST_ROW
    limit = buffer_limit(stats.failures)
    if found.exact:
        return limit - (found.end - found.start)
    room = limit - len(render_uncut(stats))
    # A pasted text has lost its exact length: a half row right where the buffer ends is a cut.
    hidden = stats.failures > stats.duplicate_failures
    return 0 if hidden and 0 < room < LONGEST_ROW and _fits_into(found.tail, room) else room


def _fits_into(tail: str, room: int) -> bool:
    """Whether `tail` can be what `room` bytes show of a row: a name, a count, part of a reason."""
    words = tail.split(None, 2)
    if not words or len(tail) > LONGEST_ROW:
        return False
    columns = 1 + (room > 26) + (room > 42)
    reason = len(words) < 3 or any(label.startswith(words[2].rstrip()) for label in REASONS)
    count = len(words) < 2 or words[1].isdecimal()
    return reason and count and columns - 1 <= len(words) <= columns and len(words[0]) <= room


def _cut_row(found: Found, room: int) -> CutRow | None:
    """The half row, if what follows the last whole one is one."""
    if not found.tail or not (found.exact or room <= 0):
        return None
    parts = found.tail.split("\t") if found.exact else found.tail.split(None, 2)
    name, count = parts[0].strip(), parts[1].strip() if len(parts) > 2 else ""
    return CutRow(found.tail, name, int(count) if count.isdecimal() and len(count) <= 20 else None)


def _row_cut_message(cut: CutRow, at_buffer: bool) -> str:
    why = "the kernel's buffer was full" if at_buffer else "half written or half copied"
    name = f"“{harmless(cut.module)}”" if cut.module else "without even a name"
    known = f"count {cut.times}" if cut.times is not None else "its count is not known"
    return f"The last row, {name}, is cut ({why}); {known}."


def _truncated_message(rows: int, at_buffer: bool, at_rows: bool) -> str:
    if at_rows:
        return f"The kernel prints {ROW_LIMIT} rows at most: older duplicates may be missing."
    if at_buffer:
        return f"The kernel's buffer cut the table after {rows} rows: older ones are missing."
    return f"The text ends within the table after {rows} whole rows."


def _row_limit_message(rows: int) -> str:
    return (
        f"The table has {rows} rows; from the 112th on, reading it makes the kernel warn,"
        " and panics a machine with panic_on_warn set."
    )


def _judge_numbers(block: Block) -> Iterator[Warning]:
    """Sums and averages against the counters, as far as the text has them."""
    stats = block.stats
    for name in BYTE_COUNTERS:
        if stats.counter(name) >= ABSURD_BYTES:
            what = f"{name} is {stats.counter(name)}: no bytes of memory, but a negative number"
            yield Warning("negative-bytes", f"{what} or an absurd length that was added.")
    total = stats.virtual_mem_wasted_bytes
    known = block.wasted is not None and not any(s.bytes in block.missing for s in STAGES)
    if known and block.wasted not in (total, total % (1 << 32)):
        yield Warning(
            "sum-mismatch",
            f"The text says {block.wasted} bytes wasted, its four byte counters sum to {total}.",
        )
    for label, average in AVERAGE_LABELS.items():
        printed, own = block.averages.get(average.key), stats.average(average)
        if {average.total, average.divisor} & set(block.missing) or printed == own:
            continue
        if printed is not None:
            yield Warning(
                "average-mismatch",
                f"“{label}” is {printed}, the counters give {'none' if own is None else own}"
                " (they are not read in one instant).",
            )
