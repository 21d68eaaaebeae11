# shellcheck shell=sh disable=SC2034
# Shared by kiln's helper scripts; read with `.`, never run. KILN_ROOT prefixes every path: '' on a node, a folder in a test.

export LC_ALL=C
KILN_ROOT=${KILN_ROOT:-}
KILN_RUN=$KILN_ROOT/run/kubernetes
KILN_NODE_ENV=$KILN_RUN/node.env

say() {
  printf 'kiln: %s\n' "$1"
}

# problem SYMPTOM MEND: tells what is wrong and goes on, so that a person sees all of it at once.
problem() {
  printf 'kiln: FAILED: %s\n' "$1" >&2
  printf 'kiln: MEND: %s\n' "$2" >&2
}

# fail SYMPTOM MEND: tells what is wrong and ends the script.
fail() {
  problem "$1" "$2"
  exit 1
}

# env_value FILE NAME: the value of NAME in an environment file. The file is read, never run; and by the shell, which starts no
# program for it.
env_value() {
  env_found=''
  if [ -e "$1" ]; then
    while IFS= read -r env_line || [ -n "$env_line" ]; do
      case $env_line in "$2="*) env_found=${env_line#*=} ;; esac
    done < "$1"
  fi
  case $env_found in
    \"*\")
      env_found=${env_found#\"}
      env_found=${env_found%\"}
      ;;
  esac
  printf '%s\n' "$env_found"
}

# api_ready OWNER: whether this node's API server says that it is ready, asked with OWNER's certificate. By openssl: it starts in a
# fraction of kubectl's time, and is asked again and again while the node is busiest.
api_ready() {
  printf 'GET /readyz HTTP/1.0\r\n\r\n' |
    timeout 10 openssl s_client -quiet -verify_return_error -connect 127.0.0.1:6443 -CAfile "$KILN_ROOT/etc/kubernetes/pki/$1/ca.crt" \
      -cert "$KILN_ROOT/etc/kubernetes/pki/$1/client.crt" -key "$KILN_ROOT/etc/kubernetes/pki/$1/client.key" 2> /dev/null |
    head -n 1 | grep -q ' 200 '
}

# write_file FILE: standard input becomes FILE, whole or not at all.
write_file() {
  cat > "$1.new"
  mv -f "$1.new" "$1"
}

# nearest WORD CANDIDATE…: the candidate fewest changes away from WORD; nothing when none is close.
nearest() {
  nearest_word=$1
  shift
  printf '%s\n' "$@" | awk -v word="$nearest_word" '
    function least(a, b) { return a < b ? a : b }
    function distance(a, b,  i, j, row, above) {
      for (j = 0; j <= length(b); j++) row[j] = j
      for (i = 1; i <= length(a); i++) {
        above = row[0]; row[0] = i
        for (j = 1; j <= length(b); j++) {
          keep = row[j]
          row[j] = least(least(row[j], row[j - 1]) + 1, above + (substr(a, i, 1) != substr(b, j, 1)))
          above = keep
        }
      }
      return row[length(b)]
    }
    BEGIN { best = length(word) / 2 + 1 }
    { d = distance(word, $0); if (d < best) { best = d; name = $0 } }
    END { print name }'
}

# nap SECONDS: waits that long and up to as long again, so that not every node asks at the same moment.
nap() {
  nap_random=$(od -An -N1 -tu1 /dev/urandom)
  sleep "$(($1 + nap_random % ($1 + 1)))"
}

# nap_after BEGAN: naps, the longer the more seconds have gone by since BEGAN (5 at most): what takes its time on a slow machine
# takes more if it is asked for all the time.
nap_after() {
  nap_seconds=$((1 + ($(date +%s) - $1) / 15))
  nap "$((nap_seconds < 5 ? nap_seconds : 5))"
}
