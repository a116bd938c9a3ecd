"""Points as text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families as plain_families
from support.points import heads, named, of_openmetrics, of_plain
from support.samples import SAMPLES, dup, kernel_texts, stats

from kmodtop_core.errors import Trouble
from kmodtop_core.metrics.exposition import Moment, Series, series_text, to_openmetrics, to_text
from kmodtop_core.metrics.families import BY_NAME, COUNTER, FAMILIES, INFO
from kmodtop_core.metrics.points import (
    Point,
    of_block,
    of_host,
    of_instance,
    of_reads,
    of_state,
    of_warnings,
)
from kmodtop_core.sample import Host
from kmodtop_core.stats.parse import parse, render

TEXTS = [*kernel_texts(), *sorted(SAMPLES.glob("published/*"))]
HOST = Host("big", "6.12.9", 255, "b-1")


def points(text, host=HOST):
    """All that can be told of a text, but for findings."""
    block = parse(text)[-1]
    found = [*of_block(block), *of_warnings(block.warnings), *of_state(None)]
    return [*found, *of_host(host, "0.1", 1_700_000_000.5), *of_reads(7, 0.000123)]


def openmetrics(found, **how):
    return "".join(to_openmetrics(found, **how))


def plain(found, **how):
    return "".join(to_text(found, **how))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_what_is_read_back_of_every_sample_is_what_was_told(path):
    found = points(path.read_bytes())
    assert of_openmetrics(openmetrics(found)) == named(found)
    assert of_plain(plain(found)) == named(found)


families = st.sampled_from(FAMILIES)
numbers = st.integers(0, 2**62) | st.floats(0, 1e15, allow_nan=False)


@st.composite
def any_points(draw):
    """Of any family, with any labels."""
    found = {}
    for family in draw(st.lists(families, max_size=8)):
        labels = tuple((name, draw(st.text(max_size=9))) for name in family.labels)
        value = 1 if family.kind == INFO else draw(numbers)
        found[family.name, labels] = Point(family.name, labels, value)
    return list(found.values())


@given(any_points())
@settings(deadline=None)
def test_any_label_and_any_value_is_read_back(found):
    assert of_openmetrics(openmetrics(found)) == pytest.approx(named(found), rel=1e-15)
    assert of_plain(plain(found)) == pytest.approx(named(found), rel=1e-15)


def test_help_and_type_never_vary():
    of_all = {line for path in TEXTS for line in heads(openmetrics(points(path.read_bytes())))}
    assert of_all - {"# EOF"} == {
        line for family in FAMILIES if family.name not in ("kmod_finding", "kmodtop_unreadable")
        for line in _heads_of(family)
    }  # fmt: skip
    of_plain_text = {line for path in TEXTS for line in heads(plain(points(path.read_bytes())))}
    types = [line for line in of_plain_text if line.startswith("# TYPE")]
    assert len(types) == len({line.split()[2] for line in types}) == len(FAMILIES) - 2


def _heads_of(family):
    yield f"# HELP {family.name} {family.help}"
    yield f"# TYPE {family.name} {family.kind}"
    if family.unit:
        yield f"# UNIT {family.name} {family.unit}"


def test_families_are_whole_and_in_the_order_of_the_table_whatever_that_of_the_points():
    first = points(render(stats(dup("kvm", 1))))
    mixed = [point for one in zip(first, first[::-1], strict=True) for point in one]
    several = [*of_instance(mixed[::2], "a"), *of_instance(mixed[1::2], "b")]
    order = [line.split()[2] for line in heads(openmetrics(several)) if line.startswith("# TYPE")]
    assert order == [family.name for family in FAMILIES if family.name in order]
    assert of_openmetrics(openmetrics(several)) == named(several)


def test_openmetrics_ends_with_its_end_even_if_there_is_nothing():
    assert openmetrics([]) == "# EOF\n"
    assert openmetrics(points(render(stats()))).endswith("\n# EOF\n")
    assert plain([]) == ""


def test_a_text_file_has_info_as_a_gauge_counters_by_their_full_names_and_no_time():
    text = plain(points(render(stats(dup("kvm", 1)))))
    types = {family.name: family.type for family in plain_families(text)}
    assert types["kmodtop_info"] == "gauge"
    assert "# TYPE kmod_loads_total counter\n" in text
    assert "# EOF" not in text and "# UNIT" not in text
    values = [line.rpartition("}")[2] for line in text.splitlines() if "}" in line]
    assert values and all(len(value.split()) == 1 for value in values)


def test_large_counters_are_written_to_the_last_digit():
    found = [Point("kmod_loaded_bytes", (), 2**61 + 1)]
    assert f"kmod_loaded_bytes_total {2**61 + 1}\n" in openmetrics(found)
    assert f"kmod_loaded_bytes_total {2**61 + 1}\n" in plain(found)


# ---- _created: only when asked ---------------------------------------------------


def test_nobody_is_told_when_a_counter_began_who_does_not_ask():
    found = points(render(stats(dup("kvm", 1))))
    assert "_created" not in openmetrics(found) + plain(found)


@pytest.mark.parametrize("write", [openmetrics, plain])
def test_each_counter_and_nothing_else_says_when_it_began_to_who_asks(write):
    found = points(render(stats(dup("kvm", 1))))
    read = of_openmetrics if write is openmetrics else of_plain
    told = read(write(found, created=1_700_000_000.5))
    begun = {key: value for key, value in told.items() if key[0].endswith("_created")}
    counters = [point for point in found if BY_NAME[point.family].kind == COUNTER]
    assert set(begun.values()) == {1_700_000_000.5} and len(begun) == len(counters)
    assert {key: v for key, v in told.items() if key not in begun} == named(found)


# ---- over time -----------------------------------------------------------------------


def test_times_are_written_to_the_millisecond():
    moments = [Moment(1, 1_700_000_000_000), Moment(2, 1_700_000_000_007), Moment(2.5, 5)]
    text = "".join(series_text([(BY_NAME["kmod_duplicate_table_rows"], [Series((), moments)])]))
    assert text.splitlines()[2:] == [
        "kmod_duplicate_table_rows 1 1700000000.000",
        "kmod_duplicate_table_rows 2 1700000000.007",
        "kmod_duplicate_table_rows 2.5 0.005",
        "# EOF",
    ]


def test_why_it_cannot_be_read_is_read_back():
    found = list(of_state(Trouble("no-permission", "may not be read", "ask root", "x")))
    assert of_openmetrics(openmetrics(found)) == {
        ("kmodtop_up", ()): 0,
        ("kmodtop_unreadable", (("code", "no-permission"),)): 1,
    }
