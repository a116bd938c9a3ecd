"""Machines: how long each step of a load takes, by the kind of machine.

The constants belong to a kind of machine, not to a scenario: where they are from,
and how near they come, is told in docs/simulator.md.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Machine:
    """What takes how long. Times in microseconds, rates in MB/s (10^6 bytes a second).

    Of userspace: `fork_us`: udevd forks a worker, `hand_us`: it hands a uevent to an idle one;
    `rules_us`: a worker goes through udev's rules before it loads what they say;
    `spawn_us`: the kernel starts modprobe; `check_us`: whether a module is loaded is looked up;
    `open_us`: its file is opened and the kernel called.

    Of the kernel: `mutex_us`: module_mutex is held to look a name up; `wake_us`: one waiter is
    woken, `wake_spread_us`: it runs up to so much later (idle CPUs, virtual CPUs that are
    scheduled); `vmap_us`: the lock of the vmalloc area is held; `flush_us` and `flush_cpu_us`: the
    address translations are flushed, and how much longer that takes for each CPU; `layout_us`: the
    final place is laid out; `copy_mb_s`: one CPU allocates pages, copies, and checks what it has
    read, `total_copy_mb_s`: all of them together; `decompress_mb_s`, `reloc_mb_s`: unpacking,
    relocation; `grace_ms`: a grace period of RCU; `init_times`: init functions run so many times as
    long as the modules' `init_us`.

    `jitter`: how far each time strays, 0.3 is ±30%. `cores`: real ones, 0 for as many as CPUs;
    `module_area_mib`: address space for modules, 0 for no bound.
    """

    kind: str = "bare-metal"
    fork_us: float = 35.0
    hand_us: float = 5.0
    rules_us: float = 160.0
    spawn_us: float = 1500.0
    check_us: float = 20.0
    open_us: float = 36.0
    mutex_us: float = 0.25
    wake_us: float = 0.45
    wake_spread_us: float = 65.0
    vmap_us: float = 0.15
    flush_us: float = 1.4
    flush_cpu_us: float = 0.05
    layout_us: float = 10.0
    copy_mb_s: float = 4700.0
    total_copy_mb_s: float = 640000.0
    disk_mb_s: float = 3000.0
    disk_latency_us: float = 60.0
    decompress_mb_s: float = 500.0
    reloc_mb_s: float = 75.0
    grace_ms: float = 12.0
    init_times: float = 1.0
    jitter: float = 0.3
    memory_mib: int = 8192
    cores: int = 0
    module_area_mib: int = 1536


class Nanoseconds:
    """What takes how long in the kernel, in whole nanoseconds; rates in nanoseconds a byte."""

    def __init__(self, machine: Machine, cpus: int) -> None:
        self.vmap = int(machine.vmap_us * 1000)
        self.flush = int((machine.flush_us + machine.flush_cpu_us * cpus) * 1000)
        self.layout, self.grace = int(machine.layout_us * 1000), int(machine.grace_ms * 1e6)
        self.copy, self.total_copy = 1000 / machine.copy_mb_s, 1000 / machine.total_copy_mb_s
        self.latency, self.disk = machine.disk_latency_us * 1000, 1000 / machine.disk_mb_s
        self.unpack, self.reloc = 1000 / machine.decompress_mb_s, 1000 / machine.reloc_mb_s
        self.init = 1000 * machine.init_times


_TIMES = (
    "fork_us", "hand_us", "rules_us", "spawn_us", "check_us", "open_us", "mutex_us", "wake_us",
    "wake_spread_us", "vmap_us", "flush_us", "flush_cpu_us", "layout_us", "init_times",
)  # fmt: skip
_RATES = ("copy_mb_s", "total_copy_mb_s", "decompress_mb_s", "reloc_mb_s")


def _slower(times: float) -> dict[str, Any]:
    """Bare metal on which all that a CPU does takes so many times as long."""
    bare = Machine()
    slow: dict[str, Any] = {name: round(getattr(bare, name) * times, 3) for name in _TIMES}
    return slow | {name: round(getattr(bare, name) / times, 3) for name in _RATES}


KINDS: dict[str, dict[str, Any]] = {
    "bare-metal": {},
    "kvm-guest": {
        "fork_us": 115.0, "rules_us": 170.0, "check_us": 24.0, "open_us": 210.0,
        "mutex_us": 0.5, "wake_us": 4.0, "wake_spread_us": 2000.0, "vmap_us": 1.6,
        "flush_us": 1.8, "flush_cpu_us": 0.13, "layout_us": 9.0,
        "copy_mb_s": 990.0, "total_copy_mb_s": 215000.0, "reloc_mb_s": 465.0,
    },
    "emulator": _slower(8),
}  # fmt: skip
"""What differs from the defaults, which are those of bare metal, for each kind of machine."""
