"""Requesters: who is named for a call of a process, and how sure that is.

Whoever runs modprobe or insmod is named, not these. Of a modprobe whose parent nobody knows
nobody is: it may be the kernel's.
"""

from typing import NamedTuple

from .processes import Life

LOADERS = frozenset(("modprobe", "insmod", "kmod", "exe"))
"""Commands that load for somebody else."""

_BETWEEN = frozenset(("sudo", "doas", "xargs", "timeout"))
"""Commands that run another for whoever has called them."""

_UDEV = frozenset(("(udev-worker)", "systemd-udevd", "udevd", "(systemd-udevd)", "udev-worker"))
_NAMES = {"systemd-modules": "systemd-modules-load"}
"""Commands that the kernel cuts after 15 bytes."""


class Autoload(NamedTuple):
    """What the kernel asked for. `task` ran into it, within `call_site`; None where not told."""

    alias: str | None
    task: str | None = None
    call_site: str | None = None


class Requester(NamedTuple):
    """Who asked. `is_kernel`: its autoloader did, None where that is not told; `name` is None for
    the kernel. `command`: what ran; `parent` started it. `is_sure`: an event told so, not a look
    at what there was afterwards."""

    is_kernel: bool | None
    name: str | None
    command: str
    parent: str | None = None
    unit: str | None = None
    autoload: Autoload | None = None
    is_sure: bool = True

    @property
    def key(self) -> tuple[bool | None, str | None]:
        """By which requests are laid together."""
        return self.is_kernel, self.name


def requester_of(life: Life, comm: str, autoload: Autoload | None = None) -> Requester:
    """Who is named for a call of that process."""
    comm = comm or life.comm
    if autoload is not None:
        return Requester(True, None, comm, None, None, autoload)
    if not comm:
        return Requester(None, "?", "?", None, life.unit_of_line)
    parent = life.forked_by or (life.parent.comm if life.parent is not None else "") or None
    unit = life.unit_of_line
    if comm in _UDEV and (parent is None or parent in _UDEV or parent == "systemd"):
        return Requester(False, "udev", comm, parent, unit)
    if comm not in LOADERS:
        return Requester(False, _NAMES.get(comm, comm), comm, parent, unit)
    is_sure = True
    for above in life.line():
        is_sure = is_sure and above.is_forked
        starter = above.forked_by or (above.parent.comm if above.parent is not None else "")
        if above.parent is None or not starter:
            return Requester(None, comm, comm, parent, unit)
        if above.parent.pid <= 1:
            break  # a unit that does nothing else
        if starter in _UDEV:
            return Requester(False, "udev", comm, parent, unit, None, is_sure)
        if starter not in LOADERS | _BETWEEN:
            name = _NAMES.get(starter, starter)
            return Requester(False, name, comm, parent, unit, None, is_sure)
    return Requester(False, comm, comm, parent, unit)
