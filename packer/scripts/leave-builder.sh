#!/bin/sh
# The last thing run as root inside the machine being baked: takes away what the bake itself put there, then makes the
# disk read-only, so that nothing is written after the image was cleaned.
#   $1  power-off: cut the power afterwards; read-only: leave the machine up for the cloud to stop
set -eu
here=$(dirname -- "$0")
mode=$1

main() {
    # What logs or saves state on its own would write again behind the cleaning.
    for unit in systemd-journald.socket systemd-journald-dev-log.socket systemd-journald-audit.socket syslog.socket \
        systemd-journald.service rsyslog.service auditd.service chrony.service chronyd.service; do
        systemctl stop "$unit" > /dev/null 2>&1 || true
    done
    if [ -n "${SUDO_USER-}" ] && [ "$SUDO_USER" != root ]; then
        # Forced, as this very session is the user's own.
        userdel --force --remove "$SUDO_USER" > /dev/null 2>&1 || true
        if id "$SUDO_USER" > /dev/null 2>&1; then
            echo "could not remove user $SUDO_USER" >&2
            exit 1
        fi
    fi
    rm -f /etc/sudoers.d/90-cloud-init-users /etc/passwd- /etc/shadow- /etc/group- /etc/gshadow- /etc/subuid- /etc/subgid-
    sh "$here/clean-traces.sh"
    rm -rf "$here"
    freeze
}

freeze() {
    sync
    if [ -z "$(command -v fstrim)" ] || ! fstrim / 2> /dev/null; then :; fi
    sync
    # u: every filesystem read-only, cleanly. o: power off at once.
    echo u > /proc/sysrq-trigger
    sleep 2
    if [ "$mode" = power-off ]; then echo o > /proc/sysrq-trigger; fi
}

main
