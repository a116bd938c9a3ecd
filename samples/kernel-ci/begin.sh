#!/bin/sh
# In the place of init: begins to record, then becomes init.
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t debugfs debugfs /sys/kernel/debug
mount -t tmpfs tmpfs /run # which systemd keeps
setsid python3 /mnt/kmodtop.pyz record -o /run/boot.db < /dev/null > /run/record.log 2>&1 &
i=0
while [ ! -e /run/boot.db ] && [ $i -lt 300 ]; do
    sleep 0.1
    i=$((i + 1))
done
exec /sbin/init
