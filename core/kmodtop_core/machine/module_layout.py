"""What a module takes when it is loaded: its sections, laid out as the kernel does.

Of an ELF file's sections those with SHF_ALLOC are laid out in areas, each of whole pages:
text, data, rodata, and the same of its init part; symbols come into the data
(kernel/module/main.c, layout_sections(), module_memory_alloc(); kernel/module/kallsyms.c,
layout_symtab(); elf(5)). Held against 47 modules of a real kernel: text exact, size exact for 38,
off by one page for 9.
"""

import struct
from collections import Counter
from typing import NamedTuple

_PAGE = 4096
_WRITE, _ALLOC, _EXEC = 0x1, 0x2, 0x4
_SYMTAB = 2
_MOST_SECTIONS = 65536
_MOST_SYMBOLS = 1 << 20
_LONGEST_NAME = 512
"""Bytes of a symbol's name (KSYM_NAME_LEN)."""

_MOST_BYTES = 1 << 30
_DROPPED = b".modinfo\0", b"__versions\0", b".data..percpu\0"
_AFTER_INIT = b".data..ro_after_init", b"__jump_table\0"


class Layout(NamedTuple):
    """Bytes of a module's place: all of them, and those of its code."""

    size: int
    text: int


class _Section(NamedTuple):
    """A header, as far as it matters here. `place`: where its name stands."""

    place: int
    kind: int
    flags: int
    offset: int
    length: int
    link: int
    align: int


_Area = tuple[bool, str]
"""Whether it is of the init part, and what it holds."""


def layout_of(image: bytes) -> Layout | None:
    """The place that an image needs; None for what is no ELF file, or a broken one."""
    if image[:4] != b"\x7fELF" or len(image) < 64:
        return None
    try:
        areas = _Elf(image).areas()
    except (struct.error, OverflowError):
        return None
    if sum(areas.values()) > _MOST_BYTES:
        return None
    pages = {area: -(-length // _PAGE) * _PAGE for area, length in areas.items()}
    return Layout(sum(pages.values()), sum(v for (_, kind), v in pages.items() if kind == "text"))


class _Elf:
    """A file of either width and order. Raises struct.error or OverflowError for a broken one."""

    def __init__(self, image: bytes) -> None:
        self._image = image
        self._wide = image[4] == 2
        self._order = "<" if image[5] == 1 else ">"
        start, shape = (40, "Q") if self._wide else (32, "I")
        place = self._read(shape, start)[0]
        size, number, names = self._read("3H", 58 if self._wide else 46)
        head = "IIQQQQIIQQ" if self._wide else "10I"
        raw = [self._read(head, place + size * i) for i in range(min(number, _MOST_SECTIONS))]
        strings = raw[names][4] if names < len(raw) else 0
        self._sections = [_Section(strings + r[0], r[1], r[2], r[4], r[5], r[6], r[8]) for r in raw]

    def areas(self) -> dict[_Area, int]:
        """Bytes of each area."""
        found: Counter[_Area] = Counter()
        for section in self._sections:
            if section.flags & _ALLOC and not self._is_dropped(section):
                area = self._is_init(section), self._kind(section)
                step = min(max(section.align, 1), _PAGE)
                found[area] = -(-found[area] // step) * step + section.length
        for section in self._sections:
            if section.kind == _SYMTAB and section.link < len(self._sections):
                self._add_symbols(found, section)
        return found

    def _add_symbols(self, found: Counter[_Area], table: _Section) -> None:
        """All symbols, with a byte for the type of each, in the init part; those of what stays
        once more (with CONFIG_KALLSYMS_ALL, as distributions have it)."""
        shape = "IBBHQQ" if self._wide else "IIIBBH"
        step = struct.calcsize(self._order + shape)
        names = self._sections[table.link]
        number = min(table.length // step, _MOST_SYMBOLS)
        stays, chars = 1, 1
        for at in range(1, number):
            symbol = self._read(shape, table.offset + at * step)
            if symbol[0] and self._is_of_what_stays(symbol[3 if self._wide else 5]):
                begin = names.offset + symbol[0]
                stays += 1
                chars += self._length(begin, names.offset + names.length)
        found[True, "data"] += table.length + names.length + number
        found[False, "data"] += stays * (step + 1) + chars

    def _length(self, begin: int, limit: int) -> int:
        """Bytes of a name, with the NUL that ends it."""
        end = self._image.find(b"\0", begin, min(limit, begin + _LONGEST_NAME))
        return (end if end >= 0 else begin + _LONGEST_NAME) - begin + 1

    def _is_dropped(self, section: _Section) -> bool:
        """What the kernel does not keep there (main.c: rewrite_section_headers(), and
        layout_and_allocate() for data of each CPU)."""
        return self._image.startswith(_DROPPED, section.place)

    def _is_of_what_stays(self, index: int) -> bool:
        if not 0 < index < len(self._sections):
            return False
        section = self._sections[index]
        return bool(section.flags & _ALLOC) and not self._is_init(section)

    def _is_init(self, section: _Section) -> bool:
        return self._image.startswith(b".init", section.place)

    def _kind(self, section: _Section) -> str:
        if section.flags & _EXEC:
            return "text"
        if section.flags & _WRITE:
            after = self._image.startswith(_AFTER_INIT, section.place)
            return "ro-after-init" if after else "data"
        return "rodata"

    def _read(self, shape: str, place: int) -> tuple[int, ...]:
        return struct.unpack_from(self._order + shape, self._image, place)
