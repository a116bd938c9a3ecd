"""Files of modules: how long the image is that the kernel reads, which each failure wastes.

Unpacked, and without the signature that is appended to it (scripts/sign-file.c; the kernel
cuts it off before it counts: kernel/module/main.c, module_sig_check()).
"""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Protocol

from .aliases import module_name
from .facts import Machine, unhindered

_SIGNED = b"~Module signature appended~\n"
_SIGNATURE_HEAD = 12
"""Bytes of struct module_signature, which stands before the magic words."""

_MOST_BYTES = 256 << 20
"""Bytes that a module unpacks to at most."""


def folder_of(machine: Machine) -> str:
    """Where the modules of the running kernel lie."""
    return machine.path(f"/lib/modules/{machine.kernel or 'unknown'}")


def sizes_of(modules: Iterable[str], machine: Machine) -> dict[str, dict[str, object]]:
    """{module: {"path": ..., "size": bytes}} of those whose file is found and can be read."""
    places = dict(_places(machine))
    found: dict[str, dict[str, object]] = {}
    for module in sorted(set(modules)):
        path = places.get(module.replace("-", "_"))
        if path is None:
            continue
        with suppress(OSError, ValueError, EOFError, ImportError, MemoryError):
            size = image_length(os.path.join(folder_of(machine), path))
            if size is not None:
                found[module] = {"path": path, "size": size}
    return found


def _places(machine: Machine) -> Iterator[tuple[str, str]]:
    """(module, its file below the folder), as depmod has listed them."""
    text = read_index(machine, "modules.dep")
    for line in text.splitlines():
        path, colon, _ = line.partition(":")
        if colon:
            yield module_name(path), path


def read_index(machine: Machine, name: str) -> str:
    """A file of depmod(8); empty where there is none."""
    try:
        with open(os.path.join(folder_of(machine), name), "rb", opener=unhindered) as file:
            return (file.read(32 << 20) or b"").decode("utf-8", "replace")
    except OSError:
        return ""


def image_length(path: str) -> int | None:
    """Bytes of the image in that file; None where nothing here can unpack it.

    Raises OSError, and ValueError or EOFError for what is no such file.
    """
    data = read_module(path)
    return length_of(data, unpacked(data, path))


def length_of(data: bytes, image: bytes | None) -> int | None:
    """Bytes of the image in a file's bytes; of one that was not unpacked as its head says."""
    return _zstd_length(data) if image is None else unsigned_length(image)


def read_module(path: str) -> bytes:
    """A module's file. Raises OSError, and ValueError for what is no file, or too large for one."""
    with open(path, "rb", opener=unhindered) as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode) or about.st_size > _MOST_BYTES:
            raise ValueError("no module's file")
        return file.read(_MOST_BYTES)


def unpacked(data: bytes, path: str) -> bytes | None:
    """The image in a file's bytes, packed as the end of its name says; None where nothing here can
    unpack it. Raises ValueError or EOFError for what is no such file, or too large for one."""
    if path.endswith(".gz"):
        import zlib

        try:
            return _whole(zlib.decompressobj(wbits=31), data)
        except zlib.error as error:
            raise ValueError(str(error)) from None
    if path.endswith(".xz"):
        import lzma

        try:
            return _whole(lzma.LZMADecompressor(), data)
        except lzma.LZMAError as error:
            raise ValueError(str(error)) from None
    if path.endswith(".zst"):
        try:  # Python 3.14
            from compression import zstd  # type: ignore[import-not-found,unused-ignore]
        except ImportError:
            return None
        return _whole(zstd.ZstdDecompressor(), data)
    return data


class _Unpacker(Protocol):
    """What the libraries have in common."""

    @property
    def eof(self) -> bool:
        """Whether the end was reached."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """So many bytes at most."""


def _whole(unpacker: _Unpacker, data: bytes) -> bytes:
    image = unpacker.decompress(data, _MOST_BYTES)
    if not unpacker.eof:
        raise ValueError("cut short, or too large for a module")
    return image


def unsigned_length(data: bytes) -> int:
    """Bytes of a module without its signature."""
    if not data.endswith(_SIGNED):
        return len(data)
    end = len(data) - len(_SIGNED) - _SIGNATURE_HEAD
    signature = int.from_bytes(data[end + 8 : end + 12], "big")
    return max(0, end - signature)


def _zstd_length(data: bytes) -> int | None:
    """As the frame's head says (RFC 8878, 3.1.1.1)."""
    if data[:4] != b"\x28\xb5\x2f\xfd" or len(data) < 18:
        return None
    flags = data[4]
    single = bool(flags & 0x20)
    start = 5 + (not single) + (0, 1, 2, 4)[flags & 3]
    wide = (1 if single else 0, 2, 4, 8)[flags >> 6]
    if not wide:
        return None
    return int.from_bytes(data[start : start + wide], "little") + (256 if wide == 2 else 0)
