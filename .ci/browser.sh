#!/usr/bin/env bash
# The documentation page in Chromium, against the demo: open, reached by two names, and asking for a key.
#   .ci/browser.sh [PROGRAM radar] [DIRECTORY for pictures]
set -euo pipefail
cd "$(dirname "$0")/.."
radar="$(realpath "${1:-${CARGO_TARGET_DIR:-target}/$(rustc --print host-tuple)/release/radar}")"
shots=()
[ -z "${2:-}" ] || shots=(--shots "$2")
work="$(mktemp -d)"
pid=
stop() {
  [ -z "$pid" ] || { kill -TERM "$pid" && wait "$pid"; } 2>/dev/null || true
  pid=
}
trap 'stop; rm -rf "$work"' EXIT

# start [VARIABLE=VALUE…]: the demo on free ports; $port is the gateway's.
start() {
  local ports
  read -ra ports < <(python3 - <<'PYTHON'
import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
print(*(s.getsockname()[1] for s in held))
PYTHON
)
  port="${ports[0]}"
  env PORT="$port" PROCUREMENT_ADDR="127.0.0.1:${ports[1]}" CLASSIFICATION_ADDR="127.0.0.1:${ports[2]}" \
    METRICS_ADDR=127.0.0.1:0 SIMULATOR_ADDR="127.0.0.1:${ports[3]}" DATA_DIR="$work/data" LOG_FORMAT=json "$@" \
    "$radar" demo --notices 1000 >"$work/log" 2>&1 &
  pid=$!
  for _ in $(seq 300); do
    curl -fs "http://localhost:$port/readyz" >/dev/null && return
    kill -0 "$pid" || break
    sleep 0.1
  done
  cat "$work/log"
  exit 1
}

start
python3 tests/browser/docs.py "http://localhost:$port" "${shots[@]}"
python3 tests/browser/docs.py "http://127.0.0.1:$port"
stop

key="$(od -An -N32 -tx8 /dev/urandom | tr -d ' \n')"
printf '{"keys": [{"client": "browser", "sha256": "%s", "scopes": ["procurement.read"]}]}' \
  "$(printf %s "$key" | sha256sum | cut -d' ' -f1)" >"$work/keys.json"
start AUTH=required API_KEYS_FILE="$work/keys.json"
python3 tests/browser/docs.py "http://localhost:$port" --key "$key" "${shots[@]}"
