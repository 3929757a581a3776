#!/usr/bin/env bash
# Requests generated from /api/openapi.json, valid and not, against the demo: what the document allows is accepted, what it
# does not is refused, and every answer is one that it describes. What is allowed to be otherwise, and why, stands in
# .ci/schemathesis.toml.
#   .ci/schemathesis.sh [CASES at least] [PROGRAM radar]
set -euo pipefail
cd "$(dirname "$0")/.."
cases="${1:-5000}"
radar="$(realpath "${2:-${CARGO_TARGET_DIR:-target}/$(rustc --print host-tuple)/release/radar}")"
work="$(mktemp -d)"
. .ci/demo.sh
trap 'demo_stop || true; rm -rf "$work"' EXIT
demo_start "$radar" "$work" 200
base="http://$demo_gateway"

# What exists, in the form that schemathesis reads, once the mirror has it.
known() { jq -r '.data | if type == "array" then .[].number else .hits[].id end | "\"\(.)\""'; }
cp .ci/schemathesis.toml "$work/"
for _ in $(seq 300); do
  curl -fsS "$base/api/doffin/search?hitsPerPage=20&source=MIRROR" | known >"$work/notices"
  curl -fsS "$base/api/doffin/organizations?q=kommune" | known >"$work/organizations"
  [ -s "$work/notices" ] && [ -s "$work/organizations" ] && break
  sleep 0.1
done
[ -s "$work/notices" ] && [ -s "$work/organizations" ] || { echo "FAILED: the mirror stays empty"; exit 1; }

operations="$(curl -fsS "$base/api/openapi.json" | jq '.paths | length')"
code=0
schemathesis --no-color --config-file "$work/schemathesis.toml" run "$base/api/openapi.json" --checks all --continue-on-failure \
  --max-examples "$(((cases + operations - 1) / operations))" | tee "$work/out" || code=$?
generated="$(sed -n 's/^ *\([0-9]*\) generated.*/\1/p' "$work/out")"
[ "$code" = 0 ] || { echo "FAILED: schemathesis ended with $code"; exit 1; }
[ "$(curl -s -o /dev/null -w '%{http_code}' "$base/readyz")" = 200 ] || { echo "FAILED: the demo is not ready any more"; tail -5 "$work/log"; exit 1; }
[ "${generated:-0}" -ge "$cases" ] || { echo "FAILED: ${generated:-no} cases are fewer than $cases"; exit 1; }
echo "ok: $generated cases, every check"
