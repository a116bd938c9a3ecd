"""Evidence of this machine, as named pieces: what tells who asked for modules, nothing else.

A bundle holds the same pieces as files, a recording keeps them beside the texts.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress

from .aliases import AliasTable
from .facts import Machine, unhindered
from .module_files import read_index, sizes_of

_ABOUT = re.compile(r"module|vmap|vmalloc|kmod|modprobe|Linux version|udev", re.IGNORECASE)
_COMMAND_LINE = re.compile(r"\b(command line|passed to user space)\b", re.IGNORECASE)

_MOST_DEVICES = 200_000
_MOST_LOG = 8 << 20
_MOST_TRACE = 64 << 20
_PATIENCE_S = 3.0

_OPTIONS = (
    "CONFIG_MODULE_STATS",
    "CONFIG_MODULE_DEBUG_AUTOLOAD_DUPS",
    "CONFIG_MODULE_COMPRESS",
    "CONFIG_MODULE_DECOMPRESS",
    "CONFIG_MODULE_SIG",
    "CONFIG_KPROBE_EVENTS",
    "CONFIG_FTRACE_SYSCALLS",
)

_UNITS = (
    "systemd-udev-trigger.service",
    "systemd-udev-settle.service",
    "systemd-modules-load.service",
    "initrd-switch-root.target",
    "sysinit.target",
    "basic.target",
    "multi-user.target",
    "graphical.target",
)


def gather(machine: Machine, failed: Iterable[str]) -> dict[str, bytes]:
    """All pieces that there are; `failed`: modules of the table. Takes a second or two."""
    aliases = modaliases(machine)
    indexes = [read_index(machine, f"modules.{n}") for n in ("alias", "dep", "softdep")]
    table = AliasTable(*indexes)
    modules = set(failed)
    alias_lines, dep_lines = table.relevant(aliases, modules)
    pieces = {
        "meta.json": _json(_facts(machine)),
        "modaliases.json": _json(aliases) if aliases else b"",
        "modules.alias": alias_lines.encode() if not table.is_empty else b"",
        "modules.dep": dep_lines.encode() if not table.is_empty else b"",
        "modules.softdep": indexes[2].encode(),
        "sizes.json": _json(sizes_of(modules, machine)) if modules else b"",
        "modules.txt": loaded(machine).encode(),
        "kmsg.txt": about_modules(kernel_log(machine)).encode(),
        "systemd.txt": milestones(machine).encode(),
        "trace.txt": boot_trace(machine),
    }
    return {name: data for name, data in pieces.items() if data}


def _json(value: object) -> bytes:
    return json.dumps(value, indent=0, ensure_ascii=True).encode()


def _facts(machine: Machine) -> dict[str, object]:
    options = {name: machine.option(name) for name in _OPTIONS}
    return {
        "kernel": machine.kernel,
        "cpus": machine.host.cpus,
        "boot_id": machine.host.boot_id,
        "kmod": first_line(machine, "modprobe", "--version"),
        "systemd": first_line(machine, "systemctl", "--version"),
        "options": {name: value for name, value in options.items() if value is not None},
    }


def modaliases(machine: Machine) -> dict[str, list[str]]:
    """{MODALIAS: devices below /sys}, from each device's uevent file (sysfs(5))."""
    found: dict[str, list[str]] = {}
    for place, alias in devices(machine):
        if alias is not None:
            found.setdefault(alias, []).append(place)
    return found


def devices(machine: Machine) -> Iterator[tuple[str, str | None]]:
    """(place below /sys, its MODALIAS if it has one) of each device that has a uevent file."""
    root, number = machine.path("/sys"), 0
    for folder, _, files in os.walk(os.path.join(root, "devices")):
        if "uevent" not in files:
            continue
        number += 1
        if number > _MOST_DEVICES:
            return
        alias = None
        path = os.path.join(folder, "uevent")
        with suppress(OSError), open(path, "rb", opener=unhindered) as file:
            match = re.search(rb"^MODALIAS=(.+)$", file.read(65536) or b"", re.MULTILINE)
            alias = match[1].decode("utf-8", "replace") if match else None
        yield os.path.relpath(folder, root), alias


def loaded(machine: Machine) -> str:
    """/proc/modules without addresses."""
    lines = (machine.read("/proc/modules") or "").splitlines()
    return "".join(" ".join(line.split()[:5]) + "\n" for line in lines)


def kernel_log(machine: Machine) -> str:
    """What is left of the kernel log; empty without the right to read it (syslog(2))."""
    parts: list[bytes] = []
    try:
        fd = os.open(machine.path("/dev/kmsg"), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        size = 0
        while size < _MOST_LOG:
            try:
                part = os.read(fd, 8192)
            except BrokenPipeError:
                continue  # lines were overwritten meanwhile
            except OSError:
                break  # there is no more
            if not part:
                break
            parts.append(part)
            size += len(part)
    finally:
        os.close(fd)
    return b"".join(parts).decode("utf-8", "replace")


def about_modules(text: str) -> str:
    """The lines of a log about modules, and nothing else of the machine: the kernel's command line
    is none of them, whatever words it has (start_kernel() and setup_arch() print it)."""
    lines = (line for line in text.splitlines() if _ABOUT.search(line))
    return "".join(f"{line}\n" for line in lines if not _COMMAND_LINE.search(line))


def boot_trace(machine: Machine) -> bytes:
    """What the probes on the kernel's command line have told, if there are any; nothing without
    the right to read it."""
    if "kprobe_event=" not in (machine.read("/proc/cmdline") or ""):
        return b""
    for place in ("/sys/kernel/tracing", "/sys/kernel/debug/tracing"):
        with suppress(OSError), open(machine.path(f"{place}/trace"), "rb") as file:
            return file.read(_MOST_TRACE) + _missed(machine.read(f"{place}/kprobe_profile") or "")
    return b""


def _missed(profile: str) -> bytes:
    """Hits that the probes have missed, as the kernel tells of lost events (kprobe_profile)."""
    words = [line.split() for line in profile.splitlines()]
    lost = sum(int(w[2]) for w in words if len(w) == 3 and w[2].isdigit())
    return b"CPU:0 [LOST %d EVENTS]\n" % lost if lost else b""


def milestones(machine: Machine) -> str:
    """What systemd has reached when: its own properties and those of some units."""
    if machine.root != "/" or not os.path.isdir("/run/systemd/system"):
        return ""
    times = "-pUserspaceTimestampMonotonic", "-pFinishTimestampMonotonic"
    manager = _output("systemctl", "show", *times)
    units = _output("systemctl", "show", "-pId", "-pActiveEnterTimestampMonotonic", *_UNITS)
    return f"{manager}\n{units}" if manager or units else ""


def first_line(machine: Machine, *words: str) -> str | None:
    """What a program of this machine prints first; None where it is not there, or another's."""
    return _output(*words).partition("\n")[0][:80] or None if machine.root == "/" else None


def _output(*words: str) -> str:
    try:
        done = subprocess.run(
            words, capture_output=True, timeout=_PATIENCE_S, stdin=subprocess.DEVNULL, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")[:65536]
