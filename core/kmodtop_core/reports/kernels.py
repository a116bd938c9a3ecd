"""How to get a kernel that keeps the statistics, for the distribution of this machine."""

import re

from ..machine.facts import Machine

_OPTIONS = "scripts/config --enable MODULE_DEBUG --enable MODULE_STATS"

_WAYS = {
    "debian": (
        "apt install linux-source build-essential flex bison libssl-dev libelf-dev bc rsync;"
        " unpack /usr/src/linux-source-*.tar.xz, copy /boot/config-$(uname -r) to .config,"
        f" {_OPTIONS}, make olddefconfig bindeb-pkg"
    ),
    "fedora": (
        "dnf download --source kernel; add CONFIG_MODULE_DEBUG=y and CONFIG_MODULE_STATS=y to"
        " kernel-local, rpmbuild -bb kernel.spec"
    ),
    "arch": (
        "pkgctl repo clone linux; add CONFIG_MODULE_DEBUG=y and CONFIG_MODULE_STATS=y to config,"
        " makepkg -s"
    ),
    "suse": (
        f"zypper install kernel-source; in a copy of /usr/src/linux: {_OPTIONS},"
        " make olddefconfig rpm-pkg"
    ),
    "gentoo": (
        "put CONFIG_MODULE_DEBUG=y and CONFIG_MODULE_STATS=y into a .config file in"
        " /etc/kernel/config.d, emerge sys-kernel/gentoo-kernel"
    ),
    "nixos": (
        'boot.kernelPatches = [ { name = "module-stats"; patch = null;'
        ' extraConfig = "MODULE_DEBUG y\\nMODULE_STATS y"; } ]; nixos-rebuild boot'
    ),
    "alpine": (
        "in a clone of aports: add CONFIG_MODULE_DEBUG=y and CONFIG_MODULE_STATS=y to"
        " main/linux-lts/lts.*.config, abuild checksum && abuild -r"
    ),
}

_LIKE = {"ubuntu": "debian", "rhel": "fedora", "centos": "fedora", "opensuse": "suse"}


def how_to_build(machine: Machine) -> str:
    """A sentence; that of any distribution where this one is not known (os-release(5))."""
    text = machine.read("/etc/os-release") or machine.read("/usr/lib/os-release") or ""
    told = dict(re.findall(r'^(ID|ID_LIKE)="?([\w. -]{1,80})"?$', text, re.MULTILINE))
    for word in f"{told.get('ID', '')} {told.get('ID_LIKE', '')}".split():
        name = word.partition("-")[0]
        if way := _WAYS.get(_LIKE.get(name, name)):
            return f"boot a kernel that has it: {way}"
    return (
        "boot a kernel that has it: in its source copy this kernel's configuration to .config,"
        f" {_OPTIONS}, make olddefconfig, make"
    )
