#!/bin/sh
# The last thing run as root inside the machine being baked: takes away what the bake itself put there, then makes the
# disk read-only, so that nothing is written after the image was cleaned.
#   $1  power-off: cut the power afterwards; read-only: leave the machine up for the cloud to stop
set -eu
here=$(dirname -- "$0")
mode=$1

main() {
    quieten
    remove_builder
    remove_traces
    rm -rf "$here"
    freeze
}

# What logs or saves state on its own would write again behind the cleaning.
quieten() {
    for unit in systemd-journald.socket systemd-journald-dev-log.socket systemd-journald-audit.socket syslog.socket \
        systemd-journald.service rsyslog.service auditd.service chrony.service chronyd.service; do
        systemctl stop "$unit" > /dev/null 2>&1 || true
    done
}

remove_builder() {
    [ -n "${SUDO_USER-}" ] && [ "$SUDO_USER" != root ] || return 0
    # Forced, as this very session is the user's own.
    userdel --force --remove "$SUDO_USER" > /dev/null 2>&1 || true
    if id "$SUDO_USER" > /dev/null 2>&1; then
        echo "could not remove the user $SUDO_USER" >&2
        exit 1
    fi
}

# What only a machine that ran has; the rest is the same for every engine.
remove_traces() {
    # The network configuration and the profiles' cache belong to the bake's virtual hardware and kernel.
    rm -f /etc/netplan/50-cloud-init.yaml /etc/systemd/network/10-cloud-init-*.network
    rm -rf /var/cache/apparmor/*
    sh "$here/clean-traces.sh"
}

freeze() {
    sync
    # What was deleted goes back to the disk file, so that it stays small.
    fstrim / > /dev/null 2>&1 || true
    sync
    # u: every filesystem read-only, cleanly.
    echo u > /proc/sysrq-trigger
    sleep 2
    # o: power off at once.
    if [ "$mode" = power-off ]; then echo o > /proc/sysrq-trigger; fi
}

main
