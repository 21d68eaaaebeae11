#!/bin/sh
# Sets the kernel's command line for every next boot. Run as root inside the machine being baked.
#   KILN_KERNEL_ARGUMENTS  the arguments, separated by spaces
set -eu

main() {
    echo "kiln: Setting the kernel command line"
    if command -v update-grub > /dev/null; then
        mkdir -p /etc/default/grub.d
        printf 'GRUB_CMDLINE_LINUX="%s"\nGRUB_CMDLINE_LINUX_DEFAULT=""\n' "$KILN_KERNEL_ARGUMENTS" \
            > /etc/default/grub.d/90-kiln.cfg
        update-grub
        return
    fi
    # grubby changes the installed kernels; the file is what later kernels are set up from.
    grubby --update-kernel=ALL --remove-args='quiet rhgb console' --args="$KILN_KERNEL_ARGUMENTS"
    if [ -f /etc/default/grub ]; then
        sed -i "s|^GRUB_CMDLINE_LINUX=.*|GRUB_CMDLINE_LINUX=\"$KILN_KERNEL_ARGUMENTS\"|" /etc/default/grub
    fi
}

main
