#!/usr/bin/env bash
# Fuzzes each target for so many seconds (600), one after the other. Needs nightly and cargo-fuzz.
set -euo pipefail
cd "$(dirname "$0")"
for target in notice page; do
  mkdir -p "corpus/$target"
  nice cargo +nightly fuzz run --fuzz-dir . "$target" "corpus/$target" "seeds/$target" -- \
    -max_total_time="${1:-600}" -max_len=16384 -timeout=5 -dict="$target.dict" -print_final_stats=1
done
