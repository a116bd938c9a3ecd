"""Why the stats file cannot be read, told apart, each with its fix; what doctor says."""

import gzip
import os

import pytest

from kmodtop_core.machine.access import why_unfit, why_unreadable
from kmodtop_core.machine.facts import STATS_PATH, Machine, filesystem, needs_polling
from kmodtop_core.reports.doctor import examine

MISSING = FileNotFoundError(2, "No such file or directory")
DENIED = PermissionError(13, "Permission denied")
UNSET = "# CONFIG_MODULE_STATS is not set\n"
DEBUGFS = "30 20 0:8 / /sys/kernel/debug rw shared:9 - debugfs debugfs rw\n"


@pytest.fixture
def machine(tmp_path):
    def build(release="6.12.9", config=None, mounted=True, cmdline="quiet", panic="0"):
        files = {
            "proc/sys/kernel/osrelease": release,
            "proc/sys/kernel/hostname": "big",
            "proc/sys/kernel/panic_on_warn": panic,
            "proc/sys/kernel/random/boot_id": "b-1",
            "proc/cmdline": cmdline,
            "proc/stat": "cpu  1 2\ncpu0 1 2\ncpu1 1 2\nintr 5\n",
            "proc/self/mountinfo": "20 1 8:1 / / rw - ext4 /dev/vda rw\n" + DEBUGFS * mounted,
        }
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text + "\n")
        if config is not None:
            (tmp_path / "proc/config.gz").write_bytes(gzip.compress(config.encode()))
        return Machine(str(tmp_path))

    return build


@pytest.mark.parametrize(
    ("setup", "error", "code", "says"),
    [
        ({"release": "6.1.0-18-amd64"}, MISSING, "no-kernel-support", "6.1.0-18-amd64 is too old"),
        ({"config": UNSET}, MISSING, "no-kernel-support", "without CONFIG_MODULE_STATS"),
        ({"mounted": False}, MISSING, "debugfs-not-mounted", "mount -t debugfs"),
        ({"mounted": False, "cmdline": "debugfs=off"}, MISSING, "debugfs-off", "boot without it"),
        ({}, MISSING, "no-kernel-support", "probably built without"),
        ({"mounted": False, "cmdline": "debugfs=no-mount"}, MISSING, "debugfs-off", "no-mount"),
        ({"config": "CONFIG_MODULE_STATS=y\n"}, MISSING, "missing", "although the kernel"),
        ({"config": "CONFIG_MODULE_STATS=y\n"}, DENIED, "permission", "start with sudo"),
        ({"release": "5.10.0"}, DENIED, "no-kernel-support", "too old"),
    ],
)  # fmt: skip
def test_each_cause_is_told_apart_with_its_fix(machine, setup, error, code, says):
    why = why_unreadable(STATS_PATH, error, machine(**setup))
    assert why.code == code
    assert says in why.sentence
    assert why.sentence.startswith(STATS_PATH + ": ") and "\n" not in why.sentence


def test_ordinary_files_are_not_blamed_on_the_kernel(machine, tmp_path):
    why = why_unreadable(str(tmp_path / "nope/stats"), MISSING, machine(release="5.10.0"))
    assert why.code == "missing" and "does not exist" in why.sentence


def test_a_typo_below_debugfs_is_not_blamed_on_the_kernel(machine):
    why = why_unreadable("/sys/kernel/debug/modules/stat", MISSING, machine())
    assert why.code == "missing" and STATS_PATH in why.sentence


def test_a_broken_configuration_file_is_not_known(machine, tmp_path):
    broken = machine(config="CONFIG_MODULE_STATS=y\n" * 50)
    data = bytearray((tmp_path / "proc/config.gz").read_bytes())
    data[15] ^= 255
    (tmp_path / "proc/config.gz").write_bytes(data)
    assert broken.option("CONFIG_MODULE_STATS") is None


def test_what_can_never_be_a_source(tmp_path):
    (tmp_path / "stats").write_text("")
    assert "is a directory" in why_unfit(str(tmp_path), os.stat(tmp_path).st_mode).sentence
    assert "is a device" in why_unfit("/dev/zero", os.stat("/dev/zero").st_mode).sentence
    assert why_unfit("x", os.stat(__file__).st_mode) is None


def test_hostile_paths_are_spelt_out(machine):
    why = why_unreadable("/there/\x1b[31mred", MISSING, machine())
    assert "\x1b" not in why.sentence and "\\x1b[31mred" in why.sentence


def test_facts_of_the_machine(machine):
    host = machine().host
    assert (host.name, host.kernel, host.cpus, host.boot_id) == ("big", "6.12.9", 2, "b-1")
    assert machine(panic="1").panics_on_warn


def test_the_kind_of_file_system_decides_how_a_file_is_followed(tmp_path):
    assert filesystem("/proc/self/status", Machine()) == "proc"
    assert needs_polling("proc") and needs_polling("debugfs") and needs_polling("fuse.sshfs")
    assert not needs_polling(filesystem(str(tmp_path), Machine()))


def test_doctor_names_every_cause(machine):
    findings = examine(None, machine(mounted=False, panic="1", config="CONFIG_MODULE_STATS=y\n"))
    bad = [f.what for f in findings if f.state == "bad"]
    assert any("debugfs is not mounted" in what for what in bad)
    assert any("panic_on_warn is set" in what for what in bad)
    assert any(f.what.startswith("CONFIG_MODULE_STATS is set") for f in findings if f.state == "ok")
    assert all(f.fix for f in findings if f.state == "bad")


def test_doctor_does_not_know_what_it_can_not_read(machine):
    (option,) = [f for f in examine(None, machine()) if "CONFIG_MODULE_STATS" in f.what][:1]
    assert option.state == "unknown"


def test_a_machine_that_nobody_has_named_yet_has_no_name(tmp_path):
    (tmp_path / "proc/sys/kernel").mkdir(parents=True)
    for text, name in (("(none)\n", None), ("big\n", "big")):
        (tmp_path / "proc/sys/kernel/hostname").write_text(text)
        assert Machine(str(tmp_path)).host.name == name
