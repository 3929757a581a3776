# To be sourced: the demo for checks from outside, on ports that are free.
#   demo_start PROGRAM DIRECTORY NOTICES [VARIABLE=VALUE…]
# sets demo_pid, and demo_gateway, demo_procurement and demo_classification, which are host and port.
demo_pid=

demo_start() {
  local radar="$1" work="$2" notices="$3" ports
  shift 3
  # Held all at once, so that none is given out twice.
  read -ra ports < <(python3 - <<'PYTHON'
import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
print(*(s.getsockname()[1] for s in held))
PYTHON
)
  demo_gateway="127.0.0.1:${ports[0]}"
  demo_procurement="127.0.0.1:${ports[1]}"
  demo_classification="127.0.0.1:${ports[2]}"
  env PORT="${ports[0]}" PROCUREMENT_ADDR="$demo_procurement" CLASSIFICATION_ADDR="$demo_classification" \
    METRICS_ADDR=127.0.0.1:0 SIMULATOR_ADDR="127.0.0.1:${ports[3]}" DATA_DIR="$work/data" LOG_FORMAT=json "$@" \
    "$radar" demo --notices "$notices" >"$work/log" 2>&1 &
  demo_pid=$!
  for _ in $(seq 300); do
    curl -fs "http://$demo_gateway/readyz" >/dev/null && return
    kill -0 "$demo_pid" || break
    sleep 0.1
  done
  cat "$work/log"
  exit 1
}

# Ends it as an operator would; its exit code is the answer. Nothing runs: nothing to do.
demo_stop() {
  [ -n "$demo_pid" ] || return 0
  local pid="$demo_pid"
  demo_pid=
  kill -TERM "$pid" 2>/dev/null || true
  wait "$pid"
}
