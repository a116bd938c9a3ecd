"""Every JSON output is as its schema says, which describes every key of it."""

import copy
import json
from functools import cache
from itertools import pairwise

import pytest
from jsonschema import Draft202012Validator
from support.command import kmodtop
from support.odd_recordings import make_recordings
from support.samples import ROOT, SAMPLES, dup, gap, kernel_texts, sample, stats
from support.schemas import breaches, descriptions, printed, references
from support.traces import CASES, bundle

from kmodtop_core import schemas
from kmodtop_core.opening.playing import open_played
from kmodtop_core.reports.follow import Follower, change_object
from kmodtop_core.tracking.tracker import Tracker

PLAYED = sorted(
    [*SAMPLES.glob("series/*.jsonl"), *SAMPLES.glob("stock/*"), SAMPLES / "traced/fan_udev"]
    + [path.parent for path in SAMPLES.glob("who/*/stats.jsonl")]
)
"""Recordings, series and bundles."""

TEXTS = sorted(path for path in SAMPLES.glob("**/*.txt") if path.name != "trace.txt")
STORM = SAMPLES / "series/boot-udev-32cpu-noidem.jsonl"
BOTH = SAMPLES / "states/both.txt"
LOG = "[  4.5] module: module-autoload: duplicate request for module fs-vfat\n"


def named(path):
    return str(path.relative_to(SAMPLES))


def told(*words, either=(0,)):
    """What a verb prints, as its schema says; where it may end otherwise, whatever it prints."""
    status, objects = printed(*words)
    assert status in either, words
    assert wrong(objects) == []
    return objects


def wrong(objects):
    return [breach for one in objects for breach in breaches(one)]


# ---- the schemas ---------------------------------------------------------------


def test_there_is_a_file_for_each_schema():
    folder = ROOT / "core/kmodtop_core/schemas"
    assert {path.stem for path in folder.glob("*.json")} == set(schemas.NAMES)


@pytest.mark.parametrize("name", schemas.NAMES)
def test_a_schema_is_valid_and_complete_in_itself(name):
    schema = schemas.read(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:kmodtop:{name}:1"
    assert schema["properties"]["schema"]["const"] == f"kmodtop.{name}/1"
    assert schema["additionalProperties"] is True
    assert set(references(schema)) == {f"#/$defs/{part}" for part in schema.get("$defs", ())}


@pytest.mark.parametrize("name", schemas.NAMES)
def test_each_key_is_described_in_a_sentence(name):
    for key, about in descriptions(schemas.read(name)):
        assert about.endswith(".") and about[:1].isupper(), key


@pytest.mark.parametrize("part", ["counter", "era", "finding", "published", "reasons", "verdict"])
def test_what_several_schemas_define_they_define_alike(part):
    found = [schemas.read(name).get("$defs", {}).get(part) for name in schemas.NAMES]
    first, *others = [entry for entry in found if entry is not None]
    assert others and all(entry == first for entry in others)


# ---- report ----------------------------------------------------------------------


def test_reports_of_all_texts():
    reported = {path for path in TEXTS if told("report", path, "--format", "json", either=(0, 4))}
    assert reported > {*kernel_texts(), *SAMPLES.glob("published/*"), *SAMPLES.glob("torn/*")}


def test_a_report_of_several_texts_numbers_them(tmp_path):
    path = tmp_path / "texts"
    path.write_bytes(b"".join(text.read_bytes() for text in kernel_texts()[:3]))
    assert [one["index"] for one in told("report", path, "--format", "json")] == [0, 1, 2]


@pytest.mark.parametrize("path", PLAYED, ids=named)
def test_a_report_of_a_recording(path):
    (report,) = told("report", path, "--format", "json")
    assert report["recording"]["boot"] == 1


@pytest.mark.parametrize("case", CASES)
def test_a_report_of_a_bundle_with_its_trace(case, tmp_path):
    told("report", bundle(case, tmp_path), "--format", "json")


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("stock/*/trace.txt")), ids=named)
def test_a_report_of_a_trace_alone(path):
    (report,) = told("report", "--trace", path, "--format", "json")
    assert report["counted_since_s"] > 0 and report["counters"]["failed_kreads"] is None


