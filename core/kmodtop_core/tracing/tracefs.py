"""Tracing by a group of probes and an instance of its own, which nothing of is left behind.

Sources: Documentation/trace/ftrace.rst (instances, buffer_size_kb, trace_pipe),
kprobetrace.rst (definitions; -:GROUP/EVENT removes one), kernel/trace/trace_kprobe.c.

All of it has the name kmodtop_PID_STARTTIME. A shell, which the reader's end ends, takes it
away again: it is root still where kmodtop has given root up, and it outlives a kill -9. What
is left when both die is taken away by the next start, or by kmodtop doctor --clean.
"""

import errno
import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from ..errors import SourceError, Trouble
from ..machine.as_root import as_root
from ..machine.facts import Machine
from .leftovers import PLACES, append, clear, definitions, root_of, start_time, take_away
from .probes import EVENTS, Probe

_LEAST_KB, _MOST_KB, _ALL_KB = 16, 512, 16384
"""Of a CPU's buffer, and of all together."""

_MOST_READ = 16 << 20
"""Bytes of a trace that are taken at a time."""

_PATIENCE_S = 5.0

_WATCH = r"""
trap '' INT TERM HUP QUIT PIPE
echo ready
exec > /dev/null
while read -r _; do :; done
cd "$1" || exit 1
group=$2 defined=$3
shift 3
n=0
while [ -d "instances/$group" ] && [ $n -lt 50 ]; do
    rmdir "instances/$group" && break
    sleep 0.1
    n=$((n + 1))
done
for event; do
    echo "-:$group/$event" >> "$defined"
done
"""
"""A shell that waits for its input to end, then takes the instance and the probes away."""


class Tracer:
    """Probes in a group of their own and the trace that they make.

    `told`: what is not as it could be, as a sentence each. `refused`: probes that the kernel did
    not take. `events`: of the kernel's own; `suffix`: of the group's name, where there are two.
    """

    def __init__(
        self,
        machine: Machine,
        probes: Sequence[Probe],
        events: Sequence[str] = EVENTS,
        suffix: str = "",
    ) -> None:
        self._machine, self._probes, self._events = machine, probes, events
        self.root = root_of(machine)
        self.group = f"kmodtop_{os.getpid()}_{start_time(machine, os.getpid()) or 0}{suffix}"
        self.refused: list[str] = []
        self._defined: list[str] = []
        self._pipe = self._profile = -1
        self._watch: subprocess.Popen[bytes] | None = None
        self._missed = 0

    def begin(self) -> None:
        """Defines the probes and begins to trace. Raises SourceError where that cannot be."""
        if why := why_not(self._machine):
            raise SourceError(why)
        clear(self._machine)
        self.refused, self._defined = [], []
        try:
            self._begin()
        except OSError as error:
            self.end()
            raise SourceError(_failed(error)) from None
        except SourceError:
            self.end()
            raise

    def _begin(self) -> None:
        self._guard()
        for probe in self._probes:
            self._define(probe)
        os.mkdir(self._instance())
        self._write("trace_clock", "boot")
        self._write("buffer_size_kb", str(buffer_kb(self._machine.host.cpus or 1)))
        for probe in self._probes:
            if probe.filter and probe.name in self._defined:
                self._write(f"events/{self.group}/{probe.name}/filter", probe.filter)
        for event in (*self._events, *(f"{self.group}/{name}" for name in self._defined)):
            with suppress(FileNotFoundError):
                self._write(f"events/{event}/enable", "1")
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
        self._pipe = os.open(self._instance("trace_pipe"), flags)
        with suppress(OSError):
            self._profile = os.open(os.path.join(self.root, "kprobe_profile"), flags)
        self._missed = 0
        self.missed()  # from what others of these names have missed before on

    def _guard(self) -> None:
        """The shell that takes all of it away."""
        names = [probe.name for probe in self._probes]
        words = [
            "sh",
            "-c",
            _WATCH,
            "kmodtop-watch",
            self.root,
            self.group,
            definitions(self.root),
            *names,
        ]
        self._watch = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            close_fds=True,
            cwd="/",
        )
        assert self._watch.stdout is not None
        self._watch.stdout.readline()  # from now on no signal ends it
        self._watch.stdout.close()

    def _define(self, probe: Probe) -> None:
        most = str(max(64, min(4096, 4 * (self._machine.host.cpus or 1))))
        error: OSError | None = None
        for way in probe.ways:
            line = way.replace("{most}", most).replace("{}", f"{self.group}/{probe.name}")
            try:
                append(definitions(self.root), line)
            except OSError as refused:
                error = refused
                continue
            self._defined.append(probe.name)
            return
        if probe.needed and error is not None:
            raise SourceError(
                Trouble(
                    "no-probe",
                    f"this kernel takes no probe on {probe.ways[0].split()[1]}"
                    f" ({error.strerror}), without which the others tell nothing",
                    "look into its error_log; kmodtop works without tracing, too",
                    definitions(self.root),
                )
            )
        self.refused.append(probe.name)

    def _instance(self, *names: str) -> str:
        return os.path.join(self.root, "instances", self.group, *names)

    def _write(self, name: str, value: str) -> None:
        append(self._instance(name), value)

    def read(self) -> bytes:
        """What has come since the last time; whole lines, as trace_pipe hands out no others."""
        parts: list[bytes] = []
        size = 0
        while self._pipe >= 0 and size < _MOST_READ:
            try:
                part = os.read(self._pipe, 65536)
            except BlockingIOError:
                break
            except InterruptedError:
                continue
            if not part:
                break
            parts.append(part)
            size += len(part)
        return b"".join(parts)

    def missed(self) -> int:
        """How many more hits the probes have missed since the last time (kprobe_profile)."""
        if self._profile < 0:
            return 0
        try:
            text = os.pread(self._profile, 1 << 20, 0).decode("ascii", "replace")
        except OSError:
            return 0
        found = 0
        names = set(self._defined)
        for line in text.splitlines():
            words = line.split()
            # Names only, not groups: those of others who probe the same are counted too.
            if len(words) == 3 and words[0] in names and words[2].isdigit():
                found += int(words[2])
        more, self._missed = max(0, found - self._missed), max(found, self._missed)
        return more

    def end(self) -> None:
        """Ends the trace; the shell takes all of it away."""
        for fd in (self._pipe, self._profile):
            if fd >= 0:
                os.close(fd)
        self._pipe = self._profile = -1
        watch, self._watch = self._watch, None
        if watch is None:
            return
        if watch.stdin is not None:
            watch.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            watch.wait(_PATIENCE_S)
        if watch.returncode:  # somebody has ended the shell
            take_away(self.root, self.group, [probe.name for probe in self._probes])


