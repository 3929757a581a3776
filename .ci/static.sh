#!/usr/bin/env bash
# Static binaries for images FROM scratch, and the one by which the transcoder's cost is counted (`cost.sh`), which so
# needs no build of its own. The target is named so that build scripts stay dynamic.
set -euo pipefail
cd "$(dirname "$0")/.."
target="$(rustc -vV | sed -n 's/^host: //p')"
RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --locked --target "$target" \
  -p gateway -p procurement -p classification -p simulator -p radar -p bench \
  --bin gateway --bin procurement --bin classification --bin simulator --bin radar --bin reply
for binary in gateway procurement classification simulator radar; do
  path="${CARGO_TARGET_DIR:-target}/$target/release/$binary"
  file="$(ldd "$path" 2>&1 || true)"
  case "$file" in
    *"statically linked"* | *"not a dynamic executable"*) ;;
    *) echo "FAILED: $path is not static: $file" && exit 1 ;;
  esac
  printf '%-15s %s MiB\n' "$binary" "$(($(stat -c %s "$path") / 1048576))"
done
