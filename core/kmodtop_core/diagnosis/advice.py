"""What to do next: sentences, and commands that can be pasted."""

import re
from collections.abc import Iterator, Sequence

from ..machine.facts import release_of
from .case import Case
from .finding import Advice

_PLAIN = re.compile(r"^[A-Za-z0-9_-]{1,55}$")

FOLDS = (6, 5)
"""Since this release concurrent finit_module() calls on one file are one (kernel/module/main.c,
idempotent_init_module())."""

_UNPACKS = 31
"""Since this release kmod lets the kernel unpack modules, if it can."""


def is_plain(word: str) -> bool:
    """Whether it can be pasted into a shell as it is."""
    return re.fullmatch(r"[A-Za-z0-9_@.-]{1,80}", word) is not None and word[0] != "-"


def folds(case: Case) -> bool | None:
    """Whether this kernel folds concurrent loads of one file; None where it is not known."""
    release = release_of(case.kernel)
    return None if release is None else release >= FOLDS


def on_folding(case: Case) -> Iterator[Advice]:
    """Why the kernel wastes it, and which would not."""
    folding, kmod = folds(case), _kmod(case)
    if folding:
        yield Advice(
            "this kernel normally folds concurrent loads of one file. These it did not fold:"
            " userspace unpacks modules itself (init_module), or other files have these names, or"
            " the loads came one after another, or folding is switched off",
            brief=_replace_kmod(kmod)
            if kmod is not None and kmod < _UNPACKS
            else "hear who asks, and how: sudo kmodtop watch --blame",
        )
    else:
        yield Advice(
            "a kernel from 6.5 on folds concurrent loads of one file, unless userspace unpacks"
            " modules itself" + ("" if folding is False else "; see which this is"),
            "" if folding is False else "uname -r",
            "boot a kernel from 6.5 on, which folds concurrent loads of one file"
            if folding is False
            else "see which kernel this is: from 6.5 on it folds concurrent loads of one file",
        )
    yield from _on_kmod(case)


def _kmod(case: Case) -> int | None:
    """The version of kmod, None where it is not known."""
    found = re.search(r"\d+", case.evidence.kmod or "")
    return int(found[0]) if found else None


def _replace_kmod(old: int) -> str:
    return f"use kmod {_UNPACKS} or newer, this is {old}, or uncompressed modules"


def _on_kmod(case: Case) -> Iterator[Advice]:
    """Who unpacks modules."""
    kmod = _kmod(case)
    if kmod is not None and kmod < _UNPACKS:
        yield Advice(
            f"kmod {kmod} unpacks modules itself; kmod {_UNPACKS} or newer lets the kernel do"
            " it, and uncompressed modules do not need it",
            brief=_replace_kmod(kmod),
        )
    elif case.evidence.options.get("CONFIG_MODULE_DECOMPRESS") is False:
        yield Advice("a kernel with CONFIG_MODULE_DECOMPRESS=y can unpack modules, and fold them")
    elif kmod is None:
        yield Advice(f"kmod {_UNPACKS} or newer lets the kernel unpack; see", "modprobe --version")


def on_unused(case: Case, modules: Sequence[str]) -> Iterator[Advice]:
    """Keeping out what wastes most, where it is not loaded and only an alias asks for it."""
    live, devices = case.evidence.live, case.evidence.devices
    if live is None or devices is None:
        return
    costly = [m for entry in case.modules for m in entry.modules if m in modules] or list(modules)
    unused = [m for m in costly if m not in live and devices.has_alias(m) and _PLAIN.match(m)]
    for module in unused[:1]:
        yield Advice(
            f"if {module} is not needed, which is not loaded",
            f"echo 'blacklist {module}' | sudo tee -a /etc/modprobe.d/kmodtop.conf",
        )


def on_asking() -> Iterator[Advice]:
    """How to know for certain."""
    yield Advice(
        "to be certain, record it with who asks (kmodtop record --install-hints tells how to do it"
        " from the beginning of a boot)",
        "sudo kmodtop record --blame=trace -o FILE",
    )


def on_collecting() -> Iterator[Advice]:
    """How to learn more of the machine that the text is from."""
    yield Advice("on that machine, take what would tell more", "kmodtop collect -o FILE")
