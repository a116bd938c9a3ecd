"""Eras of the kernel: how it treats several requests for one module at a time."""

ERAS = {
    "stats-only": "checked after allocation",
    "early-check": "and before it (6.4)",
    "idempotent": "loads are folded (6.5)",
}
"""Name and meaning of each, oldest first (kernel/module/main.c: load_module() of 6.3 with the
counters, early_mod_check() of 6.4, idempotent_init_module() of 6.5)."""


def next_era(era: str) -> str:
    """The one after it; the first after the last."""
    names = list(ERAS)
    return names[(names.index(era) + 1) % len(names)]


def era_of(version: tuple[int, int] | None) -> str:
    """That of a kernel's release (major, minor); the latest where it is not known."""
    if version is None or version >= (6, 5):
        return "idempotent"
    return "early-check" if version == (6, 4) else "stats-only"
