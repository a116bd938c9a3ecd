"""A kernel log that is all there is: what it tells of modules."""

from collections.abc import Iterator
from typing import Any

from .. import units
from ..diagnosis.evidence.kernel_log import KernelLog
from ..plain import harmless

_MOST_NAMES = 12


def log_text(log: KernelLog, label: str, how: str = "iec") -> str:
    """Several lines, the answer first."""
    return "\n".join(_lines(log, label, how)) + "\n"


def _who(log: KernelLog) -> str:
    if not log.asked:
        return "not told by this log"
    return "the kernel: its autoloader asked; whether that wasted anything, a log does not tell"


def _what(log: KernelLog) -> str:
    parts = []
    if log.asked:
        number = units.counted(sum(log.asked.values()), "duplicate request")
        parts.append(f"{number} of the kernel's autoloader")
    if log.no_space:
        parts.append(f"{units.counted(log.no_space, 'allocation')} of address space failed")
    if log.busy:
        parts.append(f"{units.counted(log.busy, 'time')} too many modprobes ran at once")
    return "; ".join(parts) or "nothing about modules that were refused"


def _when(log: KernelLog) -> str:
    if log.first is None or log.last is None:
        return "not told by this log"
    if log.first == log.last:
        return f"{log.first:,.1f} s after boot"
    return f"{log.first:,.1f} s to {log.last:,.1f} s after boot"


def _lines(log: KernelLog, label: str, how: str) -> Iterator[str]:
    yield "? NO STATISTICS  a kernel log alone: nothing is known of bytes"
    yield f"  what  {_what(log)}"
    yield f"  when  {_when(log)}"
    yield f"  who   {_who(log)}"
    yield ""
    kernel = f", kernel {harmless(log.release)}" if log.release else ""
    yield f"Kernel log {harmless(label)}: {units.counted(log.lines, 'line')}{kernel}"
    names = sorted(log.asked.items(), key=lambda entry: (-entry[1], entry[0]))
    for name, number in names[:_MOST_NAMES]:
        yield f"  {units.counted(number, 'time'):>10}  {harmless(name)}"
    if len(names) > _MOST_NAMES:
        yield f"  and {len(names) - _MOST_NAMES} more"
    if log.no_space:
        yield f"The largest allocation that failed was of {units.size(log.no_space_bytes, how)}."


def log_object(log: KernelLog, label: str) -> dict[str, Any]:
    """The report object; the statistics are not known."""
    return {
        "schema": "kmodtop.report/1",
        "source": label,
        "kernel": log.release,
        "counters": None,
        "virtual_mem_wasted_bytes": None,
        "duplicates": None,
        "verdict": {"level": "unknown", "what": _what(log), "when": _when(log), "who": _who(log)},
        "findings": [],
        "module_bytes": [],
        "storms": [],
        "kernel_log": {
            "duplicate_requests": dict(log.asked),
            "first_s": log.first,
            "last_s": log.last,
            "allocations_failed": log.no_space,
            "kmod_busy": log.busy,
        },
    }
