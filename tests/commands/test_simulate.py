"""kmodtop simulate and demo from outside."""

import json
import re
import subprocess
import sys
import time
import tomllib

import pytest
from support.command import ENV, kmodtop
from support.samples import SAMPLES
from support.terminal import Terminal

from kmodtop_core.stats.parse import parse


def test_a_list_of_events_prints_the_kernels_text_at_each_snapshot():
    done = kmodtop("simulate", "--events", str(SAMPLES / "events/both-load-first.json"))
    assert done.stdout == (SAMPLES / "events/both-load-first.out").read_bytes()
    done = kmodtop("simulate", "--events", str(SAMPLES / "events/rows-cut.json"))
    assert done.stdout == (SAMPLES / "events/rows-cut.out").read_bytes()


def test_the_end_of_a_simulation_as_an_object():
    done = kmodtop("simulate", "guest-8", "--format", "json", "--era", "stats-only", "--seed", "3")
    report = json.loads(done.stdout)
    assert report["schema"] == "kmodtop.report/1" and report["source"] == "sim:guest-8"
    about = report["simulation"]
    wanted = {"scenario": "guest-8", "era": "stats-only", "cpus": 8, "seed": 3}
    assert about.items() >= wanted.items()
    assert about["requests"] > about["loaded"] == report["counters"]["modcount"]
    assert about["duration_s"] > 3 and about["peak_vmalloc_bytes"] > 0
    again = kmodtop("simulate", "guest-8", "--format", "json", "--era", "stats-only", "--seed", "3")
    assert again.stdout == done.stdout


def test_the_text_of_a_simulation_as_the_kernel_would_print_it():
    (block,) = parse(kmodtop("simulate", "guest-8", "--format", "stats").stdout)
    assert block.stats.failures > 50


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


def test_a_series_is_written_that_report_can_open(tmp_path):
    path = tmp_path / "boot.jsonl"
    assert kmodtop("simulate", "guest-8", "--record", str(path)).returncode == 0
    report = json.loads(kmodtop("report", str(path), "--format", "json").stdout)
    end = json.loads(kmodtop("simulate", "guest-8", "--format", "json").stdout)
    assert report["counters"] == end["counters"]
    assert report["kernel"] == "simulated, early-check" and report["cpus"] == 8


def test_a_stats_file_is_kept_writing_that_watch_can_follow(tmp_path):
    path = tmp_path / "stats"
    with Terminal("watch", path) as terminal:
        terminal.until("NOTHING TO READ")
        done = kmodtop("simulate", "guest-8", "--to", str(path), "--speed", "10")
        assert done.returncode == 0
        terminal.until(r"kvm_intel .* 7 ")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["simulate"], 2, "name a scenario"),
        (["simulate", "quiet", "--events", "x"], 2, "name a scenario"),
        (["simulate", "quiet", "--from", "/"], 2, "name a scenario"),
        (["simulate", "quiet", "--write", "x.toml", "--compare"], 2, "simulates nothing"),
        (["simulate", "quiet", "--write", "{tmp}/notes"], 2, "is no scenario"),
        (["simulate", "quiet", "--write", "{tmp}/not/x.toml"], 3, "cannot be written"),
        (["simulate", "quiet", "--write", "x.toml", "--seed", "3"], 2, "simulates nothing"),
        (["simulate", "quiet", "--seeds", "3"], 2, "how many courses --compare takes"),
        (["simulate", "--events", "x", "--realtime"], 2, "without the other options"),
        (["simulate", "quiet", "--record", "x", "--speed", "3"], 2, "has no speed"),
        (["simulate", "quiet", "--record", "x", "--to", "x"], 2, "are two files"),
        (["simulate", "quiet", "--record", "{tmp}/notes"], 2, "is something else"),
        (["simulate", "quiet", "--to", "{tmp}/notes"], 2, "is something else"),
        (["simulate", "quiet", "--format", "html"], 2, "the page of --compare"),
        (["simulate", "quiet", "--packed", "0"], 2, "write 0.25 or 1:4"),
        (["simulate", "quiet", "--cpus", "0x"], 2, "how many times the CPUs"),
        (["simulate", "quiet", "--blacklist", "kvm"], 2, "no module of this scenario"),
        (["simulate", "quiet", "--compare", "--seeds", "0"], 2, "number of courses"),
        (["simulate", "--from", "sim:quiet"], 2, "name a scenario without --from"),
        (["simulate", "--from", "{tmp}/not"], 3, "no such file"),
        (["simulate", "--from", str(SAMPLES / "states/one-module.txt")], 4, "has no duplicates"),
        (["simulate", "--from", str(SAMPLES / "README.md")], 4, "no module statistics"),
        (["simulate", "quiet", "--compare", "--to", "x"], 2, "without the other options"),
        (["simulate", "quiet", "--cpus", "3.7"], 2, "number of CPUs"),
        (["check"], 2, "no such verb"),
        (["simulate", "nope"], 3, "no such scenario"),
        (["simulate", "--events", "{tmp}/not"], 3, "no such file"),
        (["simulate", "--events", str(SAMPLES / "README.md")], 4, "no list of load events"),
        (["simulate", str(SAMPLES / "README.md")], 4, "is no TOML"),
        (["simulate", "quiet", "--to", "{tmp}/not/x"], 3, "cannot be written"),
        (["simulate", "quiet", "--cpus", "0"], 2, "number of CPUs"),
        (["demo", "nope"], 3, "no such scenario"),
    ],
)
def test_every_error_is_told_with_its_exit_code(words, code, says, tmp_path):
    (tmp_path / "notes").write_text("mine")
    done = kmodtop(*(word.format(tmp=tmp_path) for word in words))
    assert (tmp_path / "notes").read_text() == "mine"
    assert done.returncode == code, done.stderr
    assert says in done.stderr.decode() and b"Traceback" not in done.stderr


