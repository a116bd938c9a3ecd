"""The kernel's side of the stats file: its labels, its limits, its exact bytes.

Source of every fact here: kernel/module/stats.c, read_file_mod_stats().
"""

from collections.abc import Iterator

from .values import AVERAGES, BYTE_COUNTERS, COUNTERS, ROW_LIMIT, U32, ULONG, Duplicate, ModuleStats

WASTED_LABEL = "Virtual mem wasted bytes"

LABELS = dict(
    zip(
        (
            "Mods ever loaded",
            "Mods failed on kread",
            "Mods failed on decompress",
            "Mods failed on becoming",
            "Mods failed on load",
            "Total module size",
            "Total mod text size",
            "Failed kread bytes",
            "Failed decompress bytes",
            "Failed becoming bytes",
            "Failed kmod bytes",
        ),
        COUNTERS,
        strict=True,
    )
)
"""Label to counter; always printed, in this order, followed by WASTED_LABEL."""

MODULI = {label: ULONG if name in BYTE_COUNTERS else U32 for label, name in LABELS.items()}
"""Label to what its counter wraps at, on 64-bit machines."""

AVERAGE_LABELS = dict(
    zip(
        (
            "Average mod size",
            "Average mod text size",
            "Avg fail kread bytes",
            "Avg fail becoming bytes",
            "Avg fail decomp bytes",
            "Average fail load bytes",
        ),
        AVERAGES,
        strict=True,
    )
)
"""Label to average; each printed only when neither of its counters is 0."""

COUNTED = "Counted by kmodtop since {:.6f} s after boot"
"""First line of a text that kmodtop makes from a trace, where the kernel has no statistics."""

UNSEEN = (
    "failed_kreads",
    "failed_decompress",
    "total_mod_size",
    "total_text_size",
    "invalid_kread_bytes",
    "invalid_decompress_bytes",
)
"""Counters that such a text lacks: no event tells them."""

COUNTED_LABELS = {label: name for label, name in LABELS.items() if name not in UNSEEN}

TABLE_TITLE = "Duplicate failed modules:"

LONGEST_ROW = 55 + 1 + 15 + 1 + 25 + 1
"""Bytes of a row with the longest name (MODULE_NAME_LEN - 1) and its newline."""

_HEAD_BUFFER, _ROW_BUFFER, _MAX_ROWS = 1024, 64, ROW_LIMIT + 1


def buffer_limit(failures: int) -> int:
    """Bytes that fit into the buffer which the kernel sizes by becoming plus load failures.

    It counts on 64 bytes a row where one takes 68 or more, so tables are cut.
    """
    return _HEAD_BUFFER - 1 + _ROW_BUFFER * min(failures, _MAX_ROWS)


def render(stats: ModuleStats, modulus: int = ULONG) -> bytes:
    """The bytes that the kernel prints for `stats`, its row and buffer limits included.

    `modulus` is that of its unsigned long: ULONG on 64-bit machines, U32 on 32-bit ones.
    """
    return render_uncut(stats, modulus)[: buffer_limit(stats.failures)]


def render_uncut(stats: ModuleStats, modulus: int = ULONG) -> bytes:
    """The same as far as the row limit, as if the buffer were large enough."""
    text = "".join(f"{label:>25}\t{value}\n" for label, value in _head(stats, modulus)).encode()
    table = _TABLE_HEAD if stats.duplicates else b""
    return text + table + b"".join(map(_row, stats.duplicates[:ROW_LIMIT]))


def render_counted(stats: ModuleStats, since: float) -> bytes:
    """A text of what was counted since that moment (seconds since boot), after the kernel's
    fashion: counters that nobody saw are left out, and no row is."""
    parts = [f"{COUNTED.format(since)}\n".encode()]
    for label, value in _head(stats, ULONG):
        average = AVERAGE_LABELS.get(label)
        unseen = LABELS.get(label) in UNSEEN or (average and average.total in UNSEEN)
        if not unseen:
            parts.append(f"{label:>25}\t{value}\n".encode())
    if stats.duplicates:
        parts.append(_TABLE_HEAD)
    return b"".join((*parts, *map(_row, stats.duplicates)))


_TABLE_HEAD = (
    f"{TABLE_TITLE}\n{'Module-name':>25}\t{'How-many-times':>15}\t{'Reason':>25}\n".encode()
)


def _row(row: Duplicate) -> bytes:
    """The kernel pads bytes, not characters."""
    name = row.module.encode("utf-8", "surrogateescape")
    return b"%25s\t%15d\t%25s\n" % (name, row.times, row.reason.label.encode())


def _head(stats: ModuleStats, modulus: int) -> Iterator[tuple[str, int]]:
    yield from ((label, stats.counter(name)) for label, name in LABELS.items())
    yield WASTED_LABEL, stats.virtual_mem_wasted_bytes % modulus
    for label, average in AVERAGE_LABELS.items():
        value = stats.average(average, modulus)
        if value is not None:
            yield label, value
