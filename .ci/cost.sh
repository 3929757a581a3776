#!/usr/bin/env bash
# What one request costs the transcoder, counted and not timed: instructions (callgrind) and allocations (memcheck) of binding
# a request and writing its reply. More than 3 % over bench/cost.txt fails; `--write` makes today's figures the measure.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --quiet --release --locked -p bench --bin reply
reply="${CARGO_TARGET_DIR:-target}/release/reply"
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# The difference of two runs, so that the start does not count.
count() { # case, times, tool's figure
  case "$3" in
    instructions)
      valgrind --tool=callgrind --callgrind-out-file=/dev/null "$reply" "$1" "$2" 2>"$out" >/dev/null
      sed -n 's/^==[0-9]*== Collected *: *//p' "$out" ;;
    allocations)
      valgrind --leak-check=no "$reply" "$1" "$2" 2>"$out" >/dev/null
      sed -n 's/.*total heap usage: \([0-9,]*\) allocs.*/\1/p' "$out" | tr -d , ;;
  esac
}

now=""
for case in code search; do
  for what in instructions allocations; do
    more=$(count "$case" 100 "$what")
    none=$(count "$case" 0 "$what")
    now+="$case $what $(((more - none) / 100))"$'\n'
  done
done

if [ "${1:-}" = --write ]; then
  printf '%s' "$now" >bench/cost.txt
  cat bench/cost.txt
  exit
fi

failed=0
while read -r case what figure; do
  measure=$(sed -n "s/^$case $what //p" bench/cost.txt)
  limit=$((measure + measure * 3 / 100))
  echo "$case: $figure $what, measure $measure, limit $limit"
  [ "$figure" -le "$limit" ] || failed=1
done <<<"${now%$'\n'}"
[ "$failed" = 0 ] || { echo "a request costs more than it did: find out why, or run .ci/cost.sh --write and say why" >&2; exit 1; }
