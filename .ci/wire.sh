#!/usr/bin/env bash
# The demo from outside: the README's curl and grpcurl lines, Python's grpcio, a SIGTERM.
#   .ci/wire.sh [PROGRAM radar]
set -euo pipefail
cd "$(dirname "$0")/.."
radar="$(realpath "${1:-${CARGO_TARGET_DIR:-target}/$(rustc --print host-tuple)/release/radar}")"
work="$(mktemp -d)"
. .ci/demo.sh
trap 'demo_stop || true; rm -rf "$work"' EXIT
demo_start "$radar" "$work" 2000

# Every curl line of the README, as pasted but for the port. The last one is meant to be refused.
grep -o "^curl 'http[^']*'" README.md | sed "s/localhost:8080/$demo_gateway/" >"$work/lines"
[ "$(wc -l <"$work/lines")" -ge 6 ]
while read -r line; do
  status="$(eval "$line -s -o $work/body -w '%{http_code}'")"
  case "$line" in
    *noticeType*) expected=400 ;;
    *) expected=200 ;;
  esac
  [ "$status" = "$expected" ] || { echo "FAILED: $line gave $status: $(cat "$work/body")"; exit 1; }
  case "$line" in
    *export*) [ "$(head -c 3 "$work/body" | od -An -tx1 | tr -d ' ')" = efbbbf ] ;;
    *) python3 -m json.tool "$work/body" >/dev/null ;;
  esac
  echo "ok: $line ($status, $(wc -c <"$work/body") bytes)"
done <"$work/lines"

# Every grpcurl line of the README, likewise.
sed -n '/^grpcurl /{:a; /\\$/{N; s/\\\n *//; ba}; p}' README.md |
  sed "s/localhost:50051/$demo_procurement/; s/localhost:50052/$demo_classification/" >"$work/grpc-lines"
[ "$(wc -l <"$work/grpc-lines")" -ge 4 ]
while read -r line; do
  eval "$line" >"$work/body" 2>&1 || { echo "FAILED: $line: $(cat "$work/body")"; exit 1; }
  echo "ok: $line ($(wc -c <"$work/body") bytes)"
done <"$work/grpc-lines"

python3 tests/foreign/grpc_client.py "$demo_procurement" "$demo_classification"

code=0
demo_stop || code=$?
[ $code -eq 0 ] || { echo "FAILED: SIGTERM ended with $code"; tail -5 "$work/log"; exit 1; }
echo "ok: SIGTERM ends with 0"
