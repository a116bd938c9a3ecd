"""Lines of the kernel log that tell of modules.

Sources: kernel/module/dups.c (duplicate requests of the kernel's own autoloading), mm/vmalloc.c
(an allocation of address space that failed), kernel/module/kmod.c (too many modprobes at once).
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

_TIME = re.compile(r"^(?:<\d+>)?\[ *(\d{1,9}\.\d{1,6})\]")
_DEVICE = re.compile(r"^\d+,\d+,(\d{1,15}),[^;]*;")
"""How a line of /dev/kmsg begins: priority, number, microseconds (Documentation/ABI/dev-kmsg)."""
_ASKED = re.compile(r"module-autoload: duplicate request for module (\S{1,80})")
_NO_SPACE = re.compile(
    r"(?:vmap allocation for size|vmalloc_node_range for size|vmalloc error: size)"
    r" (\d{1,19})(?: failed|,)"
)
_BUSY = re.compile(r"cannot be processed, kmod busy|kmod_concurrent_max \(\d+\) close to 0")
_RELEASE = re.compile(r"Linux version (\S{1,120})")
_MOST_NAMES = 1000


class KernelLog(NamedTuple):
    """What a kernel log tells. `asked`: duplicate requests by the alias that was asked for.

    `no_space`: how often address space could not be allocated, `no_space_bytes` the largest
    request; `busy`: how often modprobes were too many. `first` and `last`: seconds since
    boot of such lines.
    """

    asked: Mapping[str, int] = {}
    first: float | None = None
    last: float | None = None
    no_space: int = 0
    no_space_bytes: int = 0
    busy: int = 0
    release: str | None = None
    lines: int = 0

    @property
    def tells(self) -> bool:
        """Whether any of it is of use here."""
        return bool(self.asked or self.no_space or self.busy)


def read_log(data: bytes) -> KernelLog:
    """From dmesg's output, a journal, or /dev/kmsg."""
    asked: Counter[str] = Counter()
    times: list[float] = []
    found = {"no_space": 0, "no_space_bytes": 0, "busy": 0}
    release, lines = None, 0
    for line in data.decode("utf-8", "replace").splitlines():
        lines += 1
        if match := _ASKED.search(line):
            if match[1] in asked or len(asked) < _MOST_NAMES:
                asked[match[1]] += 1
        elif match := _NO_SPACE.search(line):
            found["no_space"] += 1
            found["no_space_bytes"] = max(found["no_space_bytes"], int(match[1]))
        elif _BUSY.search(line):
            found["busy"] += 1
        else:
            if release is None and (match := _RELEASE.search(line)):
                release = match[1]
            continue
        if (at := time_of(line)) is not None:
            times.append(at)
    return KernelLog(
        dict(asked), min(times, default=None), max(times, default=None), **found,
        release=release, lines=lines,
    )  # fmt: skip


def time_of(line: str) -> float | None:
    """Seconds since boot of a line; None where it does not say."""
    if match := _TIME.match(line):
        return float(match[1])
    if match := _DEVICE.match(line):
        return int(match[1]) / 1e6
    return None
