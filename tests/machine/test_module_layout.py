"""What a module takes when it is loaded: sections laid out in areas of whole pages."""

import struct

from hypothesis import given
from hypothesis import strategies as st
from support.elf import ALLOC, EXEC, WRITE, elf

from kmodtop_core.machine.module_layout import Layout, layout_of

PAGE = 4096


def test_text_is_what_can_be_executed_and_every_area_has_whole_pages():
    image = elf([(".text", ALLOC | EXEC, 5000), (".data", ALLOC | WRITE, 1), (".rodata", ALLOC, 1)])
    assert layout_of(image) == Layout(size=2 * PAGE + PAGE + PAGE, text=2 * PAGE)


def test_the_init_part_has_areas_of_its_own():
    image = elf([(".text", ALLOC | EXEC, 10), (".init.text", ALLOC | EXEC, 10)])
    assert layout_of(image) == Layout(2 * PAGE, 2 * PAGE)


def test_what_is_not_loaded_takes_nothing():
    image = elf([(".text", ALLOC | EXEC, 10), (".debug_info", 0, 9_000_000)])
    assert layout_of(image) == Layout(PAGE, PAGE)


def test_sections_of_one_kind_share_pages_and_keep_their_alignment():
    image = elf([(".a", ALLOC, 10), (".b", ALLOC, 10, 2048), (".c", ALLOC, 2100, 1)])
    assert layout_of(image).size == 2 * PAGE  # 2,048 + 10 + 2,100


def test_symbols_come_into_the_init_part_and_those_of_what_stays_once_more():
    """kernel/module/kallsyms.c, layout_symtab()"""
    few = elf([(".text", ALLOC | EXEC, 10)], symbols=2)
    many = elf([(".text", ALLOC | EXEC, 10)], symbols=400)
    assert layout_of(few) == Layout(3 * PAGE, PAGE)
    # 24 bytes a symbol, a byte for its type, its name: in both parts.
    whole = -(-(400 * 25 + 4000) // PAGE) * PAGE
    assert abs(layout_of(many).size - (PAGE + 2 * whole)) <= 2 * PAGE


def test_what_is_no_elf_file_has_no_layout():
    assert layout_of(b"") is None
    assert layout_of(b"x" * 500) is None
    assert layout_of(elf([(".text", ALLOC | EXEC, 10)])[:200]) is None


@given(st.binary(max_size=400), st.integers(0, 200))
def test_no_bytes_are_trusted(noise, cut):
    image = elf([(".text", ALLOC | EXEC, 10)], symbols=3)
    for data in (image[:cut] + noise + image[cut:], b"\x7fELF\x02\x01" + noise, image[:-cut]):
        found = layout_of(data)
        assert found is None or (found.size >= found.text >= 0)


def test_narrow_files_of_the_other_order_are_read_too():
    head = b"\x7fELF\x01\x02\x01" + bytes(9)
    names = b"\0.text\0"
    body = struct.pack(">HHIIIIIHHHHHH", 1, 8, 1, 0, 0, 52, 0, 52, 0, 0, 40, 2, 1)
    text = struct.pack(">10I", 1, 1, ALLOC | EXEC, 0, 0, 5000, 0, 0, 4, 0)
    strings = struct.pack(">10I", 0, 3, 0, 0, 132, len(names), 0, 0, 1, 0)
    assert layout_of(head + body + text + strings + names) == Layout(2 * PAGE, 2 * PAGE)
