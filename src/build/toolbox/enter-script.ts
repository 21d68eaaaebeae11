/**
 * POSIX sh run by `unshare --mount --pid --fork`: builds the toolbox's view of the machine inside its own mount namespace
 * and becomes the command. Every mount below ends with the namespace, whichever way the process ends.
 *
 * Arguments: ROOT STAGE COUNT (SOURCE TARGET ro|rw){COUNT} FOLDER COMMAND…; STAGE is an empty folder to mount on.
 * `pivot_root` and not `chroot`: mkosi makes namespaces of its own, which the kernel refuses to a chrooted process.
 */
export const ENTER_SCRIPT = `set -eu
root=$1 stage=$2 count=$3
shift 3
mount --bind "$root" "$stage"
mount --rbind /dev "$stage/dev"
mount --rbind /sys "$stage/sys"
mount -t proc proc "$stage/proc"
mount -t tmpfs -o mode=0755 tmpfs "$stage/run"
mount -t tmpfs -o mode=1777 tmpfs "$stage/tmp"
for file in /etc/resolv.conf /etc/hosts; do
  if [ -e "$file" ]; then mount --bind "$file" "$stage$file"; fi
done
while [ "$count" -gt 0 ]; do
  mkdir -p "$stage$2"
  mount --rbind "$1" "$stage$2"
  if [ "$3" = ro ]; then mount -o remount,bind,ro "$stage$2"; fi
  shift 3
  count=$((count - 1))
done
folder=$1
shift
cd "$stage"
pivot_root . mnt
umount --lazy /mnt
cd "$folder"
exec "$@"
`;
