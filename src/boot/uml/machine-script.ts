/**
 * POSIX sh, process 1 of a machine's own namespaces: gives each disk a place in the machine's folder, runs the machine,
 * and ends what served its disks only when that has written everything. Whatever is left ends with this script.
 *
 * Arguments: CONSOLE COUNT (PLACE KIND FIRST SECOND){COUNT} COMMAND…; what the machine says is appended to CONSOLE; KIND is
 * `file` (FIRST is a raw disk) or `serve` (FIRST and SECOND are what qemu-storage-daemon takes as --blockdev and --export).
 */
export const MACHINE_SCRIPT = `set -eu
console=$1 count=$2
shift 2
servers=
serve() {
  rm -f "$1.pid"
  qemu-storage-daemon --pidfile "$1.pid" --blockdev "$2" --export "$3" &
  servers="$servers $!"
  until [ -s "$1.pid" ]; do
    kill -0 "$!" 2> /dev/null || { echo "nothing serves the disk $1" >&2; exit 1; }
    sleep 0.02
  done
}
while [ "$count" -gt 0 ]; do
  : > "$1"
  case $2 in
    file) mount --bind "$3" "$1" ;;
    serve) serve "$1" "$3" "$4" ;;
  esac
  shift 4
  count=$((count - 1))
done
status=0
unshare --mount --propagation private "$@" < /dev/null >> "$console" 2>&1 || status=$?
for server in $servers; do
  kill "$server"
  wait "$server" || true
done
exit "$status"
`;