def buffer_kb(cpus: int) -> int:
    """KiB of a CPU's buffer: as much as a storm needs, and not more than 16 MiB together."""
    return max(_LEAST_KB, min(_MOST_KB, _ALL_KB // cpus))


def why_not(machine: Machine) -> Trouble | None:
    """What keeps this machine from being traced; None where nothing is known to."""
    place = PLACES[0]
    if os.geteuid() != 0:
        return Trouble("permission", "only root may trace", f"start with {as_root()}", place)
    root = root_of(machine)
    lockdown = machine.read("/sys/kernel/security/lockdown") or ""
    if "[confidentiality]" in lockdown:
        what = "tracing is closed, as the kernel is locked down (confidentiality)"
        return Trouble("lockdown", what, "boot with lockdown=integrity, or without it", place)
    if not os.path.exists(os.path.join(root, "trace_pipe")):
        if not os.path.isdir(machine.path(place)):
            what = "there is no such folder: a container, or a kernel without CONFIG_FTRACE"
            return Trouble("no-tracefs", what, "run kmodtop on the host itself", place)
        what = "tracefs is not mounted, or this is a container"
        return Trouble("no-tracefs", what, f"as root: mount -t tracefs nodev {place}", place)
    if not os.path.exists(os.path.join(root, "kprobe_events")):
        what = "this kernel has no probes (CONFIG_KPROBE_EVENTS)"
        return Trouble("no-kprobes", what, "boot one that has them", place)
    return None


def _failed(error: OSError) -> Trouble:
    reason = error.strerror or type(error).__name__
    fix = "see the kernel log"
    if error.errno == errno.ENOMEM:
        fix = "free some memory: a buffer of 16 MiB is needed"
    where = error.filename if isinstance(error.filename, str) else PLACES[0]
    return Trouble("no-trace", f"cannot be traced ({reason})", fix, where)
