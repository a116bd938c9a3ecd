"""What this machine would ask for when udev goes through its devices: a scenario of it.

    devices below /sys ─► their MODALIASes ─► modules.alias ─► modules.dep ─► files of modules

Everything can be read without root. Sources: sysfs(5), modules.alias and modules.dep of
depmod(8), modprobe.d(5), udevadm(8) (trigger), kmod(8).
"""

import os
import re
from collections.abc import Iterator
from dataclasses import replace

from ..errors import Exit, SourceError, Trouble
from ..machine.aliases import AliasTable, module_name
from ..machine.facts import Machine
from ..machine.gather import devices, first_line
from ..machine.modprobe import barred, leaves_unpacking, refused
from ..machine.module_files import (
    folder_of,
    length_of,
    read_index,
    read_module,
    unpacked,
)
from ..machine.module_layout import layout_of
from ..simulation.eras import era_of
from ..simulation.machines import KINDS
from ..simulation.machines import Machine as Times
from ..simulation.scenarios import MOST_CPUS, Module, Requests, Scenario
from .modelled import Modelled
from .usual import module_of

_BUS = "devices/system/cpu"
_MOST_MODULES = 2000
_DEEPEST = 90
"""Needs in a row that are followed; the deepest of a distribution's kernel are about ten."""
_MOST_FILES = 200_000


def scenario_of_machine(machine: Machine) -> Modelled:
    """Raises SourceError where the machine tells nothing of its modules."""
    return _Survey(machine).modelled()


