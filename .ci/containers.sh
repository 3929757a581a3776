#!/usr/bin/env bash
# Builds the images from static binaries and runs them as an operator would: with compose, then from the Kubernetes
# manifests, each time against the simulator.
#
#   RUSTFLAGS='-C target-feature=+crt-static' cargo build --release --target x86_64-unknown-linux-gnu \
#     -p gateway -p procurement -p classification -p simulator -p radar
#   .ci/containers.sh [directory of these binaries]
#
# Needs root, podman (with runc or crun), podman-compose, kubectl, curl and jq. Images, containers, networks and volumes
# live in a podman of their own in a temporary directory, which is removed at the end, so nothing else can be touched.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly binaries=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/$(rustc --print host-tuple)/release}")
readonly version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
readonly programs=(gateway procurement classification simulator radar)
readonly services=(gateway procurement classification)
readonly size_limit=$((40 * 1000 * 1000))
readonly memory_limit=$((256 * 1024 * 1024))
# Also the canary: this value must never turn up in a log.
readonly key="canary-$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')"
readonly work=$(mktemp -d /tmp/bouvetradar-containers.XXXXXX)

say() { printf '%4ds  %s\n' "$SECONDS" "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

# Runs a command until it succeeds, for at most so many seconds.
within() {
  local deadline=$((SECONDS + $1)); shift
  until "$@" >"$work/last" 2>&1; do
    ((SECONDS < deadline)) || { cat "$work/last" >&2; fail "not in time: $*"; }
    sleep 0.1
  done
}

private_podman() {
  local runtime=crun
  # crun refuses a mixed hierarchy of cgroups v1 and v2.
  ! command -v runc >/dev/null || runtime=runc
  cat >"$work/storage.conf" <<CONF
[storage]
driver = "overlay"
graphroot = "$work/graph"
runroot = "$work/run"
CONF
  cat >"$work/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[network]
network_backend = "netavark"
network_config_dir = "$work/networks"
[engine]
cgroup_manager = "cgroupfs"
runtime = "$runtime"
events_logger = "file"
lock_type = "file"
tmp_dir = "$work/tmp"
CONF
  export CONTAINERS_CONF="$work/containers.conf" CONTAINERS_STORAGE_CONF="$work/storage.conf"
  # Without systemd nothing runs health checks on a timer; this script runs them itself.
  [[ -d /run/systemd/system ]] || export DISABLE_HC_SYSTEMD=true
}

remove_everything() {
  local status=$?
  trap - EXIT
  if ((status != 0)); then
    for id in $(podman ps --all --quiet 2>/dev/null); do
      printf -- '--- %s\n' "$(podman inspect --format '{{.Name}} {{.State.Status}} {{.State.ExitCode}}' "$id")" >&2
      podman logs --tail 20 "$id" >&2 || true
    done
  fi
  {
    podman pod rm --all --force --time 1
    podman rm --all --force --time 1
    podman network prune --force
    umount "$work/graph/overlay"
  } >/dev/null 2>&1 || true
  rm -rf "$work" || true
  exit "$status"
}

build_images() {
  local program
  for program in "${programs[@]}"; do
    [[ -x $binaries/$program ]] || fail "no $binaries/$program: see the head of this file"
    ! readelf --program-headers "$binaries/$program" | grep -q INTERP || fail "$program is not static"
    # Takes the place of the stage `build`, so the Dockerfile's own final stage is what runs here.
    mkdir -p "$work/$program/data"
    cp "$binaries/$program" "$work/$program/app"
    image "$program" --tag "bouvetradar/$program:$version"
    local size layers again
    size=$(podman image inspect --format '{{.Size}}' "bouvetradar/$program:$version")
    ((size <= size_limit)) || fail "the image of $program has $size bytes, more than $size_limit"
    image "$program" --no-cache --tag again
    layers=$(podman image inspect --format '{{.RootFS.Layers}}' "bouvetradar/$program:$version")
    again=$(podman image inspect --format '{{.RootFS.Layers}}' again)
    [[ $layers == "[sha256:"* && $layers != *' '* ]] || fail "the image of $program has more than one layer: $layers"
    [[ $layers == "$again" ]] || fail "two builds of $program differ: $layers, $again"
    say "image $program: $((size / 1000)) kB, one layer, the same when built again"
  done
}

image() {
  local program=$1; shift
  podman build --quiet --isolation chroot --format docker --timestamp 0 --layers=false --file Dockerfile \
    --build-context "build=$work/$program" --build-arg "BIN=$program" --build-arg "VERSION=$version" "$@" \
    "$work/$program" >/dev/null
}

compose() {
  DOFFIN_API_KEY="$key" PORT="$port" VERSION="$version" \
    podman-compose --project-name radarci --env-file deploy/simulator.env "$@"
}

# The container of a compose service, by its id.
container() { podman ps --all --quiet --no-trunc --filter "label=com.docker.compose.service=$1"; }

pid() { podman inspect --format '{{.State.Pid}}' "$1"; }

healthy() {
  podman healthcheck run "$1" && [[ $(podman inspect --format '{{.State.Health.Status}}' "$1") == healthy ]]
}

# What a caller sees of a whole system, at a base URL.
smoke() {
  local base=$1
  within 30 curl --silent --fail --max-time 5 "$base/readyz"
  answer "$base/api/health" ".success and .version == \"$version\" and (.services | length == 2 and all(. == \"SERVING\"))"
  answer "$base/api/cpv/categories" '.success and (.data | length > 0)'
  # Doffin may tell a service that was killed while it filled its mirror to wait, and the mirror may hold too little yet.
  within 30 answered "$base/api/doffin/search?search=vei&hitsPerPage=5" \
    '.success and (.data.hits | length == 5) and .data.totalHits > 5'
}

answer() { answered "$@" || exit 1; }

answered() {
  curl --silent --show-error --max-time 10 --output "$work/answer" "$1" || { echo "no answer from $1" >&2; return 1; }
  jq --exit-status "$2" "$work/answer" >/dev/null || { echo "$1 answered $(head -c 400 "$work/answer")" >&2; return 1; }
}

free_port() {
  local candidate
  for candidate in $(seq 18080 18180); do
    (exec 3<>"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null || { echo "$candidate"; return; }
  done
  fail "no free port"
}

# What the kernel says of a running container, not what the engine was asked for.
confined() {
  local id=$1 limit=${2:-$memory_limit} process root memory
  process=$(pid "$id")
  root=$(awk '$5 == "/" { print $6 }' "/proc/$process/mountinfo")
  [[ $root == ro* ]] || fail "$id: the root file system is writable"
  local field
  for field in 'Uid:65532' 'Gid:65532' 'CapEff:0000000000000000' 'CapBnd:0000000000000000' 'NoNewPrivs:1' 'Seccomp:2'; do
    [[ $(awk -v name="${field%%:*}:" '$1 == name { print $2 }' "/proc/$process/status") == "${field##*:}" ]] ||
      fail "$id: not $field"
  done
  memory=$(memory_of "$process")
  [[ $memory == "$limit" ]] || fail "$id: its cgroup's memory limit is $memory"
  ! podman exec "$id" /bin/sh -c true 2>/dev/null || fail "$id: it has a shell"
}

memory_of() {
  local path
  path=$(sed -n 's/^[0-9]*:memory://p' "/proc/$1/cgroup")
  if [[ -n $path ]]; then
    cat "/sys/fs/cgroup/memory$path/memory.limit_in_bytes"
  else
    cat "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")/memory.max"
  fi
}

compose_runs() {
  local service id
  compose up --detach --no-build >"$work/compose.log" 2>&1 || { cat "$work/compose.log" >&2; fail "compose up"; }
  smoke "http://127.0.0.1:$port"
  say "compose: up, and the smoke test passes"
  for service in "${services[@]}"; do
    id=$(container "$service")
    within 10 healthy "$id"
    confined "$id"
  done
  confined "$(container simulator)"
  say "compose: healthy; read-only, uid 65532, no capabilities, no shell, memory limit in the cgroup"
  local volume published
  for volume in procurement-data classification-data; do
    [[ $(stat --format %u "$(podman volume inspect --format '{{.Mountpoint}}' "radarci_$volume")") == 65532 ]] ||
      fail "the volume $volume does not belong to the service"
  done
  published=$(podman ps --format '{{.Ports}}' | sed '/^$/d')
  [[ $published == *":$port->8080/tcp" && $published != *$'\n'* ]] || fail "published ports: $published"
}

# All in one process, as one image.
radar_runs() {
  local id
  id=$(podman run --detach --read-only --cap-drop all --security-opt no-new-privileges --memory "$memory_limit" \
    --pids-limit 128 --publish "127.0.0.1:$port:8080" "bouvetradar/radar:$version" demo)
  smoke "http://127.0.0.1:$port"
  within 10 healthy "$id"
  confined "$id"
  podman stop --time 25 "$id" >/dev/null
  [[ $(podman inspect --format '{{.State.ExitCode}}' "$id") == 0 ]] || fail "radar did not stop cleanly"
  podman rm --volumes "$id" >/dev/null
  nothing_left
  say "radar: the demo runs confined, passes the smoke test and stops with 0"
}

killed_services_return() {
  local service id old began
  for service in "${services[@]}"; do
    id=$(container "$service")
    old=$(pid "$id")
    began=$(date +%s%3N)
    kill -KILL "$old"
    within 20 restarted "$id" "$old"
    within 20 healthy "$id"
    say "compose: $service killed, healthy again after $(($(date +%s%3N) - began)) ms"
    smoke "http://127.0.0.1:$port"
  done
}

restarted() {
  local now
  now=$(pid "$1")
  [[ $now != 0 && $now != "$2" ]]
}

compose_leaves_nothing() {
  local service id
  for service in "${services[@]}"; do
    id=$(container "$service")
    ! podman logs "$id" 2>&1 | grep --quiet --fixed-strings "$key" || fail "$service logged the key"
    podman stop --time 25 "$id" >/dev/null
    [[ $(podman inspect --format '{{.State.ExitCode}}' "$id") == 0 ]] || fail "$service did not stop cleanly"
  done
  say "compose: SIGTERM ends every service with 0, and no log has the key"
  compose down --volumes >"$work/compose.log" 2>&1 || { cat "$work/compose.log" >&2; fail "compose down"; }
  nothing_left
  say "compose: down --volumes left nothing"
}

nothing_left() {
  local left
  left=$(podman ps --all --quiet; podman pod ls --quiet; podman volume ls --quiet; podman secret ls --quiet
    podman network ls --format '{{.Name}}' | grep -vx podman || true)
  [[ -z $left ]] || fail "left behind: $left"
}

kubernetes_runs() {
  local name id
  kubectl kustomize k8s/overlays/podman | sed "s/hostPort: 8080/hostPort: $port/" >"$work/manifests.yaml"
  podman network create radarci >/dev/null
  podman play kube --network radarci "$work/manifests.yaml" >"$work/kube.log" 2>&1 || { cat "$work/kube.log" >&2; fail "play kube"; }
  for name in "${services[@]}"; do
    id=$(podman ps --quiet --no-trunc --filter "name=^$name-pod-0-$name\$")
    # podman 4.3's name server at times loses pods that are added while it starts, so the gateway is asked whether it
    # lives, not whether it finds the others: that is what the compose part shows.
    if [[ $name == gateway ]]; then
      within 30 curl --fail --silent "http://127.0.0.1:$port/livez"
    else
      within 30 podman exec "$id" /app health
    fi
    if [[ $name == procurement ]]; then
      # It holds the search index too.
      confined "$id" $((2 * memory_limit))
    else
      confined "$id"
    fi
  done
  say "kubernetes: the overlay's manifests run, confined, and every service answers"
  podman play kube --down "$work/manifests.yaml" >/dev/null
  # What --down is not asked to undo: the secret, and podman's volume of it.
  podman volume rm doffin-api-key >/dev/null
  podman secret rm doffin-api-key >/dev/null
  podman network rm radarci >/dev/null
  nothing_left
  say "kubernetes: --down left nothing running"
}

trap remove_everything EXIT
trap 'exit 130' INT TERM
private_podman
port=$(free_port)
readonly port
build_images
compose_runs
killed_services_return
compose_leaves_nothing
radar_runs
kubernetes_runs
say "containers: passed"
