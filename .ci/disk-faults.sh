#!/usr/bin/env bash
# The whole system on a disk that fills up, turns read-only and heals, and on a PostgreSQL that dies: what callers see
# meanwhile, that nothing they were told is lost, and that the mirror ends complete without anybody's hands.
#   .ci/disk-faults.sh [directory of the binaries radar and simulator]
# Needs curl and jq, and root and a loop device to mount a small disk of its own; without, it says NOT TESTED and passes.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/postgres.sh
binaries="$(realpath "${1:-${CARGO_TARGET_DIR:-target}/$(rustc --print host-tuple)/release}")"
work="$(mktemp -d)"
chmod 711 "$work"
disk="$work/disk" system='' doffin='' since=2022-01-03

finish() {
  local status=$?
  trap - EXIT
  [ "$status" = 0 ] || grep -hv '"message":"request"' "$work"/*.log | tail -n 20 >&2 || true
  kill -KILL $system $doffin 2>/dev/null || true
  wait 2>/dev/null || true
  pg_kill 2>/dev/null || true
  ! mountpoint -q "$disk" || umount -l "$disk"
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT

say() { printf '%4ds  %s\n' "$SECONDS" "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

mkdir "$disk"
truncate -s 32M "$work/image"
# Blocks as large as memory pages, as on disks of more than 512 MB: with smaller ones a full disk ends SQLite's process
# with SIGBUS, because it only touches each page of its shared memory once before it relies on it.
mkfs.ext4 -q -m 0 -b 4096 "$work/image"
if ! mount -o loop "$work/image" "$disk" 2>/dev/null; then
  echo "NOT TESTED with a full or read-only disk: only root with a loop device can mount one"
  exit 0
fi

# Seven ports in a row, below those that connections take.
readonly port="$(python3 -c '
import random, socket
def free(port):
    with socket.socket() as one: return one.connect_ex(("127.0.0.1", port)) != 0
print(next(p for p in iter(lambda: random.randrange(20000, 32000), None) if all(map(free, range(p, p + 7)))))')"
readonly grpc=$((port + 1)) codes=$((port + 2)) source=$((port + 3)) metrics=$((port + 4))

simulate() {
  SIMULATOR_ADDR="127.0.0.1:$source" SIMULATOR_NOTICES=1500 SIMULATOR_SEED=5 LOG_FORMAT=json \
    SIMULATOR_FAULTS='{"doffin":{"rate":{"requests":0}}}' "$binaries/simulator" >"$work/simulator.log" 2>&1 &
  doffin=$!
}

# The system, with what is given besides in its environment.
launch() {
  env PORT="$port" PROCUREMENT_ADDR="127.0.0.1:$grpc" CLASSIFICATION_ADDR="127.0.0.1:$codes" \
    METRICS_ADDR="127.0.0.1:$metrics" LOG_FORMAT=json SOURCES_ENABLED=false DATA_DIR="$disk/data" \
    DOFFIN_BASE_URL="http://127.0.0.1:$source/public/v2" DOFFIN_API_KEY=demo-key DOFFIN_RATE=500 \
    SYNC_FROM="$since" SYNC_TAIL_INTERVAL=1s SYNC_RECONCILE_INTERVAL=3s SYNC_REFRESH_INTERVAL=5s \
    SYNC_DOCUMENT_REST=1s SYNC_WEEK_REST=1s DATABASE_TIMEOUT=1s "$@" "$binaries/radar" serve >>"$work/radar.log" 2>&1 &
  system=$!
}

start() {
  launch "$@"
  within 20 "ready" get readyz
}

stop() {
  kill -TERM "$system"
  wait "$system" || fail "SIGTERM ended with $?"
}

# On a disk that cannot be written it does not start, and says why in its last line.
refused() {
  local status=0
  launch
  wait "$system" || status=$?
  [ "$status" = 1 ] || fail "the start on a read-only disk ended with $status"
  tail -n 1 "$work/radar.log" | grep -q "Read-only file system" || fail "the start on a read-only disk does not say so"
}

get() { curl -fsS --max-time 10 "http://127.0.0.1:$port/$1" 2>"$work/curl.log"; }

# Asks again until the answer is as wanted: seconds, what is awaited, path, filter for jq.
within() {
  local deadline=$((SECONDS + $1)) what="$2" filter="${5:-}"
  until "${@:3:2}" >"$work/answer" && { [ -z "$filter" ] || jq -e "$filter" "$work/answer" >/dev/null; }; do
    ((SECONDS < deadline)) || fail "not in time: $what; $(head -c 600 "$work/answer")"
    kill -0 "$system" || fail "the system ended: $what"
    sleep 0.1
  done
}

# Whatever is wrong with writing, reading goes on and says so.
serves() {
  within 5 "ready" get readyz
  within 5 "health" get api/health '.services | length == 2 and all(. == "SERVING")'
  within 5 "an answer to a search" get 'api/doffin/search?search=vei' '.success and (.data.hits | length) > 0'
  within 5 "an answer from the mirror" get 'api/doffin/changes?limit=1' '.data | length == 1'
  within 5 "the status" get api/doffin/sync '.success'
  ! grep -qF "$work" "$work/answer" || fail "the status names a path: $(cat "$work/answer")"
}

# Every change that was told so far, with its notice.
told() {
  local cursor=0 next
  while :; do
    get "api/doffin/changes?limit=1000&cursor=$cursor" >"$work/page"
    jq -c '.data[] | [.cursor, .kind, .notice.id, .before, .after]' "$work/page"
    next="$(jq -r .nextCursor "$work/page")"
    [ "$next" != "$cursor" ] || return 0
    cursor="$next"
  done
}

# All that was told before is told still, in the same order.
keeps() {
  told >"$work/told.now"
  head -n "$(wc -l <"$1")" "$work/told.now" | cmp - "$1" || fail "what was told before is not told any more"
}

# The mirror is complete by its own word, and lists what the simulator does.
complete() {
  get api/doffin/sync | tee "$work/status"
  jq -e '.data.weeksTotal > 0 and .data.weeksComplete == .data.weeksTotal and .data.indexLag == 0 and
    .data.trouble == null and .data.documentsWanted == .data.documentsParked' "$work/status" >/dev/null || return 1
  get 'api/doffin/export?issueDateFrom='"$since" | jq -r .id | sort >"$work/ours"
  curl -fsS "http://127.0.0.1:$source/admin/notices?limit=100000" |
    jq -r --arg since "$since" '.notices[] | select(.visible and .issueDate >= $since) | .id' | sort >"$work/theirs"
  [ -s "$work/theirs" ] && cmp -s "$work/ours" "$work/theirs"
}

bustle() { curl -fsS -X POST "http://127.0.0.1:$source/admin/bustle" -d "{\"events\": $1}" >/dev/null; }

simulate
start
within 30 "some notices" get api/doffin/sync '.data.documents > 50 and .data.indexLag < 100'
dd if=/dev/zero of="$disk/ballast" bs=64k status=none 2>/dev/null || true
within 20 "a full disk in the status" get api/doffin/sync '.data.trouble // "" | test("full or read-only")'
say "full: $(jq -c '.data | [.phase, .notices, .documents, .trouble, .lastError]' "$work/answer")"
serves
told >"$work/told.full"
kill -KILL "$system"
wait "$system" 2>/dev/null || true
start
serves
keeps "$work/told.full"
say "full: reads go on, also after a kill and a start"
rm "$disk/ballast"
within 60 "a complete mirror" complete
keeps "$work/told.full"
say "room again: complete, and all $(wc -l <"$work/told.full") changes told before are told still"

told >"$work/told.ro"
# What the kernel does to a disk that fails: from now on it is read-only, until it is mounted anew.
mount -o remount,abort "$disk"
bustle 30
within 20 "a read-only disk in the status" get api/doffin/sync '.data.trouble // "" | test("full or read-only")'
say "read-only: $(jq -c '.data | [.phase, .notices, .documents, .trouble, .lastError]' "$work/answer")"
serves
keeps "$work/told.ro"
stop
umount "$disk"
e2fsck -fy "$work/image" >"$work/e2fsck.log" 2>&1 || [ $? = 1 ]
mount -o loop "$work/image" "$disk"
mount -o remount,ro "$disk"
refused
mount -o remount,rw "$disk"
start
within 60 "a complete mirror" complete
keeps "$work/told.ro"
stop
say "mounted anew: complete"

since=2025-01-06
pg_create "$work/pg"
pg_start
start DATABASE_URL="$pg_url"
within 30 "some documents" get api/doffin/sync '.data.documents > 100'
told >"$work/told.pg"
pg_kill
within 20 "a store that is gone in the status" get api/doffin/sync '.data.trouble // "" | test("cannot be reached")'
within 5 "ready" get readyz
within 10 "an answer from Doffin meanwhile" get 'api/doffin/search?search=vei' '.source == "LIVE"'
say "PostgreSQL gone: $(get api/doffin/sync | jq -c '.data | [.phase, .notices, .trouble, .lastError]')"
pg_start
within 90 "a complete mirror" complete
keeps "$work/told.pg"
stop
say "PostgreSQL: complete"
