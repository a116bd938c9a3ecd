"""Evidence of a machine, laid out in a folder."""

import json

import pytest

from kmodtop_core.diagnosis.evidence.pieces import read_evidence
from kmodtop_core.machine.facts import Machine
from kmodtop_core.machine.gather import about_modules, boot_trace, gather


@pytest.fixture
def machine(tmp_path):
    def put(path, text):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    put("proc/sys/kernel/osrelease", "6.9\n")
    put("proc/stat", "cpu 1\ncpu0 1\ncpu1 1\n")
    put("proc/modules", "kvm 900 1 kvm_amd, Live 0xffffffffa0313000\n")
    put("lib/modules/6.9/modules.alias", "alias cpu:* kvm_amd\nalias usb:* never\n")
    put("lib/modules/6.9/modules.dep", "k/kvm-amd.ko: k/kvm.ko\nk/kvm.ko:\nk/never.ko:\n")
    put("lib/modules/6.9/k/kvm.ko", "x" * 800)
    for cpu in range(6):
        put(f"sys/devices/system/cpu/cpu{cpu}/uevent", "DRIVER=x\nMODALIAS=cpu:type:x86\n")
    put("sys/devices/system/cpu/uevent", "MODALIAS=cpu:type:x86\n")
    put("sys/devices/virtual/net/uevent", "INTERFACE=eth0\n")
    put("dev/kmsg", "6,1,5,-;secret of another driver\n4,2,6,-;module: module-autoload: x\n")
    return Machine(str(tmp_path))


def test_everything_that_tells_who_and_nothing_else(machine):
    pieces = gather(machine, ["kvm"])
    assert b"never" not in pieces["modules.alias"] and b"never" not in pieces["modules.dep"]
    assert b"secret" not in b"".join(pieces.values())
    assert b"0xffff" not in pieces["modules.txt"]
    assert json.loads(pieces["sizes.json"])["kvm"]["size"] == 800
    evidence = read_evidence(pieces)
    assert evidence.devices.expected("kvm").devices == 6  # the bus is no device
    assert evidence.sizes == {"kvm": 800} and evidence.live == {"kvm"}
    assert (evidence.kernel, evidence.cpus) == ("6.9", 2)


def test_a_machine_that_tells_nothing(tmp_path):
    assert set(gather(Machine(str(tmp_path)), [])) <= {"meta.json"}


def test_a_log_keeps_nothing_of_the_kernels_command_line():
    words = "module_blacklist=x luks.key=1"
    lines = (
        f"[    0.0] Command line: BOOT_IMAGE=/vmlinuz {words}",
        f"[    0.0] Kernel command line: {words}",
        f'[    0.0] Unknown kernel command line parameters "{words}", will be passed on',
    )
    assert about_modules("\n".join(lines)) == ""


def test_a_log_keeps_its_lines_about_modules():
    assert about_modules("a\nvmap allocation for size 5 failed\nb\n").count("\n") == 1


def test_the_trace_of_a_boot_is_taken_where_the_command_line_asked_for_one(tmp_path):
    files = {
        "proc/cmdline": "root=/dev/vda kprobe_event=p:kmodtop/dup,try_add_failed_module",
        "sys/kernel/tracing/trace": "a line\n",
        "sys/kernel/tracing/kprobe_profile": "  dup    40    2\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert boot_trace(Machine(str(tmp_path))) == b"a line\nCPU:0 [LOST 2 EVENTS]\n"
    (tmp_path / "proc/cmdline").write_text("root=/dev/vda")
    assert boot_trace(Machine(str(tmp_path))) == b""
