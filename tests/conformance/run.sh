#!/usr/bin/env bash
# Finds the official data and runs all cases. usage: run.sh RUNNER CACHE_FOLDER [runner argument...]
# EMULATOR, if set, runs the runner.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
runner=$1 cache=$2
shift 2
found=$("$here/../../tools/dev/conformance_data.sh" "$cache")
exec ${EMULATOR:-} "$runner" "${found% *}" "$here/known_failures/${found##* }.txt" "$@"
