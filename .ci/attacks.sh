#!/usr/bin/env bash
# The attacks of tests/attacks with small numbers; docs/SECURITY.md has the full ones.
set -euo pipefail
cd "$(dirname "$0")/.."
target="$(rustc -vV | sed -n 's/^host: //p')"
ulimit -n "$(ulimit -Hn)"
python3 tests/attacks/attack.py --bin "${CARGO_TARGET_DIR:-target}/$target/release" --clients 100 --malformed 500 --seconds 3
