#!/usr/bin/env bash
# Prints the folder with the suites of the official ONNX backend data (node, simple, …) and the release they belong to, which names
# the list of known failures; unpacks them on first use.
# usage: conformance_data.sh CACHE_FOLDER
# Sources, best first: SDX_CONFORMANCE_DATA (a folder), ../shared/conformance (a packed copy), Debian's libonnx-testdata.
set -euo pipefail
cache=$1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

if [[ -n ${SDX_CONFORMANCE_DATA:-} ]]; then
  echo "$SDX_CONFORMANCE_DATA ${SDX_CONFORMANCE_RELEASE:-onnx-1.22}"
  exit 0
fi
packed=$(ls "$root"/../shared/conformance/onnx-backend-data-*.tar.xz 2>/dev/null | tail -n 1 || true)
if [[ -n $packed ]]; then
  if [[ ! -e $cache/complete ]]; then
    mkdir -p "$cache"
    tar -xf "$packed" -C "$cache" --strip-components=1
    touch "$cache/complete"
  fi
  echo "$cache/data onnx-1.22"
  exit 0
fi
debian=$(dpkg -L libonnx-testdata 2>/dev/null | grep -m 1 '/node/test_abs$' || true)
if [[ -n $debian ]]; then
  echo "$(dirname "$(dirname "$debian")") onnx-1.12"
  exit 0
fi
echo "no ONNX backend data: apt-get install libonnx-testdata, or set SDX_CONFORMANCE_DATA" >&2
exit 1
