"""A scenario of a machine that is laid out in a folder."""

import lzma
import os
from graphlib import TopologicalSorter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.elf import ALLOC, EXEC, elf
from support.laid_out import Folder
from support.scenarios import simulate

from kmodtop_core.errors import SourceError
from kmodtop_core.machine.facts import Machine
from kmodtop_core.modelling.of_machine import (
    kind_of_machine,
    scenario_of_machine,
    without_circles,
)
from kmodtop_core.simulation.machines import Machine as Times
from kmodtop_core.simulation.scenario_files import parse
from kmodtop_core.simulation.scenario_writing import dumps
from kmodtop_core.simulation.scenarios import Module, Requests, Scenario


def model_of(box):
    return scenario_of_machine(Machine(str(box.root)))


@pytest.fixture
def box(tmp_path):
    return Folder(tmp_path)


def asks(model):
    return {r.modules: (r.by, r.tasks) for r in model.scenario.requests if r.modules}


def test_each_cpu_asks_for_what_its_alias_leads_to_in_the_order_of_the_lines(box):
    found = asks(model_of(box))
    assert found["kvm_intel", "aes_x", "refuses"] == ("udev", 0)  # once for each CPU
    assert found["disk",] == ("udev", 2)
    assert found["service",] == ("systemd", 1)  # loaded, and no device leads to it


def test_uevents_that_load_nothing_are_there_too(box):
    idle = [r.tasks for r in model_of(box).scenario.requests if not r.modules]
    assert idle == [1, 2]  # a bus; a bridge, and the bus of the CPUs, which is no device


def test_modules_have_the_lengths_of_their_files_and_the_places_that_these_need(box):
    modules = {module.name: module for module in model_of(box).scenario.modules}
    assert modules["kvm_intel"].depends == ("irqs", "kvm")  # the last of modules.dep comes first
    assert modules["aes_x"].before == ("irqs",)  # a soft dependency that is to come before
    assert {m.len for m in modules.values()} == {
        box.root.joinpath("lib/modules/6.9/k/kvm.ko").stat().st_size
    }
    assert {(m.size, m.text) for m in modules.values()} == {(8192, 8192)}


def test_what_is_asked_for_and_not_loaded_seems_to_refuse(box):
    model = model_of(box)
    assert {m.name: m.fault for m in model.scenario.modules if m.fault} == {"refuses": "init"}
    assert any("refuses" in note for note in model.notes)


def test_machine_era_and_cpus_are_this_ones(box):
    scenario = model_of(box).scenario
    assert (scenario.era, scenario.cpus, scenario.name) == ("idempotent", 4, "box")
    assert (scenario.machine.kind, scenario.machine.memory_mib) == ("kvm-guest", 4000)
    box.put("proc/sys/kernel/osrelease", "6.4\n")
    (box.root / "lib/modules/6.9").rename(box.root / "lib/modules/6.4")
    assert model_of(box).scenario.era == "early-check"


def test_blacklisted_modules_are_not_asked_for(box):
    box.put("etc/modprobe.d/x.conf", "blacklist kvm_intel\n")
    box.put("proc/modules", "aes_x 900 0 - Live\n")
    model = model_of(box)
    assert ("aes_x", "refuses") in asks(model)
    assert "kvm" not in {m.name for m in model.scenario.modules}  # nothing else needs it
    assert any("kvm_intel" in note for note in model.notes)


@pytest.mark.parametrize(
    ("supports", "via"), [(True, "finit_module"), (False, "init_module")], ids=["kernel", "kmod"]
)
def test_packed_modules_come_unpacked_where_the_kernel_does_not_unpack(box, supports, via):
    image = elf([(".text", ALLOC | EXEC, 5000)]) + bytes(9000)
    dep = (box.root / "lib/modules/6.9/modules.dep").read_text()
    box.put("lib/modules/6.9/modules.dep", dep.replace("kvm-intel.ko", "kvm-intel.ko.xz"))
    box.put("lib/modules/6.9/k/kvm-intel.ko.xz", lzma.compress(image))
    if supports:
        box.put("sys/module/compression", "xz\n")
    scenario = model_of(box).scenario
    packed = next(m for m in scenario.modules if m.name == "kvm_intel")
    assert packed.len == len(image) and 0 < packed.compressed_len < len(image)
    assert {r.via for r in scenario.requests} == {via}


def test_needs_that_cannot_be_read_are_left_out_too(box):
    (box.root / "lib/modules/6.9/k/irqs.ko").unlink()
    scenario = model_of(box).scenario
    assert {m.name: m.depends for m in scenario.modules}["kvm_intel"] == ("kvm",)
    assert parse(dumps(scenario).encode(), "x.toml") == scenario
    simulate(scenario)


