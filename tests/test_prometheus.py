"""The files in samples/prometheus; all of it against a real Prometheus: tests/prometheus.py."""

import json
import re

import pytest
from support.points import SUFFIXES
from support.prometheus import FOLDER, PROMTOOL, of_dashboard, of_rules, promtool
from support.samples import SAMPLES

from kmodtop.commands.scraping import Target
from kmodtop_core.machine.facts import Machine
from kmodtop_core.metrics.exposition import to_text
from kmodtop_core.metrics.families import FAMILIES
from kmodtop_core.sources.polled import PolledFile
from kmodtop_core.stats.values import STAGES

needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="no promtool here")
NAMES = {family.name + SUFFIXES.get(family.kind, "") for family in FAMILIES}
LABELS = {name for family in FAMILIES for name in family.labels} | {"instance", "job"}
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())
QUERIES = [*of_rules().values(), *(query for found in of_dashboard().values() for query in found)]


@needs_promtool
@pytest.mark.parametrize(
    "words",
    [
        ("check", "rules", "kmodtop.rules.yml"),
        ("test", "rules", "kmodtop.rules.test.yml"),
        ("check", "config", "prometheus.yml"),
    ],
    ids=" ".join,
)
def test_promtool_finds_nothing(words):
    *verb, name = words
    status, says = promtool(*verb, FOLDER / name)
    assert status == 0 and "SUCCESS" in says, says
    assert "FAIL" not in says and "warn" not in says.lower()


@needs_promtool
@pytest.mark.parametrize(
    "name", ["states/both.txt", "limits/rows-once-180.txt", "hostile/odd-names.txt", "missing"]
)
@pytest.mark.parametrize("created", [None, 1_700_000_000.5], ids=["plain", "created"])
def test_promtool_finds_nothing_in_a_text_file(name, created):
    target = Target(PolledFile(str(SAMPLES / name), 1.0, Machine()), 1.0)
    text = "".join(to_text(target.points(), created))
    assert promtool("check", "metrics", stdin=text.encode()) == (0, "")


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_names_only_what_is_in_the_table(query):
    names = set(re.findall(r"\bkmod\w+", re.sub(r'"[^"]*"', "", query)))
    assert names <= NAMES and (names or "up{" in query)
    labels = set(re.findall(r"(\w+)=~?\"", query))
    grouped = {
        name.strip()
        for found in re.findall(r"\b(?:by|without|on|group_left) \(([^)]*)\)", query)
        for name in found.split(",")
        if name
    }
    assert labels | grouped <= LABELS
    stages = re.findall(r'stage=~?"([^"]*)"', query)
    known = {stage.name for stage in STAGES}
    assert all(set(found.split("|")) <= known for found in stages)


def test_every_metric_of_the_machine_is_on_the_dashboard():
    on_it = " ".join(query for found in of_dashboard().values() for query in found)
    assert {name for name in NAMES if name not in on_it} == set()


def test_each_alert_has_a_severity_and_says_what_it_is_about():
    text = (FOLDER / "kmodtop.rules.yml").read_text()
    alerts = text.split("- alert: ")[1:]
    assert len(alerts) == sum(name.startswith("Kmod") for name in of_rules())
    for alert in alerts:
        assert "severity:" in alert and "summary:" in alert and "$labels.instance" in alert


def test_panels_have_units_descriptions_and_places_of_their_own():
    taken = set()
    for panel in DASHBOARD["panels"]:
        assert panel["description"].endswith(".")
        place = panel["gridPos"]
        cells = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }
        assert not cells & taken and place["x"] + place["w"] <= 24
        taken |= cells
        is_bytes = any("_bytes" in target["expr"] for target in panel["targets"])
        assert (panel["fieldConfig"]["defaults"].get("unit") == "bytes") == is_bytes
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_the_dashboard_takes_any_data_source_and_any_machine():
    names = [one["name"] for one in DASHBOARD["templating"]["list"]]
    assert names == ["datasource", "instance"] and DASHBOARD["schemaVersion"] >= 38
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${datasource}"
            assert "$instance" in target["expr"]
