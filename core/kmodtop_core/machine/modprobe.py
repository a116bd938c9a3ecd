"""What keeps modules out, and who unpacks them (modprobe.d(5), kmod(8))."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress

from .facts import Machine

_FOLDERS = (
    "/etc/modprobe.d",
    "/run/modprobe.d",
    "/usr/local/lib/modprobe.d",
    "/usr/lib/modprobe.d",
    "/lib/modprobe.d",
)

_LEAVES_UNPACKING = 31
"""From this version on kmod leaves the unpacking to the kernel, where that can (its NEWS)."""


def barred(machine: Machine) -> Iterator[str]:
    """Modules that no alias is to load: `blacklist` lines, `install` lines that load nothing, and
    the kernel's command line. Of files with one name that in the first folder counts."""
    for place in _files(machine):
        yield from _barred_in(machine.read(place) or "")
    yield from _words(machine, "modprobe.blacklist")
    yield from refused(machine)


def refused(machine: Machine) -> Iterator[str]:
    """Modules that the kernel itself refuses (kernel-parameters.txt, module_blacklist=)."""
    yield from _words(machine, "module_blacklist")


def _files(machine: Machine) -> Iterator[str]:
    seen: set[str] = set()
    for folder in _FOLDERS:
        with suppress(OSError):
            for name in sorted(os.listdir(machine.path(folder))):
                if name.endswith(".conf") and name not in seen:
                    seen.add(name)
                    yield f"{folder}/{name}"


def _words(machine: Machine, key: str) -> Iterator[str]:
    for word in (machine.read("/proc/cmdline") or "").split():
        name, _, value = word.partition("=")
        if name == key:
            yield from (_name(module) for module in value.split(",") if module)


def _barred_in(text: str) -> Iterator[str]:
    for line in text.splitlines():
        words = [*line.split(), "", "", ""]
        loads_nothing = words[0] == "install" and os.path.basename(words[2]) in _NOTHING
        if words[1] and (words[0] == "blacklist" or loads_nothing):
            yield _name(words[1])


_NOTHING = ("false", "true")


def _name(word: str) -> str:
    return word.replace("-", "_")


def leaves_unpacking(version: str | None) -> bool:
    """Whether a kmod of that version lets the kernel unpack; also where it is not known."""
    match = re.search(r"kmod version (\d+)", version or "")
    return match is None or int(match[1]) >= _LEAVES_UNPACKING
