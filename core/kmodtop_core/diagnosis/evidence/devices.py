"""Devices that lead to a module: at most one request of udev for each of them.

A module that a pure cold plug asked for failed at most devices - 1 times, as one of
the requests has loaded it; an excess proves that somebody else asked, or udev again.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ...machine.aliases import AliasTable
from .cpu_driven import is_cpu_driven

MOST_DEVICES = 1 << 20
_MOST_LOOKS = 50_000_000
"""Aliases times patterns from which on they are not resolved: no machine has as many."""

_BUS = "devices/system/cpu"
"""The bus of the CPUs has a modalias too; it is no device, and no uevent tells of it."""


class Expected(NamedTuple):
    """Devices that lead to a module. `buses`: how many of which kind of alias, most first."""

    devices: int
    buses: tuple[tuple[str, int], ...]

    @property
    def most(self) -> int:
        """Failures that one request a device explains."""
        return max(0, self.devices - 1)

    @property
    def is_cpu(self) -> bool:
        """Whether most of them are CPUs."""
        return bool(self.buses) and self.buses[0][0] == "cpu"


class Devices:
    """The MODALIASes of a machine, and what they lead to.

    `resolves`: whether modules.alias is there, so that a module without devices has none.
    """

    def __init__(self, aliases: Mapping[str, int], table: AliasTable) -> None:
        self._aliases, self._table = aliases, table
        self.resolves = not table.is_empty and len(aliases) * table.size < _MOST_LOOKS
        self.cpus = sum(n for alias, n in aliases.items() if alias.startswith("cpu:"))
        self._found: dict[str, dict[str, int]] | None = None

    def expected(self, module: str) -> Expected | None:
        """What is known of a module's devices; None where its aliases are not known."""
        name = module.replace("-", "_")
        if not self.resolves:
            if is_cpu_driven(module) and self.cpus:
                return Expected(self.cpus, (("cpu", self.cpus),))
            return None
        buses = self._resolved().get(name, {})
        return Expected(sum(buses.values()), tuple(sorted(buses.items(), key=lambda b: -b[1])))

    def _resolved(self) -> dict[str, dict[str, int]]:
        if self._found is None:
            self._found = {}
            for alias, devices in self._aliases.items():
                bus = alias.partition(":")[0]
                for module in self._table.loaded_by(alias):
                    buses = self._found.setdefault(module, {})
                    buses[bus] = buses.get(bus, 0) + devices
        return self._found

    def has_alias(self, module: str) -> bool:
        """Whether an alias leads to the module itself."""
        return self._table.has_alias(module.replace("-", "_"))

    def asked_as(self, alias: str) -> frozenset[str]:
        """The modules that a request for that alias loads."""
        return self._table.loaded_by(alias) | {alias.replace("-", "_")}


def read_devices(aliases: bytes, table: AliasTable) -> Devices | None:
    """From modaliases.json: {MODALIAS: [devices below /sys]}. None where it is no such thing."""
    import json  # only here: a report of a text has no use for it

    try:
        told = json.loads(aliases)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    counts = {alias: _count(places) for alias, places in told.items()}
    return Devices({alias: n for alias, n in counts.items() if n}, table)


def _count(places: object) -> int:
    if not isinstance(places, Iterable) or isinstance(places, str):
        return 0
    return min(MOST_DEVICES, len({p for p in places if isinstance(p, str)} - {_BUS}))
