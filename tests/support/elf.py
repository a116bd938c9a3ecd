"""ELF files for tests: sections, and symbols of the first of them (elf(5))."""

import struct

WRITE, ALLOC, EXEC = 1, 2, 4


def elf(sections, symbols=0):
    """A 64-bit relocatable file; `sections`: (name, flags, bytes[, alignment])."""
    names, strings = b"\0", b"\0"
    for name, *_ in sections:
        names += name.encode() + b"\0"
    entries = bytes(24)
    for n in range(symbols):
        entries += struct.pack("<IBBHQQ", len(strings), 0x12, 0, 1, 0, 0)
        strings += b"symbol%03d\0" % n
    names += b".shstrtab\0.symtab\0.strtab\0"
    heads = [bytes(64)]
    for name, flags, size, *align in sections:
        place = names.index(b"\0" + name.encode() + b"\0") + 1
        step = align[0] if align else 1
        heads.append(struct.pack("<IIQQQQIIQQ", place, 1, flags, 0, 0, size, 0, 0, step, 0))
    count = len(sections) + 4
    body = 64 + 64 * count
    last = [
        (b".shstrtab", 3, names, 0),
        (b".symtab", 2, entries, count - 1),
        (b".strtab", 3, strings, 0),
    ]
    data = b""
    for name, kind, content, link in last:
        place = names.index(b"\0" + name + b"\0") + 1
        if kind == 2 and not symbols:
            kind = 1
        head = (place, kind, 0, 0, body + len(data), len(content), link, 0, 1, 24)
        heads.append(struct.pack("<IIQQQQIIQQ", *head))
        data += content
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    numbers = (1, 62, 1, 0, 0, 64, 0, 64, 0, 0, 64, count, len(sections) + 1)
    return ident + struct.pack("<HHIQQQIHHHHHH", *numbers) + b"".join(heads) + data
