#!/usr/bin/env bash
# A PostgreSQL cluster for tests: in a folder of its own, reached by a socket in it, as a user without
# rights. Prints its address when it answers. The lines `stop` and `start` on the standard input end
# it without a warning and start it again; it is gone when the standard input is closed.
set -euo pipefail

# Debian keeps the programs of each version apart.
PATH=$PATH:$(printf '%s:' /usr/lib/postgresql/*/bin)
for program in initdb pg_ctl; do
    if ! command -v "$program" >/dev/null; then
        echo "PostgreSQL is not installed: apt-get install postgresql" >&2
        exit 1
    fi
done

folder=$(mktemp -d /tmp/tcloud-pg.XXXXXX)

# A cluster refuses to run as root.
as_nobody() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$folder" "$@"
    else
        "$@"
    fi
}

start() {
    as_nobody pg_ctl --pgdata="$folder/data" --log="$folder/log" --wait start >/dev/null 2>&1
}

stop() {
    as_nobody pg_ctl --pgdata="$folder/data" --wait --mode=immediate stop >/dev/null 2>&1
}

finish() {
    stop || true
    rm -rf "$folder"
}
trap finish EXIT
trap '' INT

if [ "$(id -u)" -eq 0 ]; then
    chown nobody:nogroup "$folder"
fi
cd "$folder"
as_nobody initdb --pgdata="$folder/data" --username=tcloud --auth=trust --encoding=UTF8 \
    --locale=C.UTF-8 --no-sync >/dev/null
# Processes are killed here, not machines: what the system has is not lost.
cat >>"$folder/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$folder'
max_connections = 400
shared_buffers = 64MB
fsync = ${TCLOUD_TEST_FSYNC:-off}
CONF
start
echo "postgres://tcloud@localhost/postgres?host=$folder"

while read -r command; do
    case $command in
    stop) stop ;;
    start) start ;;
    esac
    echo "$command"
done
