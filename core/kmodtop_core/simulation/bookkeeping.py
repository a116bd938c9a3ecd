"""KernelTracker: the kernel's own bookkeeping of module loads, event by event.

One method for each place of kernel/module/main.c and stats.c that counts. Given
the same events as a kernel it holds the same statistics and prints the same
bytes. Beside them it keeps what the kernel does not: the virtual memory in
flight, and its peak.
"""

from ..stats.format import render
from ..stats.values import STAGES, U32, ULONG, Duplicate, FailReason, ModuleStats


class KernelTracker:
    """The statistics of one boot, of a kernel whose unsigned long has `bits` (64 or 32) bits.

    `area`: bytes of address space for the final places of modules, None for no bound (x86-64 has
    1.5 GiB, 1 GiB with CONFIG_RANDOMIZE_BASE: arch/x86/include/asm/pgtable_64_types.h, MODULES_LEN;
    arm64 128 MiB that its branches reach).
    """

    def __init__(self, bits: int = 64, area: int | None = None) -> None:
        if bits not in (32, 64):
            raise ValueError(f"an unsigned long has 32 or 64 bits, not {bits}")
        self.bits, self.area = bits, area
        self.in_flight = self.peak = self.placed = 0
        self._ulong = ULONG if bits == 64 else U32
        self._counts = dict.fromkeys(ModuleStats._fields[:-1], 0)
        self._table: dict[str, tuple[int, FailReason]] = {}

    def loaded(self, size: int, text: int) -> None:
        """A module went live, of `size` bytes in all and `text` bytes of code (do_init_module)."""
        self._count("modcount", 1)
        self._add("total_mod_size", size)
        self._add("total_text_size", text)

    def failed_kread(self, size: int) -> None:
        """Its file could not be read or copied; `size` bytes were lost (init_module).

        Where finit_module() could not read, 6.4 added the negative error code for the bytes.
        """
        self._count("failed_kreads", 1)
        self._add("invalid_kread_bytes", size)

    def failed_decompress(self, size: int) -> None:
        """Its file of `size` bytes could not be unpacked (init_module_from_file)."""
        self._count("failed_decompress", 1)
        self._add("invalid_decompress_bytes", size)

    def failed_becoming(self, length: int, compressed: int | None = None) -> None:
        """It was refused before its place was allocated (mod_stat_bump_becoming).

        `length`: bytes of the module's image; `compressed`: of its file, if that was packed.
        """
        self._count("failed_becoming", 1)
        self._add("invalid_becoming_bytes", length + (compressed or 0))

    def failed_load(self, length: int, compressed: int | None = None) -> None:
        """It was refused after its place was allocated (mod_stat_bump_invalid)."""
        self._count("failed_load_modules", 1)
        self._add("invalid_mod_bytes", 2 * length + (compressed or 0))

    def duplicate(self, module: str, reason: FailReason) -> None:
        """Its name was there already: its row is entered as the newest, or counted up
        (try_add_failed_module)."""
        times, known = self._table.get(module, (0, FailReason(0)))
        self._table[module] = ((times + 1) % self._ulong, known | reason)

    def allocate(self, size: int) -> None:
        """Takes virtual memory for a buffer (vmalloc, vmap)."""
        self.in_flight += size
        self.peak = max(self.peak, self.in_flight)

    def free(self, size: int) -> None:
        """Gives virtual memory back (vfree, vunmap)."""
        self.in_flight -= size

    def place(self, size: int) -> bool:
        """Takes room for a module's final place; False, and nothing taken, when there is none."""
        if self.area is not None and self.placed + size > self.area:
            return False
        self.placed += size
        self.allocate(size)
        return True

    def displace(self, size: int) -> None:
        """Gives a module's final place back."""
        self.placed -= size
        self.free(size)

    @property
    def stats(self) -> ModuleStats:
        """The statistics now; the table newest first by first failure."""
        rows = (Duplicate(m, times, why) for m, (times, why) in reversed(self._table.items()))
        return ModuleStats(**self._counts, duplicates=tuple(rows))

    def text(self) -> bytes:
        """What the kernel prints now."""
        return render(self.stats, self._ulong)

    def wasted(self) -> int:
        """Bytes wasted in all, as the kernel sums them up."""
        return sum(self._counts[stage.bytes] for stage in STAGES) % self._ulong

    def _count(self, counter: str, by: int) -> None:
        self._counts[counter] = (self._counts[counter] + by) % U32

    def _add(self, counter: str, size: int) -> None:
        self._counts[counter] = (self._counts[counter] + size) % self._ulong
