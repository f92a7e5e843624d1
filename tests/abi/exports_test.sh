#!/usr/bin/env bash
# usage: exports_test.sh LIBRARY [NM]
set -euo pipefail
want='OrtGetApiBase
OrtSessionOptionsAppendExecutionProvider_CPU
OrtSessionOptionsAppendExecutionProvider_CUDA
OrtSessionOptionsAppendExecutionProvider_Tensorrt'
have=$("${2:-nm}" -D --defined-only --format=posix "$1" | cut -d' ' -f1 | LC_ALL=C sort)
if [[ $have != "$want" ]]; then
  printf 'exported:\n%s\nexpected:\n%s\n' "$have" "$want"
  exit 1
fi
readelf -d "$1" | grep -q 'SONAME.*\[libonnxruntime.so.1\]' || { echo "the SONAME is not libonnxruntime.so.1"; exit 1; }
readelf -d "$1" | grep -q 'NODELETE' || { echo "the library may be unloaded while its threads run"; exit 1; }
echo "summary: 4 exported names"
