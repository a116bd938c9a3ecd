"""Scenario files."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.scenarios import NEEDED, simulate, toml

from kmodtop_core.errors import SourceError
from kmodtop_core.simulation.eras import era_of
from kmodtop_core.simulation.machines import KINDS, Machine
from kmodtop_core.simulation.scenario_files import load, names, parse
from kmodtop_core.simulation.scenario_writing import dumps
from kmodtop_core.simulation.scenarios import Module, Requests, Scenario

HEAD = 'name = "x"\nera = "early-check"\ncpus = 1\n'
MODULES = 'modules = [{name = "a", len = 1}]\n'
REQUESTS = 'requests = [{by = "udev", modules = ["a"]}]\n'


def test_scenarios_are_all_there():
    assert set(names()) >= NEEDED


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = ", "x.toml: is no TOML"),
        ('name = "x"', "modules: needs at least one"),
        ('modules = [{name = "a"}]\n' + REQUESTS, r"modules\[0\].len: is missing"),
        ('modules = [{name = "a", len = "9"}]', r"len: must be a whole number, not '9'"),
        ('modules = [{name = "a", len = -1}]', r"modules\[0\].len: must not be -1"),
        (
            HEAD + 'modules = [{name = "a", len = 1, fault = "odd"}]\n' + REQUESTS,
            "fault: must be one of signature",
        ),
        (
            HEAD + 'modules = [{name = "a", len = 1, depends = ["b"]}]\n' + REQUESTS,
            "there is no module 'b'",
        ),
        (
            HEAD + 'modules = [{name = "a", len = 1, depends = ["a"]}]\n' + REQUESTS,
            "in a circle",
        ),
        (HEAD + MODULES + REQUESTS.replace("udev", "me"), "by: must be one of udev"),
        (HEAD.replace("early-check", "late") + MODULES + REQUESTS, "era: must be one of"),
        (MODULES + 'requests = [{by = "udev", modules = ["a"], color = 1}]', "color: is not known"),
        (HEAD + MODULES + REQUESTS + "[machine]\ncopy_mb_s = 0", "copy_mb_s: must be at least 0.1"),
        (HEAD + MODULES.replace("}]", '}, {name = "a", len = 2}]') + REQUESTS, "stands twice"),
        (
            HEAD + MODULES + REQUESTS + "[machine]\nvmalloc_limit_mib = 128",
            "machine.vmalloc_limit_mib: is called module_area_mib now",
        ),
        (HEAD + MODULES.replace('"a"', '"\\u001b[1m"') + REQUESTS, "no name that a module can"),
        (HEAD + MODULES.replace('"a"', '"a b"') + REQUESTS, "no name that a module can have"),
        (HEAD + MODULES.replace('"a"', f'"{"x" * 56}"') + REQUESTS, "no name that a module can"),
        (
            HEAD + MODULES.replace("1}", '1, fault = "compression"}') + REQUESTS,
            "needs a compressed",
        ),
        (HEAD + MODULES.replace("1}", f"{9**40}}}") + REQUESTS, "len: must not be so large"),
        (f"cpus = {'9' * 5000}", "is no TOML"),
        ("x = " + "[" * 100_000, "is no TOML"),
        (
            HEAD + MODULES + REQUESTS.replace("}]", ", workers = 3}]").replace("udev", "autoload"),
            "has 50 slots",
        ),
        (
            HEAD + MODULES + REQUESTS + '[[published]]\nera="early-check"\nsource="x"\n'
            "duplicates={a=-5}",
            "must have counts from 0 on",
        ),
        (HEAD + MODULES + REQUESTS + '[machine]\nkind = "toaster"', "kind: must be one of bare"),
        (
            HEAD + MODULES + 'requests = [{by = "autoload", modules = []}]',
            "must name a module",
        ),
        (
            HEAD + MODULES + 'requests = [{by = "udev", modules = ["a"], tasks = 1000000000}]',
            r"requests\[0\].tasks: must not be 1000000000",
        ),
        (
            HEAD
            + MODULES
            + 'requests = [{by = "udev", modules = ["a"], tasks = 999, rounds = 99999}]',
            r"requests\[0\]: asks more than 10,000,000 times",
        ),
        (HEAD.replace("cpus = 1", "cpus = 0") + MODULES + REQUESTS, "cpus: must be from 1"),
    ],
)
def test_a_wrong_scenario_is_told_with_file_key_and_reason(text, says):
    with pytest.raises(SourceError, match=says) as error:
        parse(text.encode(), "x.toml")
    assert str(error.value).startswith("x.toml: ")


def test_a_kind_of_machine_brings_its_constants_and_a_scenario_may_change_some():
    kind = '[machine]\nkind = "kvm-guest"\n'
    usual = parse((HEAD + MODULES + REQUESTS + kind).encode(), "x.toml").machine
    assert usual == Machine(**KINDS["kvm-guest"] | {"kind": "kvm-guest"})
    changed = parse((HEAD + MODULES + REQUESTS + kind + "fork_us = 1").encode(), "x.toml").machine
    assert changed == replace(usual, fork_us=1.0)


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_scenario_that_is_written_is_read_as_the_same(name):
    scenario = load(name)
    assert parse(dumps(scenario, ("a note", "\x1b[31m")).encode(), "x.toml") == scenario


NAMES = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=13)


@given(st.text(st.characters(exclude_categories=["Cs"])), NAMES, st.floats(0, 1e9), st.booleans())
def test_whatever_a_scenario_holds_it_can_be_written(text, name, number, flag):
    module = Module(name, 1, init_us=number)
    requests = Requests("stress", (name,), at_ms=number, check=flag)
    scenario = Scenario(text, text, "early-check", 1, Machine(), (module,), (requests,))
    assert parse(dumps(scenario, (text,)).encode(), "x.toml") == scenario


def test_blacklisted_modules_are_loaded_only_for_those_who_need_them():
    scenario = load("guest-8").without(["kvm"])
    wanted = {name for r in scenario.requests for name in r.modules}
    assert "kvm_intel" in wanted and simulate(scenario).kernel.stats.modcount == 67
    left = simulate(load("guest-8").without(["kvm_intel"]))
    assert not {"kvm", "kvm_intel"} & {row.module for row in left.kernel.stats.duplicates}


def test_who_asks_by_name_gets_what_is_blacklisted():
    asks = 'by = "stress"\nmodules = ["a"]\n[[requests]]\nby = "autoload"\nmodules = ["a"]'
    left = toml(requests=asks).without(["a"])
    assert [r.by for r in left.requests] == ["stress"]


@pytest.mark.parametrize(
    ("version", "era"),
    [((6, 3), "stats-only"), ((5, 10), "stats-only"), ((6, 4), "early-check"),
     ((6, 5), "idempotent"), ((7, 2), "idempotent"), (None, "idempotent")],
)  # fmt: skip
def test_an_era_is_that_of_a_kernels_release(version, era):
    assert era_of(version) == era


def test_what_was_published_is_of_an_era_and_a_number_of_cpus():
    scenario = load("big-255")
    assert scenario.shown("early-check", 255).wasted_bytes == 7_500_000_000
    assert scenario.shown("stats-only", 255).failed_load_modules == 1411
    assert (
        scenario.shown("stats-only", 256) is None and load("quiet").shown("idempotent", 4) is None
    )


def test_packing_packs_all_to_the_same_part():
    for name in ("compressed", "guest-8"):
        scenario = load(name).packed(0.25)
        assert scenario.is_packed and not scenario.unpacked().is_packed
        assert all(m.compressed_len == max(1, int(m.len * 0.25)) for m in scenario.modules)


def test_a_file_that_is_too_large_is_refused_and_not_cut(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text(HEAD + MODULES + REQUESTS + "#" * (4 << 20))
    with pytest.raises(SourceError, match="is larger than 4 MiB"):
        load(str(path))


def test_dependencies_without_end_are_refused():
    modules = [f'name = "m{i}"\nlen = 1\ndepends = ["m{i + 1}"]' for i in range(2000)]
    with pytest.raises(SourceError, match="too many in a row"):
        toml(*modules, 'name = "m2000"\nlen = 1', requests='by = "udev"\nmodules = ["m0"]')


def test_an_unknown_scenario_is_told_with_those_there_are():
    with pytest.raises(SourceError, match="big-255, compressed"):
        load("small-7")


# ---- scenario files ----------------------------------------------------------
