"""What an initramfs has kept of this boot before anything else ran: a file a text."""

import os

from ..machine.facts import Machine
from ..sample import Instant, Sample
from .base import now

_FOLDER = "/run/kmodtop/early"
_MOST_BYTES = 1 << 16


def early_samples(machine: Machine) -> list[Sample]:
    """The texts with the times in their files' names (seconds since boot), oldest first.

    Whoever writes them is asked to end. Unreadable and foreign files are skipped.
    """
    folder = machine.path(_FOLDER)
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    _stop(folder)
    present = now()
    found = []
    for name in names:
        at = _seconds(name)
        if at is None or at > present.uptime:
            continue
        try:
            with open(os.path.join(folder, name), "rb") as file:
                text = file.read(_MOST_BYTES)
        except OSError:
            continue
        wall = None if present.wall is None else present.wall - present.uptime + at
        found.append(Sample(Instant(at, wall), text, machine.host))
    return sorted(found, key=lambda sample: sample.at.uptime)


def _seconds(name: str) -> float | None:
    return float(name) if name.replace(".", "", 1).isdecimal() and len(name) < 20 else None


def _stop(folder: str) -> None:
    try:
        os.close(os.open(os.path.join(folder, "stop"), os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError:
        return  # a read-only place: nobody writes there either
