#!/bin/sh
# Settles the plan inside an image whose packages are installed and whose files are in place: users, unit links, modes and
# owners. Both engines run it: in the machine Packer bakes, and in the tree mkosi builds.
#   KILN_ROOT  the image's root; empty for the system this runs in
# Beside this script: image.list, one thing a line:
#   epoch SECONDS
#   remove-package NAME
#   file|directory MODE OWNER:GROUP PATH
#   link TARGET PATH
set -eu
here=$(dirname -- "$0")
root=${KILN_ROOT-}

main() {
    remove_packages
    create_users
    apply_presets
    settle_files
}

remove_packages() {
    sed -n 's/^remove-package //p' "$here/image.list" | while read -r name; do
        if command -v dpkg-query > /dev/null; then
            case $(dpkg-query --root="$root/" -W -f '${db:Status-Status}' "$name" 2> /dev/null || true) in
                installed | config-files) dpkg --root="$root/" --purge "$name" ;;
            esac
        elif rpm --root "$root/" -q "$name" > /dev/null 2>&1; then
            rpm --root "$root/" -e "$name"
        fi
    done
}

create_users() {
    systemd-sysusers --root="$root/"
}

# The presets name every unit that is enabled and end in "disable *", so the result is the same whatever packages did.
apply_presets() {
    systemctl --root="$root/" preset-all
    systemctl --root="$root/" --global preset-all
}

# After the presets, which take away links of units they do not know.
settle_files() {
    while read -r kind first second third; do
        case $kind in
            link) settle_link "$first" "$root$second" ;;
            file | directory)
                if [ -L "$root$third" ] || [ ! -e "$root$third" ]; then
                    echo "the plan's $kind $third is not in the image" >&2
                    exit 1
                fi
                # chown clears setuid, so the mode is set after it.
                chown "$second" "$root$third"
                chmod "$first" "$root$third"
                ;;
        esac
    done < "$here/image.list"
}

settle_link() {
    if [ "$(readlink "$2" || true)" = "$1" ]; then return; fi
    if [ -d "$2" ] && [ ! -L "$2" ]; then
        echo "the plan's link $2 is a folder in the image" >&2
        exit 1
    fi
    mkdir -p "$(dirname -- "$2")"
    ln -sfn "$1" "$2"
}

main
