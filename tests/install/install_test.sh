#!/usr/bin/env bash
# usage: install_test.sh BUILD_FOLDER SOURCE_FOLDER
set -euo pipefail
build=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/installed" >"$work/log" || { cat "$work/log"; exit 1; }
mkdir "$work/program"
sed -n '/^```cpp$/,/^```$/p' "$source/docs/cpp.md" | sed '1d;$d' >"$work/program/main.cpp"
cat >"$work/program/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.22)
project(program CXX)
find_package(Sardonyx REQUIRED)
add_executable(program main.cpp)
target_link_libraries(program PRIVATE Sardonyx::sardonyx)
CMAKE
{
  cmake -S "$work/program" -B "$work/program/build" -DCMAKE_PREFIX_PATH="$work/installed" -DCMAKE_BUILD_TYPE=Release &&
    cmake --build "$work/program/build"
} >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$work/program/build/program" "$source/examples/digits/digits.onnx" | tee "$work/out"
grep -qx '20 values' "$work/out" && grep -qx 'SDX_E_CANCELLED' "$work/out"
test -x "$work/installed/bin/sardonyx"
test -f "$work/installed/lib/libonnxruntime.so.1"
