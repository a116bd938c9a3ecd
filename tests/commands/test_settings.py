"""Settings: what is settled once, where it comes from, and what cannot be used."""

import os
import tomllib

import pytest
from support.command import kmodtop
from support.samples import SAMPLES

from kmodtop.cli import parser
from kmodtop.settings import SETTINGS, settings
from kmodtop.words import VERBS
from kmodtop_core.errors import SourceError
from kmodtop_core.machine import config_files

BOTH = str(SAMPLES / "states/both.txt")


def put(folder, text):
    (folder / "kmodtop").mkdir(parents=True)
    (folder / "kmodtop/config.toml").write_text(text)
    return str(folder)


def test_the_users_file_wins_over_the_systems_and_the_command_line_over_both(tmp_path):
    one, two, own = (tmp_path / name for name in ("one", "two", "own"))
    dirs = ":".join((put(one, 'bytes = "si"'), put(two, 'bytes = "raw"\nascii = true')))
    env = {"XDG_CONFIG_DIRS": dirs, "XDG_CONFIG_HOME": str(own)}
    assert b"37.57 MB" in kmodtop("report", BOTH, **env).stdout  # the first of XDG_CONFIG_DIRS
    put(own, 'bytes = "raw"')
    assert b"37,569,878 B" in kmodtop("report", BOTH, **env).stdout
    assert kmodtop("report", BOTH, **env).stdout.isascii()
    assert b"35.83 MiB" in kmodtop("report", BOTH, "--bytes", "iec", **env).stdout


def test_a_file_that_is_named_is_the_only_one(tmp_path):
    home = put(tmp_path / "home", 'bytes = "raw"')
    (tmp_path / "mine.toml").write_text('bytes = "si"\n')
    done = kmodtop("report", BOTH, "--config", "mine.toml", cwd=tmp_path, XDG_CONFIG_HOME=home)
    assert b"37.57 MB" in done.stdout
    done = kmodtop("report", BOTH, "--config", "other.toml", cwd=tmp_path)
    assert done.returncode == 2 and b"other.toml: no such file" in done.stderr


def test_config_prints_a_file_that_it_takes_itself(tmp_path):
    home = put(
        tmp_path,
        'theme = "light"\n[limits]\nmax-wasted = "10MiB"\n[hosts]\nrack = ["a", "\U0001f600"]',
    )
    told = kmodtop("config", XDG_CONFIG_HOME=home, NO_COLOR="1").stdout.decode()
    path = f"{home}/kmodtop/config.toml"
    assert 'theme = "light"'.ljust(26) + f"  # {path}" in told
    assert '\n# bytes = "iec"' in told
    assert next(line.split() for line in told.splitlines() if line.startswith("no-color")) == [
        "no-color",
        "=",
        "true",
        "#",
        "NO_COLOR",
        "in",
        "the",
        "environment",
    ]
    assert "# default; " in told and "not set; of check: loads failed" in told
    found = tomllib.loads(told)
    assert found["limits"] == {"max-wasted": "10MiB"} and found["hosts"] == {
        "rack": ["a", "\U0001f600"]
    }
    (tmp_path / "again.toml").write_text(told)
    again = kmodtop("config", "--config", str(tmp_path / "again.toml"))
    assert again.returncode == 0 and tomllib.loads(again.stdout.decode()) == found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("bytes = ", "is no TOML"),
        ('bites = "si"', "bites: there is no such setting"),
        ('bytes = "su"', "bytes: 'su' is none of iec, si, raw"),
        ("ascii = 1", "ascii: 1 is neither true nor false"),
        ('[limits]\nmax-wasted = "' + "9" * 400 + '"', "is no size"),
        ("interval = 0b" + "1" * 20_000, "is out of all bounds"),
        ('listen = ":' + "0" * 5000 + '"', "is no address and port"),
        ("interval = 0.01", "interval: '0.01' is not an interval"),
        ("interval = [1]", "interval: [1] is no such value"),
        ('[limits]\nmax-wasted = "much"', "limits.max-wasted: 'much' is no size"),
        ("hosts = 3", "hosts: there is no such setting"),
        ("[hosts]\nrack = 3", "hosts.rack: is no list of hosts"),
    ],
)
def test_what_cannot_be_used_is_named_with_file_setting_and_reason(text, says, tmp_path):
    home = put(tmp_path, text)
    path = f"{home}/kmodtop/config.toml"
    for words, status in (
        (("report", BOTH), 0),  # the rest is done without it
        (("report", BOTH, "--config", path), 2),  # as somebody has named it
        (("check", BOTH, "--max-failures", "1000"), 2),  # which must pass by no misread limit
    ):
        done = kmodtop(*words, XDG_CONFIG_HOME=home)
        assert (done.returncode, bool(done.stdout)) == (status, status == 0)
        (line,) = done.stderr.decode().splitlines()
        assert line.startswith(f"kmodtop: {path}: ") and says in line
    assert not kmodtop("record", BOTH, "-o", "r", "--duration", "0", cwd=tmp_path,
                       XDG_CONFIG_HOME=home).stderr.count(b"config.toml")  # fmt: skip