class _Survey:
    """One look at a machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._table = AliasTable(
            *(read_index(machine, f"modules.{name}") for name in ("alias", "dep", "softdep"))
        )
        if self._table.is_empty:
            raise SourceError(
                Trouble(
                    "no-alias",
                    "has no modules.alias for the kernel that runs, so that nothing tells which"
                    " modules its devices ask for",
                    "install that kernel's modules, or simulate from its statistics",
                    folder_of(machine),
                ),
                Exit.UNREADABLE,
            )
        self._cpus = min(machine.host.cpus or 1, MOST_CPUS)
        self._live = _names(machine.read("/proc/modules") or "")
        self._barred = frozenset(barred(machine))
        self._refused = frozenset(refused(machine))
        self._files = dict(self._listed())
        self._refusing: list[str] = []
        self._unread: list[str] = []

    def modelled(self) -> Modelled:
        requests = tuple(self._requests())
        modules = tuple(self._modules(requests))
        if not modules:
            raise SourceError(
                Trouble(
                    "no-alias",
                    "no device of this machine asks for a module",
                    "name a scenario, a text or a recording instead",
                    self._machine.path("/sys/devices"),
                ),
                Exit.UNREADABLE,
            )
        known = {module.name for module in modules}
        via = self._way(modules)
        requests = tuple(
            replace(one, modules=tuple(n for n in one.modules if n in known), via=via)
            for one in requests
        )
        kernel = self._machine.kernel or "an unknown kernel"
        scenario = Scenario(
            name=self._machine.host.name or "this-machine",
            title=f"udev goes through the devices of {self._machine.host.name or 'this machine'}",
            era=era_of(self._machine.version),
            cpus=self._cpus,
            machine=self._times(),
            modules=modules,
            requests=requests,
        )
        return Modelled(scenario, tuple(self._notes(scenario, kernel, via)))

    # ---- who asks ------------------------------------------------------------

    def _requests(self) -> Iterator[Requests]:
        """What a cold plug asks for: subsystems first, then the devices in the order of their
        paths (udevadm trigger); devices that ask for the same are one entry."""
        yield Requests("udev", (), tasks=max(1, self._subsystems()))
        groups: dict[tuple[str, ...], int] = {}
        nothing = [0]  # uevents that load nothing, before each of the groups
        of_cpus: set[tuple[str, ...]] = set()
        for place, alias in sorted(devices(self._machine)):
            names = () if alias is None or place == _BUS else self._asked_for(alias)
            if not names:
                nothing[-1] += 1
                continue
            if names not in groups:
                nothing.append(0)
            groups[names] = groups.get(names, 0) + 1
            if place.startswith(_BUS):
                of_cpus.add(names)
        for (names, tasks), idle in zip(groups.items(), nothing, strict=False):
            if idle:
                yield Requests("udev", (), tasks=idle)
            is_each = names in of_cpus and tasks == self._cpus
            yield Requests("udev", names, tasks=0 if is_each else tasks)
        if nothing[-1]:
            yield Requests("udev", (), tasks=nothing[-1])
        reached = self._table.with_needs(name for names in groups for name in names)
        others = sorted((self._live - reached) & self._files.keys())
        if others:
            yield Requests("systemd", tuple(others), tasks=len(others), each=True)

    def _asked_for(self, alias: str) -> tuple[str, ...]:
        names = self._table.asked_for(alias)
        return tuple(n for n in names if n not in self._barred and self._table.knows(n))

    def _subsystems(self) -> int:
        """uevents of what is no device: buses, drivers, modules."""
        count = 0
        for top in ("bus", "module"):
            for _, folders, files in os.walk(self._machine.path(f"/sys/{top}")):
                count += "uevent" in files
                folders[:] = [name for name in folders if name != "devices"]
                if count > _MOST_FILES:
                    return count
        return count

    # ---- their modules -------------------------------------------------------

    def _modules(self, requests: tuple[Requests, ...]) -> Iterator[Module]:
        """All that is asked for, with what it needs before it."""
        asked = {name for one in requests for name in one.modules}
        names = sorted(self._table.with_needs(asked) & self._files.keys())[:_MOST_MODULES]
        found = {name: self._module(name) for name in names}
        self._unread = [name for name, module in found.items() if module is None]
        needs = without_circles(
            {
                name: tuple(n for n in self._table.loaded_before(name) if found.get(n))
                for name, module in found.items()
                if module
            }
        )
        for name, module in found.items():
            if module is None:
                continue
            refuses = bool(self._live) and name in asked and name not in self._live
            if refuses:
                self._refusing.append(name)
            soft = tuple(n for n in self._table.soft_before(name) if found.get(n) and n != name)
            fault = "blacklist" if name in self._refused else "init" if refuses else ""
            yield replace(module, depends=needs[name], before=soft, fault=fault)

    def _module(self, name: str) -> Module | None:
        path = self._files[name]
        try:
            data = read_module(path)
            image = unpacked(data, path)
        except (OSError, ValueError, EOFError, ImportError, MemoryError):
            return None
        packed = 0 if path.endswith(".ko") else len(data)
        length = length_of(data, image)
        if length is None:
            return None
        return module_of(name, length, layout_of(image or b""), packed)

    def _listed(self) -> Iterator[tuple[str, str]]:
        for line in read_index(self._machine, "modules.dep").splitlines():
            path, colon, _ = line.partition(":")
            is_inside = not os.path.isabs(path) and ".." not in path.split("/")
            if colon and is_inside and module_name(path).isprintable():
                yield module_name(path), os.path.join(folder_of(self._machine), path)

    def _way(self, modules: tuple[Module, ...]) -> str:
        """How a packed module reaches the kernel."""
        if not any(module.compressed_len for module in modules):
            return "finit_module"
        kernel_unpacks = self._machine.read("/sys/module/compression") is not None
        leaves_it = leaves_unpacking(first_line(self._machine, "modprobe", "--version"))
        return "finit_module" if kernel_unpacks and leaves_it else "init_module"

    # ---- the machine -----------------------------------------------------------

    def _times(self) -> Times:
        kind = kind_of_machine(self._machine)
        told = self._machine.read("/proc/meminfo") or ""
        memory = re.search(r"^MemTotal:\s*(\d{1,13}) kB", told)
        return Times(
            **KINDS[kind] | {"kind": kind, "memory_mib": int(memory[1]) // 1024 if memory else 8192}
        )

    def _notes(self, scenario: Scenario, kernel: str, via: str) -> Iterator[str]:
        yield f"What udev would ask for on {scenario.name}: {kernel}, {scenario.cpus} CPUs."
        yield "Devices: MODALIASes below /sys; modules: modules.alias and modules.dep, in their"
        yield "order; sizes: the files of the modules. tasks = 0 stands for one for each CPU."
        yield "Assumed: how long init functions take, and how long each step does on a machine of"
        yield f"this kind ({scenario.machine.kind}); only the cold plug, on the root file system."
        if via == "init_module":
            yield "Packed modules reach the kernel unpacked (init_module), which it never folds."
        if self._refusing:
            yield f"Not loaded now, so that they seem to refuse: {_some(self._refusing)}"
        if self._barred:
            names = _some(sorted(self._barred))
            yield f"Kept out by modprobe.d or the kernel's command line: {names}"
        if self._unread:
            yield f"Left out, as their files cannot be read here: {_some(self._unread)}"


def without_circles(needs: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Without those needs that lead back to the module itself, or too deep, as modules.dep of a
    kernel has none."""
    left: dict[str, tuple[str, ...]] = {}
    depth: dict[str, int] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        kept = []
        for other in needs[name]:
            if other == name or other in above or len(above) >= _DEEPEST:
                continue
            if other not in left:
                visit(other, (*above, name))
            if depth[other] < _DEEPEST:
                kept.append(other)
        left[name] = tuple(kept)
        depth[name] = 1 + max((depth[other] for other in kept), default=0)

    for name in needs:
        if name not in left:
            visit(name, ())
    return left


def kind_of_machine(machine: Machine) -> str:
    """Bare metal, a guest, or an emulator, by what /proc/cpuinfo says of the CPU."""
    told = machine.read("/proc/cpuinfo") or ""
    if "QEMU TCG" in told:
        return "emulator"
    flags = re.search(r"^(?:flags|Features)\s*:(.*)$", told, re.MULTILINE)
    return "kvm-guest" if flags and " hypervisor" in flags[1] else "bare-metal"


def _names(text: str) -> frozenset[str]:
    return frozenset(line.split()[0] for line in text.splitlines() if line.split())


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return ", ".join(names[:12]) + more
