#!/bin/sh
# Unpacks the plan's files over the running system. Run as root inside the machine being baked.
#   KILN_OVERLAY  the tar archive (compressed or not), or the disk that holds it
#   KILN_SHA256   its digest, where it came over the network; empty where it is a disk of the machine itself
set -eu

main() {
    echo "kiln: Unpacking the overlay"
    check_digest
    # What only served the base image; the overlay brings its own.
    rm -f /etc/cloud/cloud.cfg.d/90-kiln-base.cfg /etc/systemd/network/90-kiln-base.network
    # Distributions link /bin, /lib and /sbin into /usr; a folder of that name in the archive must not replace the link.
    tar -xpf "$KILN_OVERLAY" -C / --numeric-owner --keep-directory-symlink --no-overwrite-dir
    if command -v selinuxenabled > /dev/null && selinuxenabled; then
        tar -tf "$KILN_OVERLAY" | sed 's,^\.*/*,/,' | restorecon -F -i -f -
    fi
}

check_digest() {
    [ -n "${KILN_SHA256-}" ] || return 0
    actual=$(sha256sum "$KILN_OVERLAY" | cut -d ' ' -f 1)
    if [ "$actual" != "$KILN_SHA256" ]; then
        echo "the overlay was damaged on its way: expected sha256 $KILN_SHA256, got $actual" >&2
        exit 1
    fi
}

main
