"""The one-file builds: they run with nothing but Python, and come out the same each time."""

import os
import subprocess
import sys
import zipfile

import pytest
from support.samples import ROOT, SAMPLES
from support.terminal import Terminal

BUILD = str(ROOT / "packaging/build_pyz.py")
BOTH = str(SAMPLES / "states/both.txt")
ENV = {"PATH": os.environ["PATH"], "SOURCE_DATE_EPOCH": "1700000000", "LANG": "C.UTF-8"}


def build(path, *words):
    done = subprocess.run(
        [sys.executable, BUILD, "-o", str(path), *words],
        capture_output=True,
        env=ENV,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    return build(tmp_path_factory.mktemp("core") / "kmodtop-core.pyz", "--core")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return build(tmp_path_factory.mktemp("whole") / "kmodtop.pyz", "--installed")


def run(path, *words, cwd=None, isolated="-I", **env):
    """By a Python that sees no library that is installed."""
    return subprocess.run(
        [sys.executable, isolated, "-S", str(path), *words],
        capture_output=True,
        cwd=cwd,
        env=ENV | env,
        check=False,
        timeout=60,
    )


def test_the_same_sources_give_the_same_bytes(core, tmp_path):
    assert build(tmp_path / "again.pyz", "--core").read_bytes() == core.read_bytes()
    with zipfile.ZipFile(core) as archive:
        names = archive.namelist()
        assert names == sorted(names)
        assert {info.date_time for info in archive.infolist()} == {(2023, 11, 14, 22, 13, 20)}
        assert not any("textual" in name or "/app/" in name for name in names)
    assert core.stat().st_size < 600_000 and core.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["report", BOTH], b"35.83 MiB"),
        (["report", BOTH, "--format", "html"], b"<svg"),
        (["report", BOTH, "--format", "openmetrics"], b"# EOF"),
        (["export", BOTH], b"kmodtop.report/1"),
        (["follow", BOTH, "--count", "1"], b"now 35.83 MiB wasted"),
        (["check", BOTH, "--max-wasted", "1GiB"], b"ok    max-wasted"),
        (["simulate", "guest-8"], b"Simulated: early-check, 8 CPUs"),
        (["record", "--install-hints"], b"# After the next boot"),
        (["completion", "zsh"], b"#compdef kmodtop"),
        (["config"], b'theme = "auto"'),
        (["watch", BOTH], b"35.83 MiB"),
        (["doctor", BOTH], b"it can be read"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_verbs_run_with_no_library_and_no_home(words, says, core, tmp_path):
    done = run(core, *words, cwd=tmp_path, HOME="/nonexistent")
    assert done.returncode == 0 and says in done.stdout, done.stderr
    assert not list(tmp_path.iterdir())  # no cache, nothing left


def test_it_records_and_reports_what_it_recorded(core, tmp_path):
    done = run(core, "record", BOTH, "-o", "boot.db", "--duration", "0.2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"35.83 MiB" in run(core, "report", "boot.db", cwd=tmp_path).stdout


def test_the_core_says_on_a_terminal_that_it_has_no_live_view(core, tmp_path):
    with Terminal(BOTH, program=["-I", "-S", str(core)]) as terminal:
        terminal.until(r"35\.83 MiB")
        assert b"this is kmodtop without its live view" in terminal.raw


def test_the_whole_one_shows_a_file_that_changes_without_watchfiles(whole, tmp_path):
    path = tmp_path / "stats"
    path.write_bytes((SAMPLES / "states/both.txt").read_bytes())
    with Terminal(str(path), program=["-I", "-S", str(whole)]) as terminal:
        terminal.until(r"looked at")
        terminal.until_ready()
        path.write_bytes((SAMPLES / "limits/rows-180-twice.txt").read_bytes())
        terminal.until(r"13\.81 MiB")
        for key, says in (("D", "it can be read"), ("q", "q quit"), ("f", "[Ff]inding")):
            terminal.press(key)
            terminal.until(says)
        terminal.press("qq")
        assert terminal.ended() == 0


def test_a_python_that_is_too_old_is_told_in_one_sentence(core):
    with zipfile.ZipFile(core) as archive:
        code = archive.read("__main__.py").decode()
    check = code.partition("import zipimport")[0].replace("(3, 11)", "(99, 0)")
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, check=False)
    assert done.returncode == 1 and done.stderr.startswith(b"kmodtop: needs Python 3.11 or later")
    assert done.stderr.count(b"\n") == 1
