"""A machine whose /proc, /sys and /lib lie in a folder."""

from support.elf import ALLOC, EXEC, elf

ALIASES = """\
alias cpu:* kvm_intel
alias cpu:* aes_x
alias pci:* disk
alias cpu:* refuses
"""

DEPENDENCIES = """\
k/kvm-intel.ko: k/kvm.ko k/irqs.ko
k/kvm.ko: k/irqs.ko
k/irqs.ko:
k/aes-x.ko:
k/disk.ko:
k/refuses.ko:
k/service.ko:
"""


class Folder:
    """A machine's files."""

    def __init__(self, root):
        self.root = root
        self.put("proc/sys/kernel/osrelease", "6.9\n")
        self.put("proc/sys/kernel/hostname", "box\n")
        self.put("proc/stat", "cpu 1\n" + "".join(f"cpu{n} 1\n" for n in range(4)))
        self.put("proc/meminfo", "MemTotal:        4096000 kB\n")
        self.put("proc/cpuinfo", "flags\t\t: fpu vme hypervisor\n")
        self.put("lib/modules/6.9/modules.alias", ALIASES)
        self.put("lib/modules/6.9/modules.dep", DEPENDENCIES)
        self.put("lib/modules/6.9/modules.softdep", "softdep aes_x pre: irqs\n")
        for name in ("kvm-intel", "kvm", "irqs", "aes-x", "disk", "refuses", "service"):
            self.put(
                f"lib/modules/6.9/k/{name}.ko", elf([(".text", ALLOC | EXEC, 5000)]) + bytes(900)
            )
        live = ("kvm_intel", "kvm", "irqs", "aes_x", "disk", "service")
        self.put("proc/modules", "".join(f"{name} 900 0 - Live\n" for name in live))
        for cpu in range(4):
            self.put(f"sys/devices/system/cpu/cpu{cpu}/uevent", "MODALIAS=cpu:type:x86\n")
        self.put("sys/devices/system/cpu/uevent", "MODALIAS=cpu:type:x86\n")
        for slot in range(2):
            self.put(f"sys/devices/pci0/{slot}/uevent", "MODALIAS=pci:v1\n")
        self.put("sys/devices/pci0/bridge/uevent", "DRIVER=x\n")
        self.put("sys/bus/pci/uevent", "")

    def put(self, path, content):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
