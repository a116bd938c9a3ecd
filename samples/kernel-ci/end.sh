#!/bin/sh
# After the boot: the verdict on the console, the recording and its page beside.
exec > /dev/console 2>&1
udevadm settle --timeout=60
pkill -TERM -f 'kmodtop.pyz record' && while pgrep -f 'kmodtop.pyz record' > /dev/null; do sleep 0.1; done
cd /mnt/results || exit 1
cp /run/boot.db /run/record.log .
limits=$(cat /mnt/limits)
kmodtop="python3 /mnt/kmodtop.pyz"
export XDG_CONFIG_DIRS=/nonexistent XDG_CONFIG_HOME=/nonexistent # no settings of the disk
# shellcheck disable=SC2086
{
    $kmodtop check /run/boot.db $limits --format junit -o junit.xml
    $kmodtop check /run/boot.db $limits --format ktap
    echo $? > status
}
$kmodtop report /run/boot.db --format html -o boot.html
sync