def test_a_report_of_a_kernel_log_alone(tmp_path):
    path = tmp_path / "log"
    path.write_text(LOG)
    (report,) = told("report", path, "--format", "json")
    assert report["kernel_log"]["duplicate_requests"] == {"fs-vfat": 1}


# ---- export, and recordings that are odd ------------------------------------------------


@pytest.mark.parametrize("path", PLAYED, ids=named)
def test_an_export(path):
    assert told("export", path, "--format", "jsonl")


def test_recordings_with_gaps_resets_and_oddities(tmp_path):
    make_recordings(tmp_path)
    kinds = set()
    for path in sorted(tmp_path.glob("*.db")):
        told("report", path, "--format", "json", either=(0, 4))
        exported = told("export", path, "--format", "jsonl", either=(0, 4))
        kinds |= {(one["schema"], one.get("code")) for one in exported}
    assert {code for schema, code in kinds if schema == "kmodtop.gap/1"} > {"missing", "not-stats"}


# ---- follow ------------------------------------------------------------------------


def changes(items):
    tracker, follower = Tracker(), Follower()
    found = [change_object(f) for f in map(tracker.observe, items) if follower.is_news(f)]
    found = [json.loads(json.dumps(change)) for change in found]
    assert wrong(found) == []
    return found


@pytest.mark.parametrize("path", PLAYED, ids=named)
def test_the_changes_of_a_recording(path):
    recording = open_played(str(path), "0")
    assert all(changes(recording.items(boot)) for boot in recording.boots())
    recording.close()


def test_every_event_that_follow_tells_of():
    first, grown = stats(dup("kvm", 3)), stats(dup("evdev", 1), dup("kvm", 5), modcount=6)
    found = changes([sample(0, first), sample(1, grown), gap(2), sample(3, grown), gap(4),
                     sample(5, stats(dup("kvm", 9), modcount=9)), sample(6, stats(modcount=1)),
                     sample(7, b"no statistics")])  # fmt: skip
    events = ["first", "change", "gap", "back", "gap", "back", "reset", "gap"]
    assert [change["event"] for change in found] == events
    assert changes([gap(1)])[0]["at"] is None


