"""What is usual: for what neither a machine nor its texts tell."""

from ..simulation.scenarios import Module

SIZE_SHARE, TEXT_SHARE = 0.85, 0.4
"""Of the image, what a module takes when it is loaded, and what of that is code: in the median of
47 modules of a real kernel (samples/events/modules.json)."""

_PAGE = 4096

_INIT_US = {
    "aesni_intel": 9000.0,
    "sha512_generic": 4000.0,
    "crct10dif_pclmul": 2500.0,
    "crypto_simd": 900.0,
    "ghash_clmulni_intel": 50.0,
    "intel_uncore": 900.0,
    "coretemp": 500.0,
    "x86_pkg_temp_thermal": 600.0,
    "kvm_intel": 300.0,
    "kvm_amd": 300.0,
    "kvm": 200.0,
}
"""Init functions that take long, in microseconds: as the scenarios that were held against
published figures have them (docs/simulator.md)."""

_INIT_CPU_US = {"cryptd": 44.0}

_SHORT_US = 50.0
"""Of all others."""


def module_of(
    name: str, length: int, layout: tuple[int, int] | None = None, packed: int = 0
) -> Module:
    """A module of that image length (bytes). `layout`: bytes that it takes when loaded, and those
    of its code, None where nobody knows; `packed`: bytes of its file if that is packed."""
    size, text = layout or usual_layout(length)
    return Module(
        name,
        length,
        size,
        text,
        packed,
        init_us=_INIT_US.get(name, _SHORT_US),
        init_cpu_us=_INIT_CPU_US.get(name, 0.0),
    )


def usual_layout(length: float) -> tuple[int, int]:
    """(bytes that a module takes when loaded, those of its code), by its image without debug
    information."""
    return _pages(length * SIZE_SHARE), _pages(length * TEXT_SHARE)


def _pages(length: float) -> int:
    return max(1, round(length / _PAGE)) * _PAGE
