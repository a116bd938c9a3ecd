#!/bin/sh
# Boots a kernel under qemu, records its boot from the first user process on, and holds it against
# limits. KTAP goes to the console, everything else into the folder RESULTS (./results), which must
# not be there yet.
#
#   boot.sh KERNEL DISK [LIMITS]     boot.sh bzImage root.img --max-failures 0 --max-wasted 1MiB
#
# Build the program with compiled files, so that it is there before udev:
#   python packaging/build_pyz.py --core --python python3
# DISK is a raw image with systemd and Python 3.11; nothing is written to it. The kernel needs
# MODULE_STATS, and built in: 9P_FS, NET_9P_VIRTIO, VIRTIO_PCI, VIRTIO_BLK and the disk's file system.
# Exit status: that of kmodtop check, 3 where the boot did not come so far.
# SMP, MEM, ACCEL, QEMU, TIMEOUT (seconds), APPEND and KMODTOP may be set.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kernel=$1 disk=$2 results=${RESULTS:-results}
shift 2
mkdir "$results" # which must not be there yet
share=$(mktemp -d) && trap 'rm -rf "$share"' EXIT
cp "${KMODTOP:-kmodtop-core.pyz}" "$share/kmodtop.pyz"
cp "$here/begin.sh" "$here/end.sh" "$share/"
echo "${*:---max-failures 0}" > "$share/limits"
mkdir -p "$share/results"
accel="tcg,thread=multi" && [ -w /dev/kvm ] && accel=kvm
# The kernel starts begin.sh in the place of init, systemd runs end.sh when it has booted.
# shellcheck disable=SC2086
timeout "${TIMEOUT:-600}" ${QEMU:-qemu-system-x86_64} -machine q35 -accel "${ACCEL:-$accel}" -cpu max -smp "${SMP:-8}" -m "${MEM:-4G}" \
    -nographic -no-reboot -nic none -kernel "$kernel" \
    -no-user-config -drive "file=$disk,if=virtio,format=raw,snapshot=on" \
    -virtfs "local,path=$share,mount_tag=kmodtop,security_model=none" \
    -append "root=/dev/vda rw console=ttyS0 panic=-1 quiet ${APPEND:-} systemd.run=\"/bin/sh /mnt/end.sh\" systemd.run_success_action=poweroff systemd.run_failure_action=poweroff init=/bin/sh -- -c \"mount -t 9p -o trans=virtio,version=9p2000.L kmodtop /mnt; exec /bin/sh /mnt/begin.sh\"" \
    < /dev/null | tee "$results/console.log"
cp -r "$share/results/." "$results"
exit "$(cat "$results/status" 2> /dev/null || echo 3)"
