"""Bytes a module: exact from texts, from texts and sizes, or said to be less."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samples import SAMPLES, dup, stats

from kmodtop_core.diagnosis.ledger import Ledger, ledger_of
from kmodtop_core.diagnosis.module_bytes import bytes_of, usual_shares
from kmodtop_core.stats.parse import parse, render
from kmodtop_core.stats.values import FailReason, ModuleStats

LOAD, BOTH = FailReason.LOAD, FailReason.BECOMING | FailReason.LOAD
CASES = ["a_udev", "b_loop", "c_modload", "d_autoload", "d2_autoload", "e_insmod", "mix"]
"""Captures in which only duplicates failed."""


def captured(case):
    folder = SAMPLES / "who" / case
    sizes = {m: e["size"] for m, e in json.loads((folder / "sizes.json").read_text()).items()}
    ledger, block = Ledger(), None
    for line in (folder / "stats.jsonl").read_text().splitlines():
        if "text" in (entry := json.loads(line)):
            block = parse(entry["text"].encode())[-1]
            ledger.observe(block.stats, block.stats.duplicates)
    return ledger, block.stats, sizes


def total(what):
    return what.invalid_becoming_bytes + what.invalid_mod_bytes


def watched(*texts):
    ledger = Ledger()
    for what in texts:
        ledger.observe(what, what.duplicates)
    return ledger, texts[-1]


def told(*texts, sizes=None):
    ledger, last = watched(*texts)
    return {e.modules: e for e in bytes_of(ledger, last, sizes or {})}


@pytest.mark.parametrize("case", CASES)
def test_with_known_sizes_all_of_it_is_exact(case):
    ledger, last, sizes = captured(case)
    found = bytes_of(ledger, last, sizes, plain=True)
    assert {entry.basis for entry in found} == {"exact"}
    assert sum(entry.bytes for entry in found) == total(last)
    assert sum(entry.becoming_bytes for entry in found) == last.invalid_becoming_bytes
    assert all(entry.length == sizes.get(entry.modules[0], entry.length) for entry in found)


@pytest.mark.parametrize("case", [*CASES, "f_initmod", "g_other"])
def test_without_sizes_no_figure_is_wrong_and_called_exact(case):
    ledger, last, sizes = captured(case)
    known = {e.modules[0]: e for e in bytes_of(ledger, last, sizes, plain=True)}
    for entry in bytes_of(ledger, last, {}):
        (module, *others) = entry.modules
        if entry.basis == "exact":
            assert entry.length == sizes.get(module, entry.length)
        elif entry.basis == "estimated" and entry.bytes > 0.05 * total(last):
            assert abs(entry.bytes - known[module].bytes) <= 0.05 * known[module].bytes
        assert others == [] or entry.basis == "inseparable"


def test_what_failed_alone_is_exact():
    found = told(
        stats(dup("kvm", 2), failed_becoming=2, invalid_becoming_bytes=2000),
        stats(dup("nf", 1), dup("kvm", 2), failed_becoming=3, invalid_becoming_bytes=2500),
    )
    assert (found["kvm",].bytes, found["kvm",].basis) == (2000, "exact")
    assert (found["nf",].bytes, found["nf",].length) == (500, 500)


def test_a_late_failure_wastes_the_length_twice():
    row = dup("kvm", 3, LOAD)
    found = told(stats(row, failed_becoming=0, invalid_becoming_bytes=0,
                       failed_load_modules=3, invalid_mod_bytes=6000))  # fmt: skip
    assert found["kvm",].load_bytes == 6000 and found["kvm",].basis == "exact"
    assert found["kvm",].length is None  # it may be packed: half of it is then no length


def test_what_always_failed_together_is_one_sum():
    found = told(stats(dup("b", 2), dup("a", 2), failed_becoming=4, invalid_becoming_bytes=900))
    (entry,) = found.values()
    assert entry.basis == "inseparable" and entry.bytes == 900
    assert set(entry.modules) == {"a", "b"} and entry.becoming_bytes is None


def test_a_text_that_is_ahead_of_itself_is_passed_over():
    ahead = stats(dup("nf", 9), dup("kvm", 2), failed_becoming=2, invalid_becoming_bytes=2000)
    found = told(
        stats(dup("kvm", 2), failed_becoming=2, invalid_becoming_bytes=2000),
        ahead,
        stats(dup("nf", 10), dup("kvm", 2), failed_becoming=12, invalid_becoming_bytes=7000),
    )
    assert found["nf",].length == 500 and found["nf",].basis == "exact"


def test_sizes_that_do_not_add_up_are_called_so_and_stay_within_the_total():
    text = stats(dup("a", 2), dup("b", 2), failed_becoming=4, invalid_becoming_bytes=900)
    found = told(text, sizes={"a": 400, "b": 400})
    assert {entry.basis for entry in found.values()} <= {"sizes", "estimated"}
    assert sum(entry.bytes for entry in found.values()) <= 900


def test_stages_are_parted_where_only_one_choice_fits():
    rows = dup("a", 3, BOTH), dup("b", 2, BOTH)
    text = stats(*rows, failed_becoming=3, invalid_becoming_bytes=2 * 100 + 1000,
                 failed_load_modules=2, invalid_mod_bytes=2 * 100 + 2 * 1000)  # fmt: skip
    found = told(text, sizes={"a": 100, "b": 1000})
    assert found["a",].becoming_bytes == 200 and found["b",].load_bytes == 2000
    assert {entry.basis for entry in found.values()} == {"exact"}


def test_absurd_counters_are_no_sizes():
    absurd = stats(dup("a", 1), failed_becoming=1, invalid_becoming_bytes=(1 << 64) - 16)
    assert told(absurd) == {}


def test_figures_with_other_failures_need_a_second_witness():
    one = stats(dup("kvm", 2), failed_becoming=3, invalid_becoming_bytes=2300)
    two = stats(dup("kvm", 3), failed_becoming=4, invalid_becoming_bytes=3300)
    three = stats(dup("kvm", 5), failed_becoming=6, invalid_becoming_bytes=5300)
    assert told(one, two)["kvm",].basis == "estimated"
    assert told(one, two, three)["kvm",].basis == "exact"


def test_usual_lengths_tell_shares_of_modules_that_are_usual():
    known = stats(dup("kvm", 10), dup("cryptd", 10), dup("own", 1))
    assert usual_shares(known)[0][0] == "kvm"
    assert usual_shares(stats(dup("own", 10), dup("kvm", 1))) == []


LENGTHS = st.dictionaries(
    st.sampled_from("abcdefgh"), st.integers(64, 5000), min_size=1, max_size=8
)


@given(LENGTHS, st.integers(0, 2**32), st.booleans(), st.sampled_from((0, 31)))
def test_no_exact_figure_is_ever_wrong(lengths, seed, knows, packed):
    """Whatever fails in whatever order, however seldom somebody looks; files that the kernel
    unpacks add their packed length once."""
    chance = Random(seed)
    counts, reasons = dict.fromkeys(lengths, 0), dict.fromkeys(lengths, FailReason(0))
    early = late = early_bytes = late_bytes = 0
    texts, wasted = [], dict.fromkeys(lengths, 0)
    for _ in range(chance.randint(1, 40)):
        module = chance.choice(sorted(lengths))
        counts[module] += 1
        if chance.random() < 0.7:
            early, early_bytes = early + 1, early_bytes + lengths[module] + packed
            reasons[module] |= FailReason.BECOMING
            wasted[module] += lengths[module] + packed
        else:
            late, late_bytes = late + 1, late_bytes + 2 * lengths[module] + packed
            reasons[module] |= FailReason.LOAD
            wasted[module] += 2 * lengths[module] + packed
        if chance.random() < 0.4:
            rows = tuple(dup(m, n, reasons[m]) for m, n in counts.items() if n)
            counters = (5, 0, 0, early, late, 9, 9, 0, 0, early_bytes, late_bytes)
            texts.append(ModuleStats(*counters, rows))
    if not texts:
        return
    ledger, last = watched(*texts)
    found = bytes_of(ledger, last, lengths if knows else {})
    assert sum(entry.bytes for entry in found) <= total(last)
    complete = last.failed_becoming + last.failed_load_modules == early + late
    for entry in found:
        if entry.basis == "exact":
            (module,) = entry.modules
            assert packed or entry.length in (None, lengths[module])
            assert not complete or entry.bytes == wasted[module]


def test_a_single_text_is_a_ledger_of_its_own():
    block = parse(render(stats(dup("kvm", 4))))[-1]
    (entry,) = bytes_of(ledger_of(block), block.stats, {})
    assert entry.length == 1000 and entry.basis == "exact"


def test_texts_that_contradict_each_other_make_nothing_exact():
    one = stats(dup("kvm", 1), failed_becoming=1, invalid_becoming_bytes=1000)
    two = stats(dup("kvm", 2), failed_becoming=2, invalid_becoming_bytes=2600)
    assert told(one, two)["kvm",].basis == "estimated"
