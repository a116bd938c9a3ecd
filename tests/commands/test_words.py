"""Words and statuses: what was meant is said, and every end has the status of the contract."""

import json
import re

import pytest
from support.command import kmodtop
from support.live import GROWN, TABLE, drive
from support.samples import SAMPLES, dup, gap, sample, stats

from kmodtop.app.app import Kmodtop
from kmodtop.session.channel import Channel
from kmodtop.session.feed import Feed
from kmodtop.view.grid import grid_of, ticks
from kmodtop.view.lines import cells, text_of
from kmodtop.view.panels.plot import plot_cells
from kmodtop.view.panels.screen import screen as composed
from kmodtop.view.scene import HostRow, Scene
from kmodtop.view.view import Choice, Deck, Situation, Source, View
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.sample import Host
from kmodtop_core.tracking.history import History
from kmodtop_core.tracking.tracker import Tracker

BOTH = str(SAMPLES / "states/both.txt")
NORMAL = str(SAMPLES / "states/normal-set.txt")
SERIES = str(SAMPLES / "series/storm-moderate.jsonl")
LIVE = View(Situation(Source("/sys/kernel/debug/modules/stats", "polled")))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["wathc"], "did you mean kmodtop watch?"),
        (["reprot", BOTH], "did you mean kmodtop report?"),
        (["--verison"], "did you mean --version?"),
        (["report", "--formt", "json", BOTH], "did you mean --format?"),
        (["follow", "--cuont", "3"], "did you mean --count?"),
        (["report", "--zzz"], "--zzz: no such option or operand; kmodtop report --help"),
        ([BOTH, "report"], "report: is a verb; write it first"),
        (["record", "--", "-o", "X"], "X: no such option or operand"),
    ],
)
def test_what_was_meant_is_said(words, says):
    done = kmodtop(*words)
    assert done.returncode == 2 and says in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("word", ["wathc", "./wathc", "report"])
def test_a_file_may_be_called_like_a_verb(word, tmp_path):
    (tmp_path / word).write_bytes((SAMPLES / "states/both.txt").read_bytes())
    done = kmodtop("watch", "--", word, cwd=tmp_path)
    assert done.returncode == 0 and b"35.83 MiB" in done.stdout


def test_all_after_two_dashes_are_operands(tmp_path):
    (tmp_path / "-x.txt").write_bytes((SAMPLES / "states/both.txt").read_bytes())
    done = kmodtop("report", "--format", "json", "--", "-x.txt", cwd=tmp_path)
    assert json.loads(done.stdout)["source"] == "-x.txt"


def test_statuses_of_follow_record_replay_and_export(tmp_path):
    nothing, missing = tmp_path / "none.txt", str(tmp_path / "not" / "there")
    nothing.write_text("hello\n")
    out = str(tmp_path / "r.db")
    for words, status in (
        (["follow", missing, "--count", "1"], 3),
        (["follow", str(nothing), "--count", "1"], 4),
        (["follow", BOTH, "--count", "1"], 0),
        (["record", str(nothing), "-o", out, "--duration", "0.3"], 4),
        (["record", missing, "-o", f"{out}2", "--duration", "0.3"], 3),
        (["replay", SERIES, "--at", "garbage"], 2),
        (["replay", SERIES, "--boot", "99"], 2),
        (["replay", SERIES, "--boot", "0"], 2),
        (["replay", SERIES, "--boot", "1", "--at", "17"], 0),
        (["export", SERIES], 0),
        (["export", BOTH], 0),
        (["export", str(nothing)], 4),
        (["export", missing], 3),
    ):
        done = kmodtop(*words)
        assert done.returncode == status, (words, done.stderr)
        assert b"Traceback" not in done.stderr


def test_export_takes_a_series_and_a_text():
    lines = [json.loads(line) for line in kmodtop("export", SERIES).stdout.splitlines()]
    assert len(lines) > 5 and all(line["schema"] == "kmodtop.report/1" for line in lines)
    (one,) = kmodtop("export", BOTH).stdout.splitlines()
    assert json.loads(one)["counters"]["modcount"] == 88


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (BOTH, b"it can be read: 88 loads"),
        (SERIES, b"it can be read: 22 loads"),
        ("sim:guest-8", b"the scenario can be simulated, on 8 CPUs"),
        ("-", b"standard input is open"),
    ],
)
def test_doctor_knows_what_watch_knows(source, says):
    done = kmodtop("doctor", source, stdin=(SAMPLES / "states/both.txt").read_bytes())
    assert done.returncode == 0 and says in done.stdout


