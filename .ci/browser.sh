#!/usr/bin/env bash
# The documentation page in Chromium, against the demo: open, reached by two names, and asking for a key.
#   .ci/browser.sh [PROGRAM radar] [DIRECTORY for pictures]
set -euo pipefail
cd "$(dirname "$0")/.."
radar="$(realpath "${1:-${CARGO_TARGET_DIR:-target}/$(rustc --print host-tuple)/release/radar}")"
shots=()
[ -z "${2:-}" ] || shots=(--shots "$2")
work="$(mktemp -d)"
. .ci/demo.sh
trap 'demo_stop || true; rm -rf "$work"' EXIT

demo_start "$radar" "$work" 1000
python3 tests/browser/docs.py "http://${demo_gateway/127.0.0.1/localhost}" "${shots[@]}"
python3 tests/browser/docs.py "http://$demo_gateway"
demo_stop

key="$(od -An -N32 -tx8 /dev/urandom | tr -d ' \n')"
printf '{"keys": [{"client": "browser", "sha256": "%s", "scopes": ["procurement.read"]}]}' \
  "$(printf %s "$key" | sha256sum | cut -d' ' -f1)" >"$work/keys.json"
demo_start "$radar" "$work" 1000 AUTH=required API_KEYS_FILE="$work/keys.json"
python3 tests/browser/docs.py "http://${demo_gateway/127.0.0.1/localhost}" --key "$key" "${shots[@]}"
