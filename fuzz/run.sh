#!/usr/bin/env bash
# Fuzzes each target for so many seconds (600), one after the other. Needs nightly and cargo-fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."
for target in path query json wire; do
  mkdir -p "fuzz/corpus/$target"
  nice cargo +nightly fuzz run "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
    -max_total_time="${1:-600}" -max_len=2048 -timeout=5 -print_final_stats=1
done
