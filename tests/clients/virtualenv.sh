# Sourced by the clients that are Python packages: makes `python` the one that has the packages of
# the requirements beside the client, or of the file `requirements`, installed once under the target
# folder.
python=$CLOUD_PACKAGES/bin/python
requirements=${requirements:-$(dirname "$0")/requirements.txt}
wanted=$(sha256sum <"$requirements")
if [ "$(cat "$CLOUD_PACKAGES/installed" 2>/dev/null)" != "$wanted" ]; then
    python3 -m venv --clear "$CLOUD_PACKAGES"
    "$python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
    printf '%s\n' "$wanted" >"$CLOUD_PACKAGES/installed"
fi
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests/clients