def test_doctor_knows_recordings_pipes_and_hosts(tmp_path):
    import os

    from support.farside import stand_in

    path = str(tmp_path / "r.db")
    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, stats(dup("kvm", 3)), Host(boot_id="b")))
    done = kmodtop("doctor", path)
    assert done.returncode == 0 and b"it is a recording: 1 boots, 1 texts" in done.stdout
    os.mkfifo(tmp_path / "pipe")
    done = kmodtop("doctor", str(tmp_path / "pipe"))
    assert done.returncode == 3 and b"is a pipe that nobody writes to" in done.stdout
    done = kmodtop("doctor", "ssh://h", PATH=stand_in(tmp_path / "bin", "echo no; exit 1"))
    assert done.returncode == 3 and b"try ssh h cat /sys/kernel" in done.stdout
    far = stand_in(tmp_path / "bin", 'exec sh -c "$command"')
    done = kmodtop("doctor", f"ssh://h{BOTH}", PATH=far)
    assert done.returncode == 0 and b"it answers: " in done.stdout
    assert b"it can be read: 88 loads" in done.stdout


def test_two_boots_are_put_side_by_side_and_never_subtracted(tmp_path):
    paths = []
    for boot, times in (("one", 9), ("two", 4)):
        paths.append(str(tmp_path / boot))
        with Recorder(paths[-1], "0") as recorder:
            recorder.write(sample(0, stats(dup("kvm", times)), Host("h", f"6.{times}", 8, boot)))
    done = kmodtop("diff", *paths)
    assert done.returncode == 0
    text = done.stdout.decode()
    assert "Different boots or kernels: levels side by side, nothing is subtracted." in text
    assert "A  " in text and "kernel 6.9" in text and "kernel 6.4" in text
    found = json.loads(kmodtop("diff", *paths, "--format", "json").stdout)
    assert found["across_boots"] and found["counters"]["failed_becoming"] == {
        "a": 9, "b": 4, "delta": None,
    }  # fmt: skip
    assert kmodtop("diff", *paths, "--exit-code").returncode == 1
    refused = kmodtop("diff", BOTH, NORMAL)
    assert refused.returncode == 2 and b"--across-boots" in refused.stderr
    assert kmodtop("diff", BOTH, NORMAL, "--across-boots").returncode == 0


