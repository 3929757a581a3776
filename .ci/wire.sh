#!/usr/bin/env bash
# The demo from outside: the README's curl and grpcurl lines, Python's grpcio, a SIGTERM.
set -euo pipefail
cd "$(dirname "$0")/.."
target="$(rustc -vV | sed -n 's/^host: //p')"
work="$(mktemp -d)"
port=18080

env PORT=$port PROCUREMENT_ADDR=127.0.0.1:15051 CLASSIFICATION_ADDR=127.0.0.1:15052 METRICS_ADDR=127.0.0.1:19464 \
  SIMULATOR_ADDR=127.0.0.1:18090 DATA_DIR="$work/data" LOG_FORMAT=json \
  "${CARGO_TARGET_DIR:-target}/$target/release/radar" demo --notices 2000 >"$work/log" 2>&1 &
pid=$!
trap 'kill -KILL $pid 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 100); do
  curl -fs "http://localhost:$port/readyz" >/dev/null && break
  kill -0 $pid || { cat "$work/log"; exit 1; }
  sleep 0.1
done
curl -fsS "http://localhost:$port/readyz" >/dev/null

# Every curl line of the README, as pasted but for the port. The last one is meant to be refused.
grep -o "^curl 'http[^']*'" README.md | sed "s/localhost:8080/localhost:$port/" >"$work/lines"
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
  sed 's/localhost:50051/localhost:15051/; s/localhost:50052/localhost:15052/' >"$work/grpc-lines"
[ "$(wc -l <"$work/grpc-lines")" -ge 4 ]
while read -r line; do
  eval "$line" >"$work/body" 2>&1 || { echo "FAILED: $line: $(cat "$work/body")"; exit 1; }
  echo "ok: $line ($(wc -c <"$work/body") bytes)"
done <"$work/grpc-lines"

python3 tests/foreign/grpc_client.py 127.0.0.1:15051 127.0.0.1:15052

kill -TERM $pid
code=0
wait $pid || code=$?
[ $code -eq 0 ] || { echo "FAILED: SIGTERM ended with $code"; tail -5 "$work/log"; exit 1; }
echo "ok: SIGTERM ends with 0"
