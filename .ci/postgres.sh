# A PostgreSQL cluster of one's own, made in a directory and thrown away with it; never one that is already there.
# To be sourced. pg_create DIR makes it, pg_start starts it, pg_kill ends it as a crash would; pg_url is where it is.

pg_as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

pg_create() {
  pg_place="$1"
  pg_bin="$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)"
  pg_port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
  mkdir -p "$pg_place"
  [ "$(id -u)" != 0 ] || chown postgres "$pg_place"
  pg_as "$pg_bin/initdb" -D "$pg_place" -A trust -U postgres -E UTF8 >/dev/null
  pg_url="postgres://postgres@127.0.0.1:$pg_port/postgres"
}

pg_start() {
  pg_as "$pg_bin/pg_ctl" -D "$pg_place" -w -l "$pg_place/log" \
    -o "-p $pg_port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300" start >/dev/null
}

pg_kill() { pg_as "$pg_bin/pg_ctl" -D "$pg_place" -m immediate stop >/dev/null; }