def test_an_absurd_number_of_cpus_is_a_sentence(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text('{"series":"x","vcpus":1000000000000000000000000000000}\n'
                    '{"boottime_s":1.0,"text":"x"}\n')  # fmt: skip
    for verb in ("report", "export", "replay", "doctor"):
        done = kmodtop(verb, str(path))
        assert done.returncode in (3, 4) and b"Traceback" not in done.stderr
        assert b"number of CPUs from 1 to 1,048,576" in done.stderr + done.stdout


# ---- the screen ----------------------------------------------------------


async def test_q_closes_a_page_and_quits_from_the_first_screen():
    async with drive(sample(0, TABLE)) as app:
        for page in ("question_mark", "r", "enter"):
            await app.press(page)
            assert app.app.view.choice.page != "main"
            await app.press("q")
            assert app.app.view.choice.page == "main" and not app.app.is_ending
        await app.press("q")
        assert app.app.is_ending


async def test_growing_means_one_thing():
    async with drive(sample(0, TABLE), size=(120, 60)) as app:
        await app.give(sample(1, GROWN))
        marks = len(re.findall("^.?▲ ", app.text, re.MULTILINE))
        assert f" · {marks} growing" in app.text


async def test_the_list_of_sources_keeps_its_order_and_filter_and_has_its_own_help():
    from support.live import Driven, Script

    scripts = [Script(sample(0, stats(dup("kvm", n)))) for n in (1, 5, 3)]
    channels = [
        Channel(Source(f"/a/very/long/path/host-{n}/stats", "polled"), Feed(script))
        for n, script in enumerate(scripts)
    ]
    app = Kmodtop(
        channels, View(Situation(Source("", "polled"), hosts=3), Choice(page="hosts", back="hosts"))
    )
    async with app.run_test(size=(60, 20)) as pilot:
        while any(channel.latest is None for channel in channels):
            await pilot.pause(0.02)
        await pilot.press("s", "S", "slash", "h", "o", "s", "t", "enter", "enter")
        await pilot.pause()
        assert app.view.choice.page == "main" and app.view.choice.filter == ""
        await pilot.press("q")
        assert (
            app.view.choice.page == "hosts"
            and app.view.choice.filter == "host"
            and app.view.choice.reverse
        )
        driven = Driven(app, pilot, None)
        await driven.settle()
        assert re.search(r"…\S*/stats", driven.text)
        await driven.press("question_mark")
        assert "Several sources, one a line" in driven.text
        await pilot.press("q", "q")
        assert app.is_ending


def test_the_axis_of_all_ends_where_the_data_does():
    tracker = Tracker()
    for second in range(71):
        frame = tracker.observe(sample(second, stats(dup("kvm", second + 1))))
    for wide in (60, 80, 120, 200):
        grid = grid_of(frame, tracker.history, LIVE, plot_cells(wide))
        assert grid.edges()[0] == 0 and grid.edges()[-1] == frame.now == 70
        assert abs(grid.used * grid.step - 70) <= grid.step
        lines = composed(Scene(frame, tracker.history, LIVE, frame), wide, 24)
        axis = next(text_of(line) for line in lines if text_of(line).startswith("        0 "))
        for column, label in ticks(grid).items():
            assert axis[10 + column + 1 :].startswith(label) or column + len(label) > grid.columns


@pytest.mark.parametrize(
    "page", ["main", "module", "raw", "help", "seen", "boots", "hosts", "findings", "doctor"]
)
def test_every_page_fits_any_size(page):
    frames = [
        Tracker().observe(sample(0, TABLE)),
        Tracker().observe(gap(0)),
        None,
    ]
    for deck in (None, Deck(0, 0, 0, False, 1.0), Deck(0, 10, 5, True, 1.0)):
        for wide in (*range(1, 24), 39, 50, 64, 77):
            for high in (1, 2, 3, 4, 6, 9, 16, 25, 33):
                for frame in frames:
                    view = View(
                        Situation(LIVE.situation.source, deck=deck),
                        Choice(page=page, cursor="module_03"),
                    )
                    hosts = (HostRow("a", frame),)
                    scene = Scene(frame, History(), view, frame, hosts=hosts)
                    lines = composed(scene, wide, high)
                    assert len(lines) == high
                    assert all(cells(line) <= wide for line in lines)


def test_doctor_names_the_versions_that_a_report_of_a_fault_needs():
    line = kmodtop("doctor", BOTH).stdout.decode().splitlines()[0]
    assert re.match(r"ok   kmodtop [\d.]+, Python 3\.\d+\.\d+, textual \d.*, watchfiles \d", line)
    assert re.search(r", SQLite 3\.[\d.]+, schema \d+ of recordings$", line)


def test_a_file_that_is_there_stays_until_all_of_the_new_one_is_written(tmp_path):
    out = tmp_path / "out"
    out.write_text("precious\n")
    out.chmod(0o640)
    for words in (["--format", "openmetrics"], ["--format", "events"]):
        assert kmodtop("export", BOTH, *words, "-o", str(out)).returncode == 4
        assert out.read_text() == "precious\n" and list(tmp_path.iterdir()) == [out]
    assert kmodtop("export", BOTH, "-o", str(out)).returncode == 0
    assert json.loads(out.read_text())["counters"]["modcount"] == 88
    assert out.stat().st_mode & 0o777 == 0o640 and list(tmp_path.iterdir()) == [out]
    assert kmodtop("report", BOTH, "-o", "/dev/stdout").stdout.startswith(b"\xe2\x80\xa2 WASTED")


def test_what_cannot_be_exported_is_told_and_the_rest_written(tmp_path):
    paths = [str(tmp_path / name) for name in ("a.db", "b.db")]
    for path in paths:
        with Recorder(path, "0") as recorder:
            recorder.write(sample(0, stats(dup("kvm", 3)), Host(path, boot_id=path)))
    done = kmodtop("export", paths[0], BOTH, paths[1], "--format", "openmetrics")
    assert done.returncode == 4 and b"both.txt: is a text" in done.stderr
    assert done.stdout.count(b"kmod_duplicate_loads_total") >= 2
    assert done.stdout.endswith(b"# EOF\n")


def test_a_python_without_a_library_is_told_in_a_sentence():
    code = (
        "import sys; sys.modules['sqlite3'] = None\n"
        "from kmodtop.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    for words in (["check", BOTH], ["doctor", BOTH]):
        done = kmodtop(*words, program=("-c", code))
        assert done.returncode == 3 and done.stderr.count(b"\n") == 1
        assert b"this Python has no sqlite3" in done.stderr
    assert kmodtop("report", BOTH, program=("-c", code)).returncode == 0