def test_a_pipe_or_a_folder_in_its_place_is_no_file_and_holds_nobody_up(tmp_path):
    (tmp_path / "kmodtop").mkdir()
    os.mkfifo(tmp_path / "kmodtop/config.toml")
    done = kmodtop("report", BOTH, XDG_CONFIG_HOME=str(tmp_path))
    assert done.returncode == 0 and b"is no file of at most 1 MiB" in done.stderr


def test_root_reads_for_another_user_what_is_that_users_only(tmp_path):
    (tmp_path / "config.toml").write_text('bytes = "si"')
    assert config_files.read(config_files.Place(str(tmp_path / "config.toml"), os.getuid()))
    with pytest.raises(SourceError, match=r"belongs to another user|cannot be read"):
        config_files.read(config_files.Place(str(tmp_path / "config.toml"), os.getuid() + 1))


def test_under_sudo_the_calling_users_file_is_read(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    found = config_files.places({"SUDO_UID": "1", "XDG_CONFIG_HOME": "/evil"})
    assert found[-1].owner == 1 and not found[-1].path.startswith("/evil")
    assert config_files.places({"XDG_CONFIG_HOME": "relative"})[-1].path.startswith("/")


def test_hosts_may_be_a_group_of_the_settings(tmp_path):
    home = put(tmp_path, f'[hosts]\nrack = ["{BOTH}", "{BOTH}"]')
    done = kmodtop("watch", "--hosts", "rack", XDG_CONFIG_HOME=home)
    assert done.returncode == 0 and done.stdout.count(b"WASTED  35.83 MiB") == 2
    done = kmodtop("watch", "--hosts", "nobody", XDG_CONFIG_HOME=home)
    assert done.returncode == 3
    assert b"nobody: no such file, and no such group of the settings; there are rack" in done.stderr


def test_a_caller_whom_this_machine_does_not_know_has_no_file_and_ends_nothing():
    assert kmodtop("report", BOTH, SUDO_UID="54321").returncode == 0


def test_limits_on_the_command_line_take_the_place_of_those_in_the_file(tmp_path):
    home = put(tmp_path, "[limits]\nmax-failures = 1")
    assert kmodtop("check", BOTH, XDG_CONFIG_HOME=home).returncode == 1
    done = kmodtop("check", BOTH, "--max-wasted", "1GiB", XDG_CONFIG_HOME=home)
    assert done.returncode == 0 and b"max-failures" not in done.stdout


def test_the_empty_device_does_without_any_file(tmp_path):
    home = put(tmp_path, 'bytes = "raw"')
    done = kmodtop("report", BOTH, "--config", "/dev/null", XDG_CONFIG_HOME=home)
    assert b"35.83 MiB" in done.stdout


def test_no_setting_names_a_word_that_no_verb_has():
    dests = {action.dest for verb in VERBS for action in parser(verb)._actions}
    assert {setting.dest for setting in SETTINGS} <= dests
    for setting in SETTINGS:
        for verb in setting.verbs:
            assert setting.dest in {action.dest for action in parser(verb)._actions}
    assert settings(None, {"XDG_CONFIG_DIRS": "/nonexistent", "XDG_CONFIG_HOME": "/x"}).found == {}


def test_options_are_shown_by_the_verbs_in_which_they_act_and_taken_by_all():
    assert "--theme" in parser("watch").format_help()
    for verb in ("report", "merge", "completion", "check"):
        assert "--theme" not in parser(verb).format_help()
    assert kmodtop("report", BOTH, "--theme", "light", "--low-bandwidth").returncode == 0
    for verb in VERBS:
        assert "examples:\n  " in parser(verb).format_help(), verb
