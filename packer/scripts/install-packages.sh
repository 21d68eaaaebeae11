#!/bin/sh
# Installs and removes the plan's distribution packages, signatures checked. Run as root inside the machine being baked.
#   KILN_PACKAGE_MANAGER  apt, yum or dnf
# Beside this script: packages.list, removed-packages.list (one name a line) and, where the base's own repositories are
# not the right ones, kiln.repo or kiln.sources.
set -eu
here=$(dirname -- "$0")

main() {
    case $KILN_PACKAGE_MANAGER in
        apt) with_apt ;;
        yum | dnf) with_rpm "$KILN_PACKAGE_MANAGER" ;;
        *) echo "unknown package manager: $KILN_PACKAGE_MANAGER" >&2; exit 1 ;;
    esac
}

with_apt() {
    echo "kiln: Installing $(wc -l < "$here/packages.list") packages and what they need"
    export DEBIAN_FRONTEND=noninteractive
    # Nothing that is installed may start here: it would write state and keys into the image.
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod 0755 /usr/sbin/policy-rc.d
    if [ -s "$here/kiln.sources" ]; then install -m 0644 "$here/kiln.sources" /etc/apt/sources.list.d/; fi
    # A cloud image updates itself at its first boot, and would hold apt's locks.
    systemctl stop apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service \
        unattended-upgrades.service > /dev/null 2>&1 || true
    # The descriptions are not read, and a machine that loses power here is thrown away.
    set -- -q -y -o Acquire::Languages=none -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-unsafe-io
    apt-get "$@" -o APT::Update::Error-Mode=any update
    # shellcheck disable=SC2046 # one word a line, no spaces
    apt-get "$@" --no-install-recommends -o Dpkg::Options::=--force-confold install $(cat "$here/packages.list")
    unwanted=
    while read -r name; do
        case $(dpkg-query -W -f '${Status}' "$name" 2> /dev/null || true) in
            *' installed') unwanted="$unwanted $name" ;;
        esac
    done < "$here/removed-packages.list"
    # shellcheck disable=SC2086 # a list
    if [ -n "$unwanted" ]; then apt-get "$@" purge $unwanted; fi
    apt-get clean
    rm -f /usr/sbin/policy-rc.d
    dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\t${db:Status-Status}\n' |
        awk -F '\t' '$4 == "installed" { print $1 "\t" $2 "\t" $3 }' > "$here/packages.tsv"
}

with_rpm() {
    echo "kiln: Installing $(wc -l < "$here/packages.list") packages and what they need"
    if [ -s "$here/kiln.repo" ]; then
        # The base's own repositories are gone or wrong: only those of the plan are used from here on.
        mkdir -p /etc/yum.repos.d/replaced
        find /etc/yum.repos.d -maxdepth 1 -name '*.repo' -exec mv {} /etc/yum.repos.d/replaced/ \;
        install -m 0644 "$here/kiln.repo" /etc/yum.repos.d/kiln.repo
    fi
    # shellcheck disable=SC2046 # one word a line, no spaces
    "$1" -y --setopt=\*.gpgcheck=1 install $(cat "$here/packages.list")
    unwanted=
    while read -r name; do
        if rpm -q "$name" > /dev/null 2>&1; then unwanted="$unwanted $name"; fi
    done < "$here/removed-packages.list"
    # shellcheck disable=SC2086 # a list
    if [ -n "$unwanted" ]; then "$1" -y remove $unwanted; fi
    "$1" clean all
    rpm -qa --qf '%{NAME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t%{ARCH}\n' | sort > "$here/packages.tsv"
}

main
