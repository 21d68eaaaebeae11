#!/bin/sh
# Takes away what identifies this machine, opens a door, or differs from one bake to the next. The last thing both engines
# run; what it leaves behind is checked on the finished disk.
#   KILN_ROOT  the image's root; empty for the system this runs in
# Beside this script: image.list, whose line `epoch SECONDS` dates the password entries.
set -eu
here=$(cd -- "$(dirname -- "$0")" && pwd)
root=${KILN_ROOT-}

main() {
    clean_identity
    clean_access
    clean_state
    clean_caches
    clean_logs
    date_passwords
    mark_updated
}

# Removes what the patterns match below the root; a pattern that matches nothing is no error.
remove() {
    for pattern in "$@"; do
        # shellcheck disable=SC2086,SC2115 # the pattern is meant to expand, and is never empty
        rm -rf -- "$root/"$pattern
    done
}

clean_identity() {
    remove 'etc/ssh/ssh_host_*' etc/hostname var/lib/dbus/machine-id
    # Empty, not absent: an absent one means "first boot", which applies presets and asks questions on the console.
    rm -f "$root/etc/machine-id"
    : > "$root/etc/machine-id"
    chmod 0444 "$root/etc/machine-id"
    remove var/lib/systemd/random-seed var/lib/systemd/credential.secret 'boot/efi/loader/random-seed' efi/loader/random-seed
    remove 'var/lib/dhcp/*' 'var/lib/dhclient/*' 'var/lib/dhcpcd/*' 'var/lib/systemd/network/*'
    remove 'var/lib/NetworkManager/*' 'etc/udev/rules.d/70-persistent-*.rules' etc/iscsi/initiatorname.iscsi
}

clean_access() {
    remove root/.ssh 'home/*/.ssh' etc/sudoers.d/90-cloud-init-users
    remove 'root/.*history' 'home/*/.*history' root/.cache root/.gnupg root/.lesshst root/.viminfo root/.wget-hsts
    remove root/anaconda-ks.cfg root/original-ks.cfg
}

clean_state() {
    remove 'var/lib/cloud/*' run/cloud-init 'var/lib/chrony/*' 'var/lib/sudo/*' 'var/crash/*'
    remove 'var/lib/systemd/coredump/*' 'var/lib/systemd/timers/*' var/lib/systemd/timesync 'var/lib/systemd/rfkill/*'
    remove 'var/lib/cni/*' var/lib/kubelet/pki 'var/lib/logrotate/*' var/lib/logrotate.status
    remove etc/.pwd.lock var/.resize2fs 'swapfile*' 'swap.img'
    remove etc/passwd- etc/group- etc/shadow- etc/gshadow- etc/subuid- etc/subgid-
    remove 'var/lib/rpm/__db.*'
    for folder in "$root/tmp" "$root/var/tmp"; do
        # Not the folder this script runs from: its caller removes that one.
        find "$folder" -mindepth 1 -maxdepth 1 ! -path "$here" -exec rm -rf -- {} +
    done
}

clean_caches() {
    remove 'var/cache/apt/*.bin' 'var/cache/apt/archives/*.deb' 'var/cache/apt/archives/partial/*' var/cache/apt/archives/lock
    remove 'var/lib/apt/lists/*' 'var/lib/apt/periodic/*' 'var/lib/apt/mirrors/*' 'var/cache/debconf/*-old'
    remove 'var/lib/dpkg/*-old' 'var/lib/dpkg/lock*' var/lib/dpkg/triggers/Lock var/lib/dpkg/available
    remove 'var/cache/dnf/*' 'var/cache/yum/*' 'var/lib/dnf/history*' var/lib/yum/history var/cache/ldconfig 'var/cache/man/*'
}

clean_logs() {
    remove 'var/log/journal/*' 'var/log/installer' 'var/log/apt/*' 'var/log/unattended-upgrades/*'
    find "$root/var/log" -type f -delete
}

# The day a password was last changed is the day of the bake: the same day for every bake.
date_passwords() {
    epoch=$(sed -n 's/^epoch //p' "$here/image.list")
    # Written in place, so that owner, mode and label stay.
    dated=$(awk -F : -v OFS=: -v day="$((epoch / 86400))" '$3 != "" { $3 = day } { print }' "$root/etc/shadow")
    printf '%s\n' "$dated" > "$root/etc/shadow"
}

# Else the first boot does again what packages and this bake did: users, the libraries' and the journal's caches. Empty: its
# time is all that counts (systemd-update-done.service(8)).
mark_updated() {
    for mark in "$root/etc/.updated" "$root/var/.updated"; do
        rm -f "$mark"
        : > "$mark"
    done
}

main
