"""kmodtop simulate: eras compared, and scenarios of what is there, from outside."""

import json
import re
import time
import tomllib

import pytest
from support.command import kmodtop
from support.samples import SAMPLES


def test_eras_side_by_side():
    text = kmodtop("simulate", "guest-8", "--compare").stdout.decode()
    assert "idempotent" in text and "wasted, unpacked" in text and "█" in text
    assert re.search(r"early-check +\d\d +1\d .*\n +a real one +83 +16 +226.5 MiB", text)
    assert re.search(r"module +stats-only +early-check +idempotent +a real one\n", text)
    assert max(map(len, text.splitlines())) <= 80
    assert kmodtop("simulate", "guest-8", "--compare", "--ascii").stdout.isascii()


def test_a_comparison_for_programs():
    done = kmodtop("simulate", "guest-8", "--compare", "--seeds", "2", "--format", "json")
    told = json.loads(done.stdout)
    assert told["schema"] == "kmodtop.compare/1" and told["packed_ratio"] == 0.25
    assert len(told["runs"]) == 3 * 5 * 2 * 2
    assert {run["era"] for run in told["runs"]} == {"stats-only", "early-check", "idempotent"}
    assert told["published"][0]["failed_becoming"] == 83
    assert told["published"][0]["duplicates"]["kvm"] == 7
    assert all(run["duplicates"].keys() for run in told["runs"] if run["failures"])


def test_a_comparison_as_a_page(tmp_path):
    path = tmp_path / "x.html"
    done = kmodtop("simulate", "laptop-8", "--compare", "--format", "html", "-o", str(path))
    page = path.read_text()
    assert done.returncode == 0 and page.startswith("<!DOCTYPE html>")
    assert "Waste by CPUs" in page and "<svg" in page and "script" not in page
    assert "a real one" in page and page.count("<rect") >= 20


def test_packed_stands_beside_the_same_unpacked():
    text = kmodtop("simulate", "guest-8", "--packed", "1:4").stdout.decode()
    assert re.search(r"^Packed: \d+ failures, .*; the same unpacked: \d+ failures, ", text, re.M)
    told = json.loads(kmodtop("simulate", "guest-8", "--packed", "4", "--format", "json").stdout)
    unpacked = told["simulation"]["unpacked"]["virtual_mem_wasted_bytes"]
    assert told["virtual_mem_wasted_bytes"] > unpacked > 0


def test_what_was_published_stands_beside_what_is_simulated():
    assert (
        b"\nA real one: 83 + 16 failures, 226.5 MiB (kernel commit"
        in kmodtop("simulate", "guest-8").stdout
    )
    assert b"A real one" not in kmodtop("simulate", "guest-8", "--cpus", "2x").stdout


def test_so_many_times_the_cpus_and_a_blacklist_line():
    words = "simulate", "guest-8", "--cpus", "4x", "--blacklist", "kvm-intel", "--format", "json"
    told = json.loads(kmodtop(*words).stdout)
    assert told["simulation"]["cpus"] == 32
    assert "kvm_intel" not in {row["module"] for row in told["duplicates"]}


def test_a_scenario_of_a_text_is_written_read_and_simulated(tmp_path):
    path = tmp_path / "mine.toml"
    text = SAMPLES / "published/seed-8vcpu-early-check.txt"
    assert kmodtop("simulate", "--from", str(text), "--write", str(path)).returncode == 0
    assert path.read_text().startswith("# Made of what")
    told = json.loads(kmodtop("simulate", str(path), "--format", "json").stdout)
    assert told["simulation"]["published"]["failed_becoming"] == 83
    assert 50 < sum(row["count"] for row in told["duplicates"]) < 200


@pytest.mark.parametrize("name", ["series/boot-udev-32cpu-noidem.jsonl", "who/a_udev"])
def test_a_scenario_of_a_recording_or_a_bundle(name):
    done = kmodtop("simulate", "--from", str(SAMPLES / name), "--format", "json")
    told = json.loads(done.stdout)
    assert told["simulation"]["cpus"] in (16, 32), done.stderr
    assert {"kvm", "aesni_intel"} <= {row["module"] for row in told["duplicates"]}


def test_a_number_of_cpus_is_another_one_where_a_text_tells_its_own():
    series = str(SAMPLES / "series/boot-udev-32cpu-noidem.jsonl")
    told = json.loads(
        kmodtop("simulate", "--from", series, "--cpus", "8", "--format", "json").stdout
    )
    assert told["simulation"]["cpus"] == 8 and "published" not in told["simulation"]
    asked = json.loads(kmodtop("simulate", "--from", series, "--format", "json").stdout)
    assert asked["simulation"]["published"]["failed_becoming"] == 401
    assert told["simulation"]["requests"] < asked["simulation"]["requests"] / 2


def test_what_is_written_has_the_era_and_the_cpus_that_were_asked_for():
    words = "simulate", "guest-8", "--era", "idempotent", "--cpus", "4x", "--write", "-"
    scenario = tomllib.loads(kmodtop(*words).stdout.decode())
    assert (scenario["era"], scenario["cpus"]) == ("idempotent", 32)
    assert scenario["machine"]["memory_mib"] == 4 * 8192


def test_a_blacklist_line_that_changes_nothing_is_told():
    done = kmodtop("simulate", "guest-8", "--blacklist", "kvm")
    assert done.returncode == 0 and b"no alias leads to kvm, so that" in done.stderr


def test_bytes_in_full_stay_apart():
    text = kmodtop("simulate", "compressed", "--compare", "--bytes", "raw", "--seeds", "1").stdout
    assert re.search(rb"stats-only +1 +\d+ +[\d,]+ B +[\d,]+ B", text)
    assert max(map(len, text.decode().splitlines())) <= 80


def test_events_can_be_played_into_a_file(tmp_path):
    events = str(SAMPLES / "events/both-load-first.json")
    assert kmodtop("simulate", "--events", events, "-o", str(tmp_path / "x")).returncode == 0
    assert (tmp_path / "x").read_bytes() == (SAMPLES / "events/both-load-first.out").read_bytes()


def test_a_scenario_of_a_machine_that_lies_in_a_folder(tmp_path):
    for path, text in {
        "proc/sys/kernel/osrelease": "6.4.1\n",
        "proc/stat": "cpu0 1\ncpu1 1\n",
        "sys/devices/a/uevent": "MODALIAS=usb:x\n",
        "lib/modules/6.4.1/modules.alias": "alias usb:* thing\n",
        "lib/modules/6.4.1/modules.dep": "thing.ko:\n",
        "lib/modules/6.4.1/thing.ko": "x" * 5000,
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    told = json.loads(kmodtop("simulate", "--from", str(tmp_path), "--format", "json").stdout)
    assert told["simulation"]["loaded"] == 1 and told["simulation"]["era"] == "early-check"


def test_real_time_is_as_long_as_it_is_on_the_clock(tmp_path):
    scenario = (SAMPLES / "scenarios/quiet.toml").read_text()
    path = tmp_path / "short.toml"
    path.write_text(re.sub(r"at_ms = \d+", "at_ms = 1000", scenario))
    began = time.monotonic()
    assert kmodtop("simulate", str(path), "--realtime").returncode == 0
    assert time.monotonic() - began >= 1.0
