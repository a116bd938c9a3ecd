"""What this machine says of itself.

Everything is read below `root`, so that another machine's /proc and /sys can be
laid out in a folder. Sources: proc(5), Documentation/filesystems/debugfs.rst,
kernel/module/Kconfig.
"""

import os
import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from ..sample import Host

STATS_PATH = "/sys/kernel/debug/modules/stats"
DEBUGFS = "/sys/kernel/debug"

KERNEL_PSEUDO = frozenset(
    {"debugfs", "tracefs", "sysfs", "proc", "configfs", "securityfs", "cgroup2"}
)
"""File systems whose files are generated at each read and whose changes nothing announces."""

_POLLED = KERNEL_PSEUDO | {"nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "afs", "ceph"}
"""The same for inotify: besides those of the kernel, all that others write to from afar."""


_NAMELESS = "(none)"
"""What the kernel calls a machine that nobody has named yet (CONFIG_DEFAULT_HOSTNAME)."""


class Mount(NamedTuple):
    """A line of /proc/self/mountinfo."""

    id: int
    point: str
    kind: str


def unhindered(path: str, flags: int) -> int:
    """Opens what may be a pipe, as another machine's files can be anything: nobody is waited for
    (open(2), O_NONBLOCK)."""
    return os.open(path, flags | os.O_NONBLOCK)


class Machine:
    """The machine whose files lie below `root`."""

    def __init__(self, root: str = "/") -> None:
        self.root = root

    def read(self, path: str) -> str | None:
        """A small text file, stripped; None where it cannot be read."""
        try:
            with open(self.path(path), "rb", opener=unhindered) as file:
                return (file.read(1 << 20) or b"").decode("utf-8", "replace").strip()
        except OSError:
            return None

    def path(self, path: str) -> str:
        """The place below `root`."""
        return os.path.join(self.root, path.lstrip("/"))

    @cached_property
    def kernel(self) -> str | None:
        """The release, as `uname -r` prints it; None where it could not be a folder's name."""
        told = self.read("/proc/sys/kernel/osrelease")
        return told if told and told.isprintable() and "/" not in told else None

    @cached_property
    def host(self) -> Host:
        """Name, kernel, CPUs and boot of this machine."""
        cpus = re.findall(r"^cpu\d+ ", self.read("/proc/stat") or "", re.MULTILINE)
        name = self.read("/proc/sys/kernel/hostname")
        return Host(
            name=None if name == _NAMELESS else name,
            kernel=self.kernel,
            cpus=len(cpus) or None,
            boot_id=self.read("/proc/sys/kernel/random/boot_id"),
        )

    @property
    def panics_on_warn(self) -> bool:
        """Whether a WARN, as the 112th row of the table triggers it, panics this machine."""
        try:  # ten times a second: by three system calls
            fd = os.open(self.path("/proc/sys/kernel/panic_on_warn"), os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            return os.read(fd, 16).strip() != b"0"
        finally:
            os.close(fd)

    @cached_property
    def version(self) -> tuple[int, int] | None:
        """Major and minor number of the kernel."""
        return release_of(self.kernel)

    @property
    def too_old(self) -> bool:
        """Whether the kernel is known to be older than 6.4, which brought the statistics."""
        return self.version is not None and self.version < (6, 4)

    @cached_property
    def config(self) -> tuple[str, str] | None:
        """(where it stands, the kernel's configuration); None where no file can be read."""
        for name in (
            "/proc/config.gz",
            f"/boot/config-{self.kernel}",
            f"/lib/modules/{self.kernel}/config",
        ):
            try:
                with open(self.path(name), "rb") as file:
                    data = file.read()
                text = _gunzip(data) if name.endswith(".gz") else data
            except (OSError, EOFError):
                continue
            return name, text.decode("ascii", "replace")
        return None

    def option(self, name: str) -> bool | None:
        """Whether the kernel was built with the option; None where that is not known."""
        if self.config is None:
            return None
        return re.search(rf"^{name}=[ym]$", self.config[1], re.MULTILINE) is not None

    def mounts(self, number: int | None = None) -> Iterator[Mount]:
        """All mounts that this process sees, later ones last; or the one of that number."""
        begin = "" if number is None else f"{number} "
        for line in (self.read("/proc/self/mountinfo") or "").splitlines():
            if not line.startswith(begin):
                continue
            before, _, after = line.partition(" - ")
            fields, kind = before.split(), after.split()
            if len(fields) > 4 and kind:
                point = fields[4].encode().decode("unicode_escape", "replace")
                yield Mount(int(fields[0]), point, kind[0])

    @property
    def debugfs_switch(self) -> str | None:
        """The word on the kernel command line that keeps debugfs from being mounted."""
        words = (self.read("/proc/cmdline") or "").split()
        return next((word for word in words if word in ("debugfs=off", "debugfs=no-mount")), None)

    @property
    def has_debugfs(self) -> bool:
        """Whether debugfs is mounted where it belongs."""
        return any(m.kind == "debugfs" and m.point == DEBUGFS for m in self.mounts())


def release_of(kernel: str | None) -> tuple[int, int] | None:
    """(6, 12) of 6.12.107-amd64; None where it is no release."""
    match = re.match(r"(\d{1,3})\.(\d{1,3})", kernel or "")
    return (int(match[1]), int(match[2])) if match else None


def _gunzip(data: bytes) -> bytes:
    import gzip  # only here: a report has no use for it
    import zlib

    try:
        return gzip.decompress(data)
    except zlib.error as error:
        raise OSError(str(error)) from None


def filesystem(path: str, machine: Machine) -> str | None:
    """The kind of file system on which the file `path` lies, by its mount; None if unknown.

    Needs no permission to read the file (open(2), O_PATH).
    """
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        with open(f"/proc/self/fdinfo/{fd}", "rb", 0) as file:
            info = file.read()
    except OSError:
        return None
    finally:
        os.close(fd)
    mount = next((line[7:] for line in info.split(b"\n") if line.startswith(b"mnt_id:")), b"")
    if not mount.strip().isdigit():
        return None
    return next((found.kind for found in machine.mounts(int(mount))), None)


def needs_polling(kind: str | None) -> bool:
    """Whether files of that file system change without inotify telling."""
    return kind in _POLLED or (kind or "").startswith("fuse")
