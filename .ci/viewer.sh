#!/usr/bin/env bash
# The viewer of /api/docs is what its publisher published: fetches the version that stands in gateway/page/swagger-ui/VERSION
# from npm and compares byte for byte. Needs npm and a network, which no build of ours does.
#   .ci/viewer.sh            compares
#   .ci/viewer.sh VERSION    takes another version; read its changes first, then run .ci/browser.sh
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../gateway/page/swagger-ui"
files=(swagger-ui-bundle.js swagger-ui-bundle.js.LICENSE.txt swagger-ui.css LICENSE NOTICE)
read -r version digest <VERSION
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# npm itself checks the archive against the digest that the registry gives; ours was written down when the version was taken.
(cd "$work" && npm pack --silent "swagger-ui-dist@${1:-$version}" >/dev/null)
archive="$(echo "$work"/*.tgz)"
found="sha512-$(openssl dgst -sha512 -binary "$archive" | base64 -w 0)"
tar xzf "$archive" -C "$work"

if [ $# -gt 0 ]; then
  for file in "${files[@]}"; do
    install -m 644 "$work/package/$file" "$file"
  done
  echo "$1 $found" >VERSION
  echo "now $(cat VERSION)"
  exit
fi
[ "$found" = "$digest" ] || { echo "FAILED: npm's swagger-ui-dist $version is $found, not $digest" >&2; exit 1; }
for file in "${files[@]}"; do
  cmp "$work/package/$file" "$file"
done
[ "$(ls)" = "$(printf '%s\n' "${files[@]}" VERSION | sort)" ] || { echo "FAILED: files that the publisher has not: $(ls)" >&2; exit 1; }
echo "ok: swagger-ui-dist $version, ${#files[@]} files byte for byte"
