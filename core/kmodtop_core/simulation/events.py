"""Lists of load events, played through the kernel model.

The format is that of samples/events/: a JSON object with `name`, `bits` and
`events`, each with an `op` and its fields.
"""

import json
from collections.abc import Iterator
from typing import Any

from ..errors import Exit, SourceError, Trouble
from ..stats.values import FailReason
from .bookkeeping import KernelTracker


def play(data: bytes, label: str) -> Iterator[tuple[str, KernelTracker]]:
    """(name of the snapshot, the model at that point) for each snapshot in the list, in order.

    Raises SourceError naming the event that cannot be used.
    """
    try:
        listing = json.loads(data)
        kernel = KernelTracker(listing.get("bits", 64))
        events = list(listing["events"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _broken(label, f"is no list of load events ({error})") from None
    for number, event in enumerate(events, 1):
        try:
            snapshot = _apply(kernel, event)
        except (KeyError, TypeError, ValueError) as error:
            raise _broken(label, f"event {number} cannot be played ({error!r})") from None
        if snapshot is not None:
            yield snapshot, kernel


def _apply(kernel: KernelTracker, event: dict[str, Any]) -> str | None:
    """Plays one event; returns the name if it is a snapshot."""
    op = event["op"]
    if op == "snapshot":
        return str(event["file"])
    if op == "loaded":
        kernel.loaded(_known(event, "size"), _known(event, "text"))
    elif op == "failed_kread":
        kernel.failed_kread(_size(event, "bytes"))
    elif op == "failed_decompress":
        kernel.failed_decompress(_size(event, "bytes"))
    elif op in ("failed_becoming", "failed_load"):
        _refuse(kernel, event, op)
    else:
        raise ValueError(f"unknown op {op!r}")
    return None


def _refuse(kernel: KernelTracker, event: dict[str, Any], op: str) -> None:
    packed = _size(event, "compressed_len") if event.get("compressed_len") is not None else None
    refuse, reason = (
        (kernel.failed_becoming, FailReason.BECOMING)
        if op == "failed_becoming"
        else (kernel.failed_load, FailReason.LOAD)
    )
    refuse(_size(event, "len"), packed)
    if event["duplicate"]:
        name = str(event["module"])
        name.encode("utf-8", "surrogateescape")  # raises ValueError for what no kernel can print
        kernel.duplicate(name, reason)


def _known(event: dict[str, Any], key: str) -> int:
    """Bytes; nothing is added where they are null, as nobody knows them."""
    return 0 if event[key] is None else _size(event, key)


def _size(event: dict[str, Any], key: str) -> int:
    value = event[key]
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{key} must be a whole number of bytes, not {value!r}")
    return value


def _broken(label: str, problem: str) -> SourceError:
    fix = "see samples/events for lists that work"
    return SourceError(Trouble("bad-events", problem, fix, label), Exit.NO_STATISTICS)
