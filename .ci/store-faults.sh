#!/usr/bin/env bash
# What the store acknowledged survives: writers killed, power lost, PostgreSQL killed under a writer.
#   .ci/store-faults.sh [KILLS] [CUTS] [release|debug]
# CI runs a few of each over the debug build that its tests have made already; 100 and 500 are for hands.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/postgres.sh
kills="${1:-100}" cuts="${2:-500}" profile="${3:-release}"

release=()
[ "$profile" = debug ] || release=(--release)
cargo build "${release[@]}" --locked -p procurement --example store
store="$(cargo metadata --no-deps --format-version 1 --offline | jq -r .target_directory)/$profile/examples/store"

place="$(mktemp -d)"
chmod 711 "$place"
stop() {
  pg_kill 2>/dev/null || true
  rm -rf "$place"
}
trap stop EXIT

echo "- SQLite, $kills writers killed"
"$store" crash "sqlite:$place/mirror.db" "$kills"

echo "- SQLite, power lost at $cuts moments"
python3 tests/faults/power_loss.py "$store" --cuts "$cuts"

pg_create "$place/pg"
pg_start
echo "- PostgreSQL, $((kills / 4)) writers killed"
"$store" crash "$pg_url" "$((kills / 4))"

echo "- PostgreSQL, killed and started again under a writer, 5 times"
before="$("$store" check "$pg_url" 0 | cut -d' ' -f1)"
"$store" write "$pg_url" 200 >"$place/acks" &
writer=$!
until [ -s "$place/acks" ]; do sleep 0.1; done
for _ in 1 2 3 4 5; do
  sleep 1
  pg_kill
  pg_start
done
wait "$writer"
"$store" check "$pg_url" "$((before + 200))"
[ "$(tail -1 "$place/acks")" = "$((before + 200))" ]
