#!/usr/bin/env bash
# Checks what is deployed without running it: Kubernetes manifests, Dockerfile and compose file.
#
#   .ci/manifests.sh
#
# Needs kubectl (kustomize only, no cluster), kubernetes-validate, checkov, hadolint and podman-compose.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly work=$(mktemp -d /tmp/bouvetradar-manifests.XXXXXX)
trap 'rm -rf "$work"' EXIT

fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

# Runs a check, and shows what it said only if it fails.
check() {
  local what=$1; shift
  "$@" >"$work/last" 2>&1 || { cat "$work/last" >&2; fail "$what"; }
  printf 'ok  %s\n' "$what"
}

scan() {
  check "checkov $1 of $2" checkov --config-file .checkov.yaml --framework "$1" --file "$2"
  grep --only-matching --extended-regexp 'Passed checks: [0-9]+.*' "$work/last" | sed 's/^/    /'
  ! grep --quiet 'Passed checks: 0,' "$work/last" || fail "checkov $1 looked at nothing"
}

refused_without_key() {
  ! env --unset DOFFIN_API_KEY podman-compose --env-file /dev/null config >"$work/refusal" 2>&1 &&
    grep --quiet "DOFFIN_API_KEY is missing a value" "$work/refusal"
}

no_simulator_by_default() {
  DOFFIN_API_KEY=x podman-compose --env-file /dev/null config >"$work/plain.yaml" &&
    ! grep --quiet simulator "$work/plain.yaml"
}

# Every variable set in the Dockerfile, the compose file or the manifests is one that a program reads.
variables_exist() {
  local name
  for name in $(sed -n '/^ENV/,/[^\\]$/p' Dockerfile | grep --only-matching '[A-Z][A-Z_]*=' | tr -d '=') \
    $(grep --only-matching --no-filename --extended-regexp '^ {2,6}[A-Z][A-Z_]+:' docker-compose.yml | tr -d ' :' | sort --unique) \
    $(grep --only-matching --no-filename --extended-regexp '^ +- (name: )?[A-Z][A-Z_]+(=|$)' k8s/base/*.yaml k8s/overlays/*/*.yaml |
      sed 's/.* //; s/=//' | sort --unique); do
    grep --quiet --recursive --include=config.rs "\"$name\"" gateway runtime services simulator radar ||
      { echo "no program reads $name"; return 1; }
  done
}

# Kubernetes secrets are references; the only value is the simulator's own key, in the overlay that runs against it.
no_secret_values() {
  ! grep --line-number --extended-regexp '^kind: Secret$' "$work"/base.yaml || return 1
  ! grep --recursive --line-number --ignore-case --extended-regexp \
    '(api[-_]?key|password|token|secret)["'"'"']?[ ]*[:=][ ]*["'"'"']?[A-Za-z0-9+/_-]{8,}' \
    Dockerfile docker-compose.yml k8s deploy |
    grep --invert-match --extended-regexp '=demo-key$|secretName: doffin-api-key$|from-file=api-key=FILE|\$\{DOFFIN_API_KEY' || return 1
  ! grep --recursive --line-number 'PRIVATE KEY' Dockerfile docker-compose.yml k8s deploy
}

kubectl kustomize k8s >"$work/base.yaml"
kubectl kustomize k8s/overlays/podman >"$work/podman.yaml"
check 'manifests match the schemas' kubernetes-validate --strict --quiet "$work/base.yaml" "$work/podman.yaml"
scan kubernetes "$work/base.yaml"
scan dockerfile Dockerfile
check 'hadolint' hadolint --config .hadolint.yaml Dockerfile
check 'compose is refused without a key' refused_without_key
check 'compose has no simulator by default' no_simulator_by_default
check 'compose runs against the simulator' podman-compose --env-file deploy/simulator.env config
check 'every variable is read by a program' variables_exist
check 'no secret is written down' no_secret_values
echo 'manifests: passed'
