"""The commands that make a boot record itself, for what a machine has."""

import os
import shutil
import sys
from collections.abc import Iterator

from kmodtop_core import packaged
from kmodtop_core.errors import SourceError, Trouble
from kmodtop_core.machine.facts import Machine
from kmodtop_core.tracing.probes import boot_words

_UNIT = "kmodtop-record.service"
_SCRIPT = "kmodtop-early.sh"


def hints(machine: Machine) -> str:
    """Shell lines, with remarks."""
    return "".join(_parts(machine))


def _parts(machine: Machine) -> Iterator[str]:
    program = shutil.which("kmodtop") or os.path.abspath(sys.argv[0])
    yield from _command_line(machine)
    if not os.path.isdir(machine.path("/run/systemd/system")):
        yield (
            "# systemd does not run here: start this from your init, before udev's cold plug,\n"
            f"# with debugfs mounted or about to be:\n{program} record &\n"
        )
    else:
        unit = _file(_UNIT).replace("/usr/bin/kmodtop", program)
        yield (
            "# As root, to record each boot from before udev's cold plug on:\n"
            f"cat > /etc/systemd/system/{_UNIT} <<'EOF'\n{unit}EOF\n"
            f"systemctl daemon-reload && systemctl enable {_UNIT}\n"
            "# One boot only: instead of enabling it, add to the kernel command line\n"
            f"#   systemd.wants={_UNIT}\n"
        )
    yield from _initramfs(machine)
    yield from _without_program(machine)
    yield "# After the next boot:\nkmodtop replay /var/lib/kmodtop/recording.db\n"


def _command_line(machine: Machine) -> Iterator[str]:
    switch = machine.debugfs_switch
    if switch:
        yield (
            f"# The kernel was started with {switch}: take that off its command line, else\n"
            "# there is nothing to be read.\n"
        )


def _initramfs(machine: Machine) -> Iterator[str]:
    """What loads modules before the root file system is there is seen from there only."""
    script = _file(_SCRIPT)
    if _has(machine, "/usr/sbin/update-initramfs"):
        path = "/etc/initramfs-tools/scripts/init-top/kmodtop"
        yield (
            "# To see what the initramfs loads too, by initramfs-tools:\n"
            f"cat > {path} <<'EOF'\n{_with_prerequisites(script)}EOF\n"
            f"chmod +x {path} && update-initramfs -u\n"
        )
    if _has(machine, "/usr/bin/dracut") or _has(machine, "/usr/sbin/dracut"):
        folder = "/usr/lib/dracut/modules.d/99kmodtop"
        yield (
            "# To see what the initramfs loads too, by dracut:\n"
            f"mkdir -p {folder}\n"
            f"cat > {folder}/{_SCRIPT} <<'EOF'\n{script}EOF\n"
            f"cat > {folder}/module-setup.sh <<'EOF'\n"
            "#!/bin/bash\n"
            "check() { return 0; }\n"
            "install() {\n"
            "    inst_multiple dd mkdir mount mv sleep\n"
            f'    inst_hook pre-udev 00 "$moddir/{_SCRIPT}"\n'
            "}\n"
            "EOF\n"
            f"chmod +x {folder}/*.sh && dracut --force\n"
        )


def _with_prerequisites(script: str) -> str:
    """initramfs-tools asks each script what has to run before it (initramfs-tools(7))."""
    first, _, rest = script.partition("\n")
    return f'{first}\n[ "$1" = prereqs ] && exit 0\n{rest}'


def _without_program(machine: Machine) -> Iterator[str]:
    """A boot that is traced by the kernel alone; kmodtop reads that afterwards."""
    yield (
        "# To trace a boot with no program at all: who asks for each module, from the first on.\n"
        "# Add to the kernel's command line ($ is to be kept: quote it where a shell reads it):\n"
        f"#   {boot_words(machine)}\n"
        "# kmodtop report, record and collect, as root, then read /sys/kernel/tracing/trace.\n"
    )


def _has(machine: Machine, path: str) -> bool:
    return os.path.exists(machine.path(path))


def _file(name: str) -> str:
    """One that comes with kmodtop. Raises SourceError."""
    data = packaged.read("kmodtop", "systemd_files", name)
    if data is None:
        raise SourceError(Trouble("no-file", "is missing", "reinstall kmodtop", name))
    return data.decode()
