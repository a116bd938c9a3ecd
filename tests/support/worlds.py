"""Simulated worlds whose culprits are known, with the evidence that a real machine would give."""

import json
from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import NamedTuple

from kmodtop_core.diagnosis.case import Case, in_order
from kmodtop_core.diagnosis.evidence.pieces import read_evidence
from kmodtop_core.diagnosis.ledger import ledger_of
from kmodtop_core.diagnosis.module_bytes import bytes_of
from kmodtop_core.sample import Host
from kmodtop_core.simulation.scenarios import Machine, Module, Requests, Scenario
from kmodtop_core.simulation.simulator import Simulation
from kmodtop_core.stats.parse import parse

KINDS = ("udev", "loop", "udev, then a loop", "autoload", "udev and loop", "quiet")
ERAS = {"stats-only": "6.3.0", "early-check": "6.4.0", "idempotent": "6.12.0"}


class World(NamedTuple):
    """`culprits`: whose requests were refused, {(who, module): times}. `case`: what a reader is
    given of it."""

    kind: str
    era: str
    culprits: Counter[tuple[str, str]]
    case: Case

    def caused(self, who: str, modules: Iterable[str]) -> float:
        """Which part of these modules' refusals were of that one's requests."""
        names = set(modules)
        of_all = sum(n for (_, module), n in self.culprits.items() if module in names)
        theirs = sum(n for (by, m), n in self.culprits.items() if m in names and by == who)
        return theirs / of_all if of_all else 0.0


def world(seed: int) -> World:
    """A machine, its modules, and who asks for them, all by chance."""
    chance = Random(seed)
    kind, era = chance.choice(KINDS), chance.choice(tuple(ERAS))
    cpus = chance.choice((2, 4, 8, 12, 16, 32, 48))
    driven = _modules(chance, "cpu_", chance.randint(1, 10))
    others = _modules(chance, "other_", chance.randint(1, 8))
    requests = _requests(chance, kind, driven, others, cpus)
    scenario = Scenario(kind, kind, era, cpus, Machine(), (*driven, *others), tuple(requests))
    simulation = Simulation(scenario, seed=seed)
    simulation.run()
    block = parse(simulation.kernel.text())[-1]
    evidence = read_evidence(_pieces(driven, others, cpus, chance))
    modules = tuple(bytes_of(ledger_of(block), block.stats, evidence.sizes))
    host = Host(kernel=ERAS[era], cpus=cpus)
    case = Case(block, host, evidence=evidence, modules=modules, order=in_order(block))
    return World(kind, era, Counter(simulation.blamed), case)


def _modules(chance: Random, name: str, number: int) -> list[Module]:
    found: list[Module] = []
    for n in range(number):
        needs = tuple(m.name for m in chance.sample(found, min(len(found), chance.randint(0, 2))))
        found.append(Module(f"{name}{n}", chance.randint(4, 400) * 1000, depends=needs))
    return found


def _requests(chance, kind, driven, others, cpus):
    names = tuple(m.name for m in driven)
    rest = tuple(m.name for m in others)
    udev = Requests("udev", names, via=chance.choice(("finit_module", "init_module")))
    loop = Requests(
        "stress",
        rest,
        tasks=chance.randint(2, 24),
        at_ms=chance.choice((0.0, 400.0)),
        check=chance.random() < 0.5,
        via=chance.choice(("finit_module", "init_module")),
    )
    times = chance.randint(2, cpus * 2)
    again = Requests("stress", names, tasks=times, at_ms=5000.0, check=False, via="init_module")
    return {
        "udev": [udev],
        "loop": [loop],
        "udev, then a loop": [udev, again],
        "autoload": [Requests("autoload", rest, tasks=chance.randint(2, 12), fold=False)],
        "udev and loop": [udev, loop],
        "quiet": [Requests("systemd", (*names[:1], *rest[:1]), tasks=1)],
    }[kind]


def _pieces(driven, others, cpus, chance):
    devices = {"cpu:type:x86": [f"devices/system/cpu/cpu{n}" for n in range(cpus)]}
    if chance.random() < 0.3:
        devices["pci:one"] = ["devices/pci0000:00/0000:00:01.0"]
    lines = [f"alias cpu:type:* {module.name}" for module in driven]
    depends = [
        f"kernel/{m.name}.ko: {' '.join(f'kernel/{n}.ko' for n in m.depends)}"
        for m in (*driven, *others)
    ]
    return {
        "modaliases.json": json.dumps(devices).encode(),
        "modules.alias": "\n".join(lines).encode(),
        "modules.dep": "\n".join(depends).encode(),
        "sizes.json": json.dumps({m.name: m.len for m in (*driven, *others)}).encode(),
    }
