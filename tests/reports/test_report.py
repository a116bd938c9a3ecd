"""Reports: the contract of the JSON, and a text good enough for a bug report."""

import json

import pytest
from support.command import kmodtop
from support.samples import SAMPLES, dup, sample, stats

from kmodtop_core.reports.report import reset_warnings, snapshots, to_json, to_object, to_text
from kmodtop_core.sample import Host
from kmodtop_core.stats.parse import render


def only(text, host=None):
    return snapshots("there", [sample(5, text, *([host] if host else []))])[0]


def test_the_contract_of_one_snapshot(seed_text):
    report = json.loads(to_json(only(seed_text)))
    assert report["schema"] == "kmodtop.report/1" and report["source"] == "there"
    assert [report[k] for k in ("kernel", "cpus", "boot_id", "taken", "uptime_s")] == [None] * 5
    assert report["counters"] == {
        "modcount": 67, "failed_kreads": 0, "failed_decompress": 0, "failed_becoming": 0,
        "failed_load_modules": 1411, "total_mod_size": 11464704, "total_text_size": 4194304,
        "invalid_kread_bytes": 0, "invalid_decompress_bytes": 0, "invalid_becoming_bytes": 0,
        "invalid_mod_bytes": 14588526272,
    }  # fmt: skip
    assert report["virtual_mem_wasted_bytes"] == 14588526272
    assert report["averages"] == {
        "mod_size": 171115, "text_size": 62602, "kread_fail": None, "becoming_fail": None,
        "decompress_fail": None, "load_fail": 10339140,
    }  # fmt: skip
    assert report["duplicates"][0] == {"module": "kvm_intel", "count": 249, "reasons": ["load"]}
    assert report["reconciliation"] == {
        "failures": 1411, "duplicates": 1411, "other": 0, "truncated": False,
    }  # fmt: skip
    assert report["warnings"] == [] and report["unknown"] == {}
    assert "index" not in report


def test_what_is_not_known_is_null():
    text = b"".join(render(stats(dup("kvm", 2))).splitlines(keepends=True)[4:])
    report = to_object(only(text))
    assert report["counters"]["modcount"] is None
    assert report["counters"]["failed_becoming"] is None
    assert report["reconciliation"]["failures"] is None
    assert report["reconciliation"]["other"] is None
    assert report["virtual_mem_wasted_bytes"] == 2000


def test_a_live_reading_tells_the_machine():
    host = Host(name="big", kernel="6.12.9", cpus=255, boot_id="b-1")
    report = to_object(only(stats(), host))
    assert (report["kernel"], report["cpus"], report["boot_id"]) == ("6.12.9", 255, "b-1")
    assert report["uptime_s"] == 5 and report["taken"].startswith("2023-11-14T22:13:25")
    assert "big, kernel 6.12.9, 255 CPUs" in to_text(only(stats(), host))


def test_several_texts_are_numbered_and_a_fall_between_them_is_told():
    text = (
        render(stats(dup("kvm", 9))) + render(stats(dup("kvm", 3))) + render(stats(dup("kvm", 5)))
    )
    found = reset_warnings(snapshots("mail", [sample(0, text)]))
    reports = [to_object(one) for one in found]
    assert [r["index"] for r in reports] == [0, 1, 2]
    assert [[w["code"] for w in r["warnings"]] for r in reports] == [[], ["counter-reset"], []]


def test_a_cut_table_leaves_the_rest_unknown():
    report = to_object(only((SAMPLES / "limits/trunc2-many.txt").read_bytes()))
    assert report["reconciliation"]["truncated"] is True
    assert report["reconciliation"]["other"] is None
    assert {"truncated-table", "row-cut"} <= {w["code"] for w in report["warnings"]}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*/*.txt")), ids=lambda p: p.stem)
def test_every_sample_has_a_text_report_of_plain_lines(path):
    text = to_text(only(path.read_bytes()))
    assert "Virtual memory wasted: " in text
    assert all(line.isprintable() for line in text.splitlines())


def test_the_text_for_a_bug_report():
    rows = dup("kvm_intel", 249), dup("x\x1b[31m", 2)
    text = to_text(only(stats(*rows, failed_load_modules=4, invalid_mod_bytes=1 << 20)))
    assert text == (
        "Module loading statistics of there\n"
        "\n"
        "Virtual memory wasted: 1.24 MiB (1,299,576 bytes) in 255 failed requests\n"
        "5 loads since boot, 0 B\n"
        "\n"
        "failed at        count       bytes\n"
        "kread                0         0 B   reading the file failed\n"
        "decompress           0         0 B   unpacking it failed\n"
        "becoming           251   245.1 KiB   refused before its place was allocated\n"
        "load                 4    1.00 MiB   refused after its place was allocated\n"
        "\n"
        "255 failures = 251 duplicates + 4 other (bad file, signature, version or symbols)\n"
        "\n"
        "duplicate module    times  reason\n"
        "kvm_intel             249  Becoming\n"
        "x\\x1b[31m               2  Becoming\n"
    )


def test_what_one_text_does_not_say_has_no_difference(tmp_path):
    whole = SAMPLES / "states/both.txt"
    part = tmp_path / "part.txt"
    lines = whole.read_text().splitlines(keepends=True)
    part.write_text("".join(line for line in lines if "on becoming" not in line))
    for a, b in ((part, whole), (whole, part)):
        found = json.loads(kmodtop("diff", str(a), str(b), "--format", "json").stdout)
        assert "failed_becoming" not in found["counters"]
        assert b"failed_becoming" not in kmodtop("diff", str(a), str(b)).stdout


def test_a_boot_without_statistics_is_a_report_in_which_they_are_unknown(tmp_path):
    from support.recordings import record
    from support.schemas import breaches

    path = str(tmp_path / "boots.db")
    record(path, sample(0, stats(), Host("a", "6.4", 8, "one")))
    record(path, sample(0, b"nothing here\n", Host("a", "6.4", 8, "two")))
    told = kmodtop("report", path, "--format", "json").stdout
    found = [json.loads(line) for line in told.splitlines()]
    assert [breaches(one) for one in found] == [[], []]
    assert found[1]["boot_id"] == "two" and found[1]["counters"] is None
