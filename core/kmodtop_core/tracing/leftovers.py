"""What kmodtops that are gone have left in tracefs, and taking it away.

Source: Documentation/trace/kprobetrace.rst (-:GROUP/EVENT removes one), ftrace.rst (instances).
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from ..machine.facts import Machine

PLACES = ("/sys/kernel/tracing", "/sys/kernel/debug/tracing")

_GROUP = re.compile(r"kmodtop_(\d{1,10})_(\d{1,20})(?:_[a-z]{1,10})?")
_DEFINED = re.compile(
    r"^[a-z]\d*:(kmodtop_\d{1,10}_\d{1,20}(?:_[a-z]{1,10})?)/(\w{1,60}) ", re.MULTILINE
)


def append(path: str, text: str) -> None:
    """Without O_TRUNC: opening kprobe_events with it removes the probes of everybody."""
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    try:
        os.write(fd, f"{text}\n".encode())
    finally:
        os.close(fd)


def root_of(machine: Machine) -> str:
    """Where tracefs is, or belongs."""
    for place in PLACES:
        if os.path.exists(os.path.join(machine.path(place), "trace_pipe")):
            return machine.path(place)
    return machine.path(PLACES[0])


def definitions(root: str) -> str:
    """The file that takes definitions of probes: that of all kinds, where the kernel has it."""
    path = os.path.join(root, "dynamic_events")
    return path if os.path.exists(path) else os.path.join(root, "kprobe_events")


def start_time(machine: Machine, pid: int) -> str | None:
    """Clock ticks since boot at which the process began; None where it is gone (proc(5))."""
    stat = machine.read(f"/proc/{pid}/stat")
    fields = stat.rpartition(")")[2].split() if stat else []
    return fields[19] if len(fields) > 19 else None


def leftovers(machine: Machine) -> Iterator[tuple[str, list[str]]]:
    """(group, its probes) of those whose process is gone; instances too."""
    root = root_of(machine)
    found: dict[str, list[str]] = {}
    with suppress(OSError):
        for name in os.listdir(os.path.join(root, "instances")):
            if _GROUP.fullmatch(name):
                found[name] = []
    for file in ("dynamic_events", "kprobe_events"):
        with suppress(OSError), open(os.path.join(root, file), "rb") as events:
            for group, name in _DEFINED.findall(events.read(4 << 20).decode("ascii", "replace")):
                if name not in found.setdefault(group, []):
                    found[group].append(name)
    for group, names in found.items():
        match = _GROUP.fullmatch(group)
        if match and start_time(machine, int(match[1])) != match[2]:
            yield group, names


def clear(machine: Machine) -> list[str]:
    """Takes away what others have left that are gone; returns what could be. Never raises."""
    root, cleared = root_of(machine), []
    for group, names in list(leftovers(machine)):
        take_away(root, group, names)
        cleared.append(group)
    return cleared


def take_away(root: str, group: str, names: Sequence[str]) -> None:
    """An instance and the probes of its group, as far as that is allowed. Never raises."""
    with suppress(OSError):
        os.rmdir(os.path.join(root, "instances", group))
    for name in names:
        with suppress(OSError):
            append(definitions(root), f"-:{group}/{name}")
