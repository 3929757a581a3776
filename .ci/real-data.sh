#!/usr/bin/env bash
# The main job on real publisher files. Not part of .ci/run: it needs a directory of such files, named by RADAR_DATA_DIR
# (cpv/, nuts/, styrk/, doffin-json/, doffin-xml/), which the project does not ship.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${RADAR_DATA_DIR:?names no directory of real publisher files; this check is skipped without one}"
data="$(realpath "$RADAR_DATA_DIR")"
work="$(mktemp -d)"
port=18081
cargo build --release --locked -p radar
env PORT=$port PROCUREMENT_ADDR=127.0.0.1:15061 CLASSIFICATION_ADDR=127.0.0.1:15062 METRICS_ADDR=127.0.0.1:19474 \
  SIMULATOR_ADDR=127.0.0.1:18091 DATA_DIR="$work/data" LOG_FORMAT=json \
  "${CARGO_TARGET_DIR:-target}/release/radar" demo --data "$data" >"$work/log" 2>&1 &
pid=$!
trap 'kill -TERM $pid 2>/dev/null || true; rm -rf "$work"' EXIT
base="http://localhost:$port"

get() { curl -sS "$base$1"; }
field() { python3 -c 'import json,sys; d=json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"; }
entries() { get /api/classifications/sources | field '{s["scheme"]: s["entries"] for s in d["data"]}'; }
want() { [ "$2" = "$3" ] && echo "ok: $1 = $2" || { echo "FAILED: $1 is $2, not $3"; exit 1; }; }

for _ in $(seq 150); do
  [ "$(entries 2>/dev/null)" = "{'CPV': 9454, 'NUTS': 381, 'STYRK': 582}" ] && break
  sleep 0.1
done
want "entries" "$(entries)" "{'CPV': 9454, 'NUTS': 381, 'STYRK': 582}"
want "GET /api/cpv/codes, total" "$(get /api/cpv/codes | field 'd["total"]')" 9454
echo "GET /api/cpv/codes/48000000"
get /api/cpv/codes/48000000 | head -c 400; echo
want "GET /api/nuts/codes?level=3, total" "$(get '/api/nuts/codes?level=3' | field 'd["total"]')" 381
want "GET /api/styrk/codes?level=4, total" "$(get '/api/styrk/codes?level=4' | field 'd["total"]')" 582
for query in 'search=pasientjournal' 'cpvCode=72000000&location=Oslo&status=ACTIVE' 'cpvCode=72000000&location=Oslo'; do
  echo "GET /api/doffin/search?$query"
  get "/api/doffin/search?$query" | field '(d["success"], d["data"]["totalHits"], [(h["id"], h["heading"][:50]) for h in d["data"]["hits"][:3]], d["source"])'
done

# The document of every notice that has one, byte for byte.
same=0
while IFS=, read -r id file _; do
  [ "$id" = noticeId ] && continue
  curl -sS -o "$work/xml" "$base/api/doffin/notices/$id/xml"
  cmp "$work/xml" "$data/doffin-xml/$file" || { echo "FAILED: $id differs from $file"; head -c 300 "$work/xml"; exit 1; }
  same=$((same + 1))
done <"$data/doffin-xml/INDEX.csv"
echo "ok: $same documents are byte for byte the publisher's"

# Every code of the three lists: get, parent, children, label. Skipped where DIR lacks the tables to compare with.
if [ -f "$data/cpv/cpv_2008_nob_eng.csv" ]; then
  python3 tests/foreign/real_lists.py "$base" "$data"
fi

# What people read in some of the documents, and that all of them can be read.
TEST_NOTICES_DIR="$data" cargo test --locked -p procurement --lib eforms::tests::real