def test_as_many_devices_as_cpus_are_no_cpus(box):
    for slot in (2, 3):
        box.put(f"sys/devices/pci0/{slot}/uevent", "MODALIAS=pci:v1\n")
    assert asks(model_of(box))["disk",] == ("udev", 4)


def test_what_the_kernel_refuses_counts_as_that(box):
    box.put("proc/cmdline", "module_blacklist=kvm")
    modules = {m.name: m for m in model_of(box).scenario.modules}
    assert modules["kvm"].fault == "blacklist"  # kvm_intel still needs it


def test_paths_that_lead_elsewhere_are_not_followed(box):
    dep = box.root / "lib/modules/6.9/modules.dep"
    box.put("secret.ko", b"x" * 99)
    dep.write_text(dep.read_text() + "../../../secret.ko:\n/etc/hostname.ko:\n")
    box.put("proc/modules", "secret 1 0 - Live\nhostname 1 0 - Live\n")
    assert not {"secret", "hostname"} & {m.name for m in model_of(box).scenario.modules}


def test_a_file_that_cannot_be_read_is_left_out_and_told(box):
    (box.root / "lib/modules/6.9/k/disk.ko").unlink()
    model = model_of(box)
    assert ("disk",) not in asks(model) and any("disk" in note for note in model.notes)


def test_a_hostile_machine_hangs_nobody_and_reaches_no_terminal(box):
    module = box.root / "lib/modules/6.9/k/disk.ko"
    module.unlink()
    os.mkfifo(module)
    dep = box.root / "lib/modules/6.9/modules.dep"
    dep.write_text(dep.read_text() + "k/irqs.ko: k/kvm.ko\nk/\x1b[31mred.ko:\nnonsense\n")
    box.put("proc/sys/kernel/hostname", "\x1b]0;x\x07box")
    box.put("lib/modules/6.9/k/\x1b[31mred.ko", b"x")
    box.put("proc/modules", "\x1b[31mred 1 0 - Live\n")
    model = model_of(box)
    text = dumps(model.scenario, model.notes)
    assert "\x1b" not in text and parse(text.encode(), "x.toml") == model.scenario
    simulate(model.scenario)


NAMES = st.sampled_from([f"m{n}" for n in range(9)])


@given(st.dictionaries(NAMES, st.lists(NAMES, max_size=4).map(tuple), min_size=9, max_size=9))
def test_needs_that_lead_in_a_circle_are_left_out_and_no_others(needs):
    left = without_circles(needs)
    assert left.keys() == needs.keys()
    assert all(set(left[name]) <= set(needs[name]) - {name} for name in needs)
    order = list(TopologicalSorter(left).static_order())  # raises CycleError
    assert set(order) == set(needs)
    if all(not set(needs[name]) & set(order[order.index(name) :]) for name in needs):
        assert left == needs


def test_needs_without_end_are_cut():
    chain = {f"m{n}": (f"m{n + 1}",) for n in range(3000)} | {"m3000": ()}
    left = without_circles(chain)
    modules = tuple(Module(name, 1, depends=others) for name, others in left.items())
    asks = (Requests("udev", ("m0",)),)
    scenario = Scenario("x", "x", "idempotent", 1, Times(), modules, asks)
    assert parse(dumps(scenario).encode(), "x.toml") == scenario


def test_the_scenario_can_be_written_read_and_simulated(box):
    model = model_of(box)
    again = parse(dumps(model.scenario, model.notes).encode(), "x.toml")
    assert again == model.scenario
    end = simulate(again, "stats-only").kernel.stats
    assert {row.module for row in end.duplicates} <= {m.name for m in model.scenario.modules}
    assert end.modcount == 6


def test_a_machine_without_modules_is_told(tmp_path):
    with pytest.raises(SourceError, match=r"has no modules.alias"):
        scenario_of_machine(Machine(str(tmp_path)))


def test_a_machine_whose_devices_ask_for_nothing_is_told(box):
    box.put("lib/modules/6.9/modules.alias", "alias usb:* never\n")
    box.put("proc/modules", "")
    with pytest.raises(SourceError, match="no device of this machine asks for a module"):
        _ = model_of(box)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("model name\t: QEMU TCG CPU version 2.5+\n", "emulator"),
        ("flags : fpu hypervisor\n", "kvm-guest"),
        ("flags : fpu vme\n", "bare-metal"),
        ("", "bare-metal"),
    ],
)
def test_the_kind_of_machine_is_what_its_cpu_says(box, told, kind):
    box.put("proc/cpuinfo", told)
    assert kind_of_machine(Machine(str(box.root))) == kind
