"""Scenario files."""

import pytest
from support.scenarios import NEEDED, toml

from kmodtop_core.errors import SourceError
from kmodtop_core.simulation.scenarios import load, names, parse

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
        (HEAD + MODULES + REQUESTS + "[machine]\ncopy_mb_s = 0", "copy_mb_s: must be more than 0"),
        (HEAD + MODULES.replace("}]", '}, {name = "a", len = 2}]') + REQUESTS, "stands twice"),
        (HEAD.replace("cpus = 1", "cpus = 0") + MODULES + REQUESTS, "cpus: must be from 1"),
    ],
)
def test_a_wrong_scenario_is_told_with_file_key_and_reason(text, says):
    with pytest.raises(SourceError, match=says) as error:
        parse(text.encode(), "x.toml")
    assert str(error.value).startswith("x.toml: ")


def test_dependencies_without_end_are_refused():
    modules = [f'name = "m{i}"\nlen = 1\ndepends = ["m{i + 1}"]' for i in range(2000)]
    with pytest.raises(SourceError, match="too many in a row"):
        toml(*modules, 'name = "m2000"\nlen = 1', requests='by = "udev"\nmodules = ["m0"]')


def test_an_unknown_scenario_is_told_with_those_there_are():
    with pytest.raises(SourceError, match="big-255, compressed"):
        load("small-7")


# ---- scenario files ----------------------------------------------------------
