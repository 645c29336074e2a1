#!/usr/bin/env bash
# Runs the official Python SDKs against `tcloud local`, with every signature checked.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${CARGO_TARGET_DIR:-target}
venv=$target/python
output=$(mktemp)
server=
finish() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -f "$output"
}
trap finish EXIT

# With the example, so that what it depends on has the features that the tests have built already.
cargo build --quiet --workspace --bin tcloud --example crash

wanted=$(sha256sum tests/python/requirements.txt)
if [ "$(cat "$venv/installed" 2>/dev/null)" != "$wanted" ]; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r tests/python/requirements.txt
    printf '%s\n' "$wanted" >"$venv/installed"
fi

"$target/debug/tcloud" local --ephemeral --port 0 --auth strict --key AKIDpython:python-secret >"$output" &
server=$!
address=
until [ -n "$address" ]; do
    kill -0 "$server" || { echo "the local cloud ended before it said where it listens"; exit 1; }
    address=$(sed -n 's,.*http://\([0-9.:]*\).*,\1,p' "$output" | head -n 1)
    [ -n "$address" ] || sleep 0.05
done
PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" tests/python/official_sdks.py \
    --endpoint "$address" --secret-id AKIDpython --secret-key python-secret
