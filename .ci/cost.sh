#!/usr/bin/env bash
# What one request costs the transcoder, counted and not timed: instructions (callgrind) and allocations of binding a
# request and writing its reply. More than 3 % over bench/cost.txt fails; `--write` makes today's figures the measure.
set -euo pipefail
cd "$(dirname "$0")/.."

bash .ci/static.sh >/dev/null
reply="${CARGO_TARGET_DIR:-target}/$(rustc -vV | sed -n 's/^host: //p')/release/reply"
out=$(mktemp)
trap 'rm -f "$out"' EXIT

instructions() { # case, times
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$reply" "$1" "$2" 2>"$out" >/dev/null
  sed -n 's/^==[0-9]*== Collected *: *//p' "$out"
}

now=""
for case in code search; do
  # The difference of two runs, so that the start does not count.
  more=$(instructions "$case" 100)
  none=$(instructions "$case" 0)
  now+="$case instructions $(((more - none) / 100))"$'\n'
  allocations=$("$reply" "$case" 100 | sed -n 's/.* \([0-9]*\) allocations each$/\1/p')
  now+="$case allocations $allocations"$'\n'
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
