#!/usr/bin/env bash
# build.sh NAME ARCHIVE…: makes the image NAME of packed programs for Linux, one for each processor.
# Needs buildah, and no network: nothing is started or fetched.
set -euo pipefail
name=$1
shift

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
cp "$(dirname "$0")/Containerfile" "$context"
cp /etc/ssl/certs/ca-certificates.crt "$context"
mkdir "$context/data"

for archive in "$@"; do
    case $archive in
        *-x86_64-*) processor=amd64 ;;
        *-aarch64-*) processor=arm64 ;;
        *)
            echo "$archive: of which processor?" >&2
            exit 2
            ;;
    esac
    mkdir "$context/$processor"
    tar -xzf "$archive" -C "$context/$processor" --strip-components 1 --wildcards '*/tcloud'
    chmod 755 "$context/$processor/tcloud"
    # buildah sets TARGETARCH by the platform.
    buildah build --platform "linux/$processor" --manifest "$name" "$context"
done
