"""kmodtop simulate and demo from outside."""

import json
import subprocess
import sys

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
    done = kmodtop("simulate", "--events", str(SAMPLES / "events/names-odd.json"))
    assert done.stdout == (SAMPLES / "events/names-odd.out").read_bytes()


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
        (["help"], 2, "is no verb"),
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
    assert b"on one there is a live view" in done.stderr


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
