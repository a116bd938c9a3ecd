"""Which probes tell what, as the kernel takes their definitions.

Sources: Documentation/trace/kprobetrace.rst; kernel/module/main.c, kernel/module/stats.c,
kernel/umh.c of 6.1 to 7.2; struct load_info (kernel/module/internal.h) on 64 bits: name at 0,
len at 24, compressed_len at 104.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ..machine.access import lacks_statistics
from ..machine.facts import Machine


class Probe(NamedTuple):
    """An event of its own. `ways`: definitions, of which the first is used that the kernel takes;
    {} stands for the group and the name, {most} for how many calls may be under way.

    `needed`: without it the others tell nothing. `filter`: which hits are told.
    """

    name: str
    ways: tuple[str, ...]
    needed: bool = False
    filter: str = ""


COUNTED = (
    Probe("dup", ("p:{} try_add_failed_module name=+0($arg1):string reason=$arg2:u32 comm=$comm",),
          True),
    Probe("becoming", ("p:{} mod_stat_bump_becoming name=+0(+0($arg1)):string len=+24($arg1):u64"
                       " flags=$arg2:x32 clen=+104($arg1):u64 comm=$comm",)),
    Probe("invalid", ("p:{} mod_stat_bump_invalid name=+0(+0($arg1)):string len=+24($arg1):u64"
                      " flags=$arg2:x32 clen=+104($arg1):u64 comm=$comm",)),
)  # fmt: skip
"""On kernels with the statistics: each failure where the kernel counts it."""

STEPS = (
    Probe("read", ("r{most}:{} kernel_read_file ret=$retval:s64",)),
    Probe("ld", ("p:{} load_module len=+24($arg1):u64 flags=$arg3:x32",), True),
    Probe("find", ("p:{} find_module_all name=+0($arg1):string",), True),
    Probe("layout", ("p:{} execmem_alloc", "p:{} module_alloc"), True),
    Probe("init", ("p:{} do_init_module",), True),
    Probe("fload", ("r{most}:{} load_module ret=$retval:s32 comm=$comm",), True),
)
"""On any kernel: the steps of each load."""

HELPERS = (
    Probe("umhx", ("p:{} call_usermodehelper_exec_async path=+0(+40($arg1)):string"
                   " mod=+0(+24(+48($arg1))):string",)),
)  # fmt: skip
"""Which modprobe the kernel itself has started, and for what."""

DEVICES = (
    Probe("open", ("p:{} do_sys_openat2 f=+0($arg2):ustring comm=$comm",), True,
          'f ~ "/sys/*/uevent"'),
)  # fmt: skip
"""Which device a worker of udev works for. Every open() of the machine pays for it. A path can be
made to look like lines of a trace, so that nothing else is believed that comes with it."""

EVENTS = ("module/module_request", "sched/sched_process_fork")
"""Events of the kernel's own that tell who started whom, and what the kernel asked for."""

GROUP = "kmodtop"
"""Of the probes on a kernel's command line; those of a running kmodtop have its pid, too."""


def command_line(probes: Sequence[Probe], release: tuple[int, int] | None) -> str:
    """Words for the kernel's command line that trace a boot without any program
    (Documentation/trace/boottime-trace.rst, kprobetrace.rst)."""
    told = [_boot_definition(probe, release) for probe in probes]
    events = ",".join(event.replace("/", ":") for event in EVENTS)
    return (
        f"trace_clock=boot trace_buf_size=256k kprobe_event={';'.join(told)} trace_event={events}"
    )


def boot_words(machine: Machine) -> str:
    """The same for that machine: by which probes its kernel can be traced."""
    probes = STEPS if lacks_statistics(machine) else COUNTED
    return command_line((*probes, *HELPERS), machine.version)


def _boot_definition(probe: Probe, release: tuple[int, int] | None) -> str:
    old = release is not None and release < _EXECMEM
    way = probe.ways[-1 if old else 0].replace("{most}", str(_MOST_AT_ONCE))
    return way.replace("{}", f"{GROUP}/{probe.name}").replace(" ", ",")


_MOST_AT_ONCE = 512
"""Calls that may be under way at a time; a return beyond is missed."""

_EXECMEM = (6, 10)
"""Since this release modules get their place from execmem_alloc()."""
