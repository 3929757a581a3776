# A PostgreSQL cluster of one's own, made in a directory and thrown away with it; never one that is already there.
# To be sourced. pg_create DIR makes it, pg_start starts it, pg_kill ends it as a crash would; pg_url is where it is.
# pg_replicate DIR starts a read replica of it, at pg_replica_url; pg_kill ends that too.

pg_as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

pg_free() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

pg_create() {
  pg_place="$1"
  pg_bin="$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)"
  pg_port="$(pg_free)"
  mkdir -p "$pg_place"
  [ "$(id -u)" != 0 ] || chown postgres "$pg_place"
  pg_as "$pg_bin/initdb" -D "$pg_place" -A trust -U postgres -E UTF8 >/dev/null
  pg_url="postgres://postgres@127.0.0.1:$pg_port/postgres"
}

pg_start() { pg_run "$pg_place" "$pg_port"; }

pg_run() {
  pg_as "$pg_bin/pg_ctl" -D "$1" -w -l "$1/log" \
    -o "-p $2 -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300" start >/dev/null
}

pg_replicate() {
  mkdir -p "$1"
  [ "$(id -u)" != 0 ] || chown postgres "$1"
  chmod 700 "$1"
  pg_as "$pg_bin/pg_basebackup" -h 127.0.0.1 -p "$pg_port" -U postgres -D "$1" -R -X stream -c fast
  local port
  port="$(pg_free)"
  pg_replica="$1"
  pg_run "$1" "$port"
  pg_replica_url="postgres://postgres@127.0.0.1:$port/postgres"
}

pg_kill() {
  local place
  for place in ${pg_replica:+"$pg_replica"} ${pg_place:+"$pg_place"}; do
    pg_as "$pg_bin/pg_ctl" -D "$place" -m immediate stop >/dev/null
  done
}