def test_follow_as_a_command():
    done = kmodtop("follow", str(STORM), "--speed", "1000", "--format", "json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["event"] == "first" and len(lines) > 10
    assert wrong(lines) == []


# ---- diff -------------------------------------------------------------------------


@pytest.mark.parametrize("across", [(), ("--across-boots",)], ids=["one boot", "across boots"])
def test_differences_of_all_texts(across):
    statuses = set()
    for a, b in pairwise(kernel_texts()):
        status, objects = printed("diff", a, b, "--format", "json", *across)
        assert len(objects) == (status == 0)  # what is refused prints no object
        assert wrong(objects) == []
        statuses.add(status)
    assert statuses == ({0} if across else {0, 2})


def test_a_difference_of_recordings(path):
    (within,) = told("diff", SAMPLES / "who/b_loop", SAMPLES / "who/b_loop", "--format", "json")
    assert within["counters"] == {}
    words = "diff", SAMPLES / "who/q_quiet", STORM, "--format", "json", "--across-boots"
    (across,) = told(*words)
    assert across["across_boots"] and across["virtual_mem_wasted_bytes"]["delta"] is None


# ---- simulate ----------------------------------------------------------------------


@pytest.mark.parametrize("era", ["stats-only", "early-check", "idempotent"])
@pytest.mark.parametrize("scenario", ["guest-8", "autoload-mounts", "vmalloc-exhaustion", "quiet"])
def test_a_simulated_boot(scenario, era):
    (report,) = told("simulate", scenario, "--era", era, "--format", "json")
    assert report["simulation"]["era"] == era


def test_a_simulated_boot_with_packed_modules():
    (report,) = told("simulate", "guest-8", "--packed", "1:4", "--format", "json")
    assert report["simulation"]["unpacked"]["peak_vmalloc_bytes"] > 0


def test_played_load_events():
    for path in sorted(SAMPLES.glob("events/kread-*.json")):
        assert told("simulate", "--events", path, "--format", "json")


@pytest.mark.parametrize("scenario", ["guest-8", "quiet"])
def test_eras_compared(scenario):
    (found,) = told("simulate", scenario, "--compare", "--seeds", "1", "--format", "json")
    assert {run["era"] for run in found["runs"]} == {"stats-only", "early-check", "idempotent"}


# ---- what breaks the contract --------------------------------------------------------


@cache
def example(name):
    """A real output of that schema."""
    if name == "change":
        return changes([sample(0, stats(dup("kvm", 3))), sample(2, stats(dup("kvm", 5)))])[1]
    if name == "gap":
        return {"schema": "kmodtop.gap/1", "taken": None, "uptime_s": 1, "code": "x", "message": ""}
    words = {
        "report": ("report", SAMPLES / "who/a_udev"),
        "check": ("check", SAMPLES / "who/a_udev"),
        "diff": ("diff", BOTH, SAMPLES / "states/one-module.txt", "--across-boots"),
        "compare": ("simulate", "guest-8", "--compare", "--seeds", "1"),
    }[name]
    return told(*words, "--format", "json", either=(0, 1))[0]


@pytest.mark.parametrize("name", schemas.NAMES)
def test_no_key_of_the_contract_may_be_missing(name):
    whole = example(name)
    assert breaches(whole) == []
    for key in schemas.read(name)["required"]:
        if key != "schema":
            assert breaches({k: value for k, value in whole.items() if k != key}), key


@pytest.mark.parametrize("name", schemas.NAMES)
def test_a_key_that_is_new_is_allowed_but_must_be_described(name):
    assert breaches(example(name) | {"new": 1}) == ["$.new: is not described"]


WRONG = [
    ("report", "counters.modcount", "-12"),
    ("report", "counters.modcount", -12),
    ("report", "counters.modcount", 12.0),
    ("report", "counters", None),
    ("report", "virtual_mem_wasted_bytes", "27 MiB"),
    ("report", "averages.mod_size", 0.5),
    ("report", "duplicates", None),
    ("report", "duplicates.0.reasons", ["load", "becoming"]),
    ("report", "reconciliation.truncated", None),
    ("report", "taken", "yesterday"),
    ("report", "verdict.level", "fine"),
    ("report", "findings.0.confidence", "perhaps"),
    ("report", "findings.0.side", None),
    ("report", "findings.0.evidence", "numbers"),
    ("report", "module_bytes.0.basis", "guessed"),
    ("report", "module_bytes.0.modules", ["kvm", "kvm_intel"]),
    ("report", "storms.0.began_s", None),
    ("report", "requesters.0.modules", ["kvm"]),
    ("report", "recording.boot", 0),
    ("report", "kernel_log", {}),
    ("gap", "uptime_s", None),
    ("gap", "code", "It is gone."),
    ("change", "event", "same"),
    ("change", "event", "gap"),
    ("change", "event", "first"),
    ("change", "counters.kvm", {"value": 1, "delta": 1}),
    ("change", "growing.0.delta", 0),
    ("change", "virtual_mem_wasted_bytes.rate", "1000"),
    ("diff", "across_boots", None),
    ("diff", "delta_s", 2.5),
    ("diff", "counters.modcount.delta", 1),
    ("diff", "virtual_mem_wasted_bytes.a", 0.5),
    ("compare", "runs.0.era", "modern"),
    ("compare", "runs.0.packed", None),
    ("compare", "published.0.wasted_bytes", -1),
]


@pytest.mark.parametrize(("name", "where", "value"), WRONG)
def test_what_breaks_the_contract_is_refused(name, where, value):
    broken = copy.deepcopy(example(name))
    *parents, last = [int(key) if key.isdigit() else key for key in where.split(".")]
    inner = broken
    for key in parents:
        inner = inner[key]
    assert inner.get(last, "absent") != value
    inner[last] = value
    assert breaches(broken)
