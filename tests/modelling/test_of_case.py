"""A scenario of what a text or a recording shows."""

import pytest
from support.samples import SAMPLES
from support.scenarios import simulate

from kmodtop_core.diagnosis.case import Case, case_of_text
from kmodtop_core.diagnosis.evidence.pieces import NO_EVIDENCE, read_evidence
from kmodtop_core.diagnosis.finding import Storm
from kmodtop_core.errors import SourceError
from kmodtop_core.modelling.of_case import scenario_of_case
from kmodtop_core.sample import Host, Instant
from kmodtop_core.simulation.bookkeeping import KernelTracker
from kmodtop_core.simulation.scenario_files import parse
from kmodtop_core.simulation.scenario_writing import dumps
from kmodtop_core.stats.parse import parse as parse_text
from kmodtop_core.stats.values import FailReason


def case_of(text, **host):
    (block,) = parse_text(text)[-1:]
    return case_of_text(block, Host(**host), Instant(0.0), NO_EVIDENCE)


def published(name):
    return (SAMPLES / "published" / name).read_bytes()


def text_of(*failures):
    """(module, times, length) each, all of them early."""
    kernel = KernelTracker()
    for module, times, length in failures:
        for _ in range(times):
            kernel.duplicate(module, FailReason.BECOMING)
            kernel.failed_becoming(length)
    return kernel.text()


def per_cpu(scenario):
    return next(r.modules for r in scenario.requests if not r.tasks)


def test_what_each_cpu_asked_for_is_told_from_what_devices_did():
    scenario = scenario_of_case(case_of(published("seed-255vcpu-stats-only.txt")), "x").scenario
    assert scenario.era == "stats-only"
    chain = per_cpu(scenario)
    assert {"cryptd", "aesni_intel", "irqbypass", "kvm", "kvm_intel"} <= set(chain)
    assert chain.index("cryptd") < chain.index("aesni_intel") < chain.index("kvm_intel")
    widths = {name: r.tasks for r in scenario.requests for name in r.modules if r.tasks}
    assert widths["nvme"] == 4 and widths["serio_raw"] == 2 and "kvm" not in widths


def test_devices_tell_who_asked_where_they_are_known():
    bundle = SAMPLES / "who/a_udev"
    pieces = {path.name: path.read_bytes() for path in bundle.glob("*.json")}
    for name in ("modules.alias", "modules.dep"):
        pieces[name] = (SAMPLES / "who" / name).read_bytes()
    (block,) = parse_text(text_of(("serio", 9, 1000), ("cryptd", 2, 1000)))
    case = case_of_text(block, Host(cpus=16), Instant(0.0), read_evidence(pieces))
    scenario = scenario_of_case(case, "x").scenario
    assert per_cpu(scenario) == ("cryptd",)  # though serio failed more often
    assert {r.modules: r.tasks for r in scenario.requests}["serio",] == 10


def test_the_order_is_that_of_the_first_failures():
    (block,) = parse_text(text_of(("b", 9, 1000), ("a", 9, 1000)))
    assert per_cpu(scenario_of_case(Case(block, Host(cpus=10)), "x").scenario) == ("b", "a")
    told = Case(block, Host(cpus=10), order=("a", "b"))
    assert per_cpu(scenario_of_case(told, "x").scenario) == ("a", "b")


def test_the_number_of_cpus_is_told_or_guessed_and_that_is_said():
    text = published("seed-8vcpu-early-check.txt")
    guessed = scenario_of_case(case_of(text), "x")
    assert guessed.scenario.cpus == 8 and any("not told" in note for note in guessed.notes)
    told = scenario_of_case(case_of(text, cpus=16), "x")
    assert told.scenario.cpus == 16 and not any("not told" in note for note in told.notes)
    assert scenario_of_case(case_of(text, cpus=16), "x", cpus=64).scenario.cpus == 16
    assert scenario_of_case(case_of(text), "x", cpus=64).scenario.cpus == 64


def test_the_era_is_the_kernels_or_what_only_one_of_them_can_show():
    text = published("seed-8vcpu-early-check.txt")
    assert scenario_of_case(case_of(text), "x").scenario.era == "early-check"
    late = scenario_of_case(case_of(text, kernel="6.12.1"), "x").scenario
    # A kernel that folds shows duplicates of the call that it never folds.
    assert late.era == "idempotent" and {r.via for r in late.requests} == {"init_module"}


def test_sizes_come_from_bytes_a_module():
    scenario = scenario_of_case(case_of(text_of(("odd", 3, 5000))), "x").scenario
    assert [(m.name, m.len) for m in scenario.modules] == [("odd", 5000)]


def test_images_with_debug_information_are_not_loaded_as_a_whole():
    scenario = scenario_of_case(case_of(published("seed-255vcpu-stats-only.txt")), "x").scenario
    kvm = next(m for m in scenario.modules if m.name == "kvm")
    assert kvm.len > 10_000_000 and kvm.size < 4_000_000


def test_what_came_in_another_storm_is_asked_for_later():
    (block,) = parse_text(text_of(("early_a", 5, 1000), ("late_b", 5, 1000)))
    storms = (
        Storm(began=10.0, peak=None, ended=11.0, failures=5, wasted=0, modules=("early_a",)),
        Storm(began=70.0, peak=None, ended=71.0, failures=5, wasted=0, modules=("late_b",)),
    )
    case = Case(block, Host(cpus=6), storms=storms, order=("early_a", "late_b"))
    scenario = scenario_of_case(case, "x").scenario
    assert [(r.modules, r.at_ms) for r in scenario.requests] == [
        (("early_a",), 0.0),
        (("late_b",), 60_000.0),
    ]


def test_what_was_shown_stands_beside_what_is_simulated():
    scenario = scenario_of_case(case_of(published("seed-8vcpu-early-check.txt")), "a.txt").scenario
    (real,) = scenario.published
    assert (real.failed_becoming, real.failed_load_modules, real.source) == (83, 16, "a.txt")
    assert real.duplicates["kvm"] == 7
    assert parse(dumps(scenario).encode(), "x.toml") == scenario


@pytest.mark.parametrize(
    ("name", "factor"),
    [("seed-255vcpu-stats-only.txt", 2.5), ("seed-8vcpu-early-check.txt", 1.5),
     ("sr950-448cpu-release-master.txt", 2.0)],
)  # fmt: skip
def test_simulated_again_it_shows_the_like(name, factor):
    case = case_of(published(name))
    end = simulate(scenario_of_case(case, "x").scenario).kernel.stats
    real = case.block.stats
    assert 1 / factor < end.failures / real.failures < factor
    assert {row.module for row in end.duplicates} <= {row.module for row in real.duplicates}


def test_a_table_without_rows_tells_nobody():
    with pytest.raises(SourceError, match="has no duplicates"):
        scenario_of_case(case_of(KernelTracker().text()), "x")
