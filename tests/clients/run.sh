#!/usr/bin/env bash
# Tries clients that others have written against `tcloud local`, with every signature checked: all
# of them, or those that are named. Each has a folder here, whose program `run` installs the
# client's packages, uses it rightly and wrongly, and ends with the figures:
#
#     NAME: N passed, N refused by name, N differing
#
# cosfs, which mounts a bucket, is not among them: it is in no registry of packages (what PyPI has under
# this name is another program), and mounting takes /dev/fuse and the rights of the administrator.
#
# CLIENTS_VERBOSE=1 shows every case; CLIENTS_SERVER names a `tcloud` that is built already.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
scratch=$(mktemp -d)
server=
stop() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
        server=
    fi
}
finish() {
    stop
    rm -rf "$scratch"
}
trap finish EXIT

server_program=${CLIENTS_SERVER:-$target/debug/tcloud}
if [ -z "${CLIENTS_SERVER:-}" ]; then
    # With the example, so that what it depends on has the features that the tests have built.
    cargo build --quiet --workspace --bin tcloud --example crash
fi

# What a client's `run` needs to know.
export CLOUD_SERVER=$server_program
export CLOUD_SECRET_ID=AKIDclients CLOUD_SECRET_KEY=clients-secret
export CLOUD_REGION=ap-guangzhou CLOUD_APP_ID=1250000000 CLOUD_SCRATCH=$scratch
# A bucket for clients that cannot make one.
export CLOUD_BUCKET=clients-$CLOUD_APP_ID
# clean.png is only a picture, hidden.png has an MPEG transport stream behind one.
export CLOUD_PICTURES=$scratch/pictures
# A token of the identity provider `local`, as a pod has one.
export CLOUD_WEB_IDENTITY_TOKEN=$scratch/token
"$server_program" demo-image "$CLOUD_PICTURES" >/dev/null

serve() {
    local output=$scratch/$1.txt
    : >"$output"
    # One job at a time, so that a job can be cancelled while another one is in work.
    "$server_program" local --ephemeral --port 0 --auth strict --workers 1 \
        --bucket "$CLOUD_BUCKET" \
        --account tests/clients/account.json --web-identity-token "$CLOUD_WEB_IDENTITY_TOKEN" \
        --key "$CLOUD_SECRET_ID:$CLOUD_SECRET_KEY" >"$output" 2>"$output.log" &
    server=$!
    CLOUD_ADDRESS=
    until [ -n "$CLOUD_ADDRESS" ]; do
        if ! kill -0 "$server"; then
            echo "the local cloud ended before it said where it listens"
            cat "$output.log"
            exit 1
        fi
        CLOUD_ADDRESS=$(sed -n 's,.*http://\([0-9.:]*\).*,\1,p' "$output" | head -n 1)
        [ -n "$CLOUD_ADDRESS" ] || sleep 0.05
    done
    export CLOUD_ADDRESS
}

if [ $# -eq 0 ]; then
    for folder in tests/clients/*/run; do
        set -- "$@" "$(basename "$(dirname "$folder")")"
    done
fi
failed=0
for client in "$@"; do
    if [ ! -x "tests/clients/$client/run" ]; then
        echo "there is no client $client; there are:" tests/clients/*/
        exit 2
    fi
    serve "$client"
    CLOUD_PACKAGES=$target/clients/$client "tests/clients/$client/run" || failed=1
    stop
done
exit "$failed"