def test_the_demo_without_a_terminal_is_a_report():
    done = kmodtop("demo", "guest-8")
    assert done.returncode == 0 and b"Simulated: early-check, 8 CPUs" in done.stdout
    assert b"on one it plays live" in done.stderr


def test_the_demo_plays_a_storm_changes_its_era_and_tells_what_was_seen():
    with Terminal("demo", "guest-8", "--speed", "5") as terminal:
        terminal.until(r"early-check +◆ simulated ×5")
        terminal.until_ready()
        terminal.until(r"under every era")
        terminal.until(r"▸ early-check .* \d\d failed")
        terminal.press("e")
        terminal.until(r"idempotent +◆ simulated ×5")
        terminal.until(r"▸ idempotent .* \d failed")
        terminal.press("\x1b")
        terminal.until(r"  MODULE ")
        terminal.press("x")
        terminal.press("+")
        terminal.until("×10|10 times as fast")
        terminal.press("z")
        terminal.until("paused")
        terminal.press("q")
        assert terminal.ended() == 0 and terminal.is_clean


def test_the_end_of_a_demo_is_told_whatever_was_done_before():
    with Terminal("demo", "vmalloc-exhaustion", "--speed", "50") as terminal:
        terminal.until_ready()
        terminal.press("r")
        terminal.until("as read")
        terminal.until("over")
        terminal.press("r")
        terminal.until("under every era")
        terminal.until(r"2,0\d\d of them failed")
        terminal.press("\x1b[F")  # the end of the page
        terminal.until(r"found the area for modules full")
        terminal.press("?")
        terminal.until("A load walks four stages")
        terminal.press("\x1b")
        terminal.until("under every era")
        terminal.press("\x1b")
        terminal.until(r"  MODULE ")  # none grows any more
        assert "▲" not in terminal.text.replace("▲ 4", "")


def test_a_title_can_not_steer_the_terminal(tmp_path):
    text = (SAMPLES / "scenarios/quiet.toml").read_text()
    (tmp_path / "x.toml").write_text(text.replace('title = "', 'title = "\\u001b[31m'))
    done = kmodtop("simulate", str(tmp_path / "x.toml"), "--compare")
    assert done.returncode == 0 and b"\x1b" not in done.stdout and b"\\x1b[31m" in done.stdout


@pytest.mark.parametrize(
    "words", [["simulate", "quiet"], ["report", str(SAMPLES / "states/both.txt")]]
)
def test_a_full_disk_behind_stdout_is_told(words):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kmodtop", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            env=ENV,
            check=False,
        )
    assert done.returncode == 3
    assert done.stderr == (
        b"kmodtop: standard output: cannot be written (No space left on device);"
        b" check where it goes\n"
    )


def test_a_long_run_shows_how_far_it_is():
    with Terminal("simulate", "sr950-448", "--compare", "--cpus", "1024") as terminal:
        terminal.until(r"\[#*\.+\] +\d+%")
        terminal.signal(15)
        terminal.ended()
