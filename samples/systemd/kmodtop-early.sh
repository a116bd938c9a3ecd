#!/bin/sh
# Keeps each changed text of the module statistics under the time when it was read,
# in seconds since boot, from within an initramfs. kmodtop record takes them over.
stats=${KMODTOP_STATS:-/sys/kernel/debug/modules/stats}
folder=${KMODTOP_EARLY:-/run/kmodtop/early}
mkdir -p "$folder" || exit 0
[ -e "$stats" ] || mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null

follow() {
    last=
    while [ -d "$folder" ] && [ ! -e "$folder/stop" ]; do
        read -r uptime _ < /proc/uptime
        # One read(2) of all of it: smaller ones would tear the text.
        text=$(dd if="$stats" bs=65536 count=1 2>/dev/null && echo x)
        if [ -n "$text" ] && [ "$text" != "$last" ]; then
            last=$text
            printf %s "${text%x}" > "$folder/.new" && mv "$folder/.new" "$folder/$uptime"
        fi
        sleep 0.1 2>/dev/null || sleep 1
    done
}

follow &
