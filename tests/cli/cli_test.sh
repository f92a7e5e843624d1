#!/usr/bin/env bash
# Calls every verb of the command: cli_test.sh COMMAND SOURCE_FOLDER [LIBRARY]. LIBRARY is a libonnxruntime.so.1 to measure against.
# Exit code 1 if an expectation failed.
set -u
sardonyx=$1
digits=$2/examples/digits
model=$digits/digits.onnx
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# expect CODE PATTERN ARG...: the exit code, and an extended regular expression that a line of the output (or of the
# errors) matches.
expect() {
  local code=$1 pattern=$2 got
  shift 2
  "$sardonyx" "$@" >"$work/out" 2>"$work/err"
  got=$?
  if [ "$got" -ne "$code" ]; then
    echo "FAILED: sardonyx $*: exit code $got, expected $code"
  elif ! cat "$work/out" "$work/err" | grep -Eq -- "$pattern"; then
    echo "FAILED: sardonyx $*: no line matches $pattern"
  else
    return
  fi
  cat "$work/out" "$work/err"
  failures=$((failures + 1))
}

# one_error_line: the latest call wrote nothing but one error to standard error.
one_error_line() {
  if [ "$(wc -l <"$work/err")" -eq 1 ] && grep -q '^error: SDX_E_' "$work/err" && [ ! -s "$work/out" ]; then return; fi
  echo "FAILED: not one error line:"
  cat "$work/out" "$work/err"
  failures=$((failures + 1))
}

expect 0 '^ +3 +(0\.[5-9]|1)' run "$model" --input "image=$digits/samples/3.png" --top 1 --labels "$digits/labels.txt"
expect 0 'probabilities +float +\[4,10\]' run "$model" --random --dim batch=4 --level none --threads 1
expect 0 '"shape": \[' run "$model" --input image=random --json
expect 0 'opened in' run "$model" --random --output "$work/outputs"
expect 0 'float +\[1,10\]' run "$model" --input "image=$digits/samples/7.png" --output "$work/outputs"
test -s "$work/outputs/probabilities.npy" || { echo "FAILED: --output wrote no file"; failures=$((failures + 1)); }

echo '[[[[0,0,0,0,0,0,0,0],[0,0,0,0,0,0,0,0],[0,0,0,0,0,0,0,0],[0,0,0,0,0,0,0,0],' \
  '[0,0,0,0,0,0,0,0],[0,0,0,0,0,0,0,0],[0,0,0,0,0,0,0,0],[0,0,0,0.5,0,0,0,1]]]]' >"$work/image.json"
expect 0 '\[1,10\]' run "$model" --input "image=$work/image.json"
python3 - "$work" <<'PY'
import struct, sys, zipfile
header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 8, 8), }"
array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(256)
for name, method in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
    with zipfile.ZipFile(f"{sys.argv[1]}/{name}.npz", "w", method) as z:
        z.writestr("image.npy", array)
        z.writestr("other.npy", array[:-4])
PY
expect 0 '\[1,10\]' run "$model" --input "image=$work/stored.npz"
expect 0 '\[1,10\]' run "$model" --input "image=$work/deflated.npz"
head -c 100 "$work/stored.npz" >"$work/half.npz"
expect 1 'SDX_E_FILE.*not a whole zip archive' run "$model" --input "image=$work/half.npz"
one_error_line
echo '[[1,2],[3]]' >"$work/ragged.json"
expect 1 'SDX_E_SHAPE.*differ in length' run "$model" --input "image=$work/ragged.json"
one_error_line

expect 0 '\[1,10\]' run "$model" --input "image=$(tr -d '\n' <"$work/image.json")"
expect 1 'SDX_E_SHAPE.*the model wants' run "$model" --input 'image=[[1,2,3]]'
expect 1 'SDX_E_TYPE.*is no float' run "$model" --input 'image=[["a"]]'

# Reference data: the model's own outputs pass, other ones do not.
mkdir "$work/model" "$work/model/data" && cp "$model" "$work/model/"
zeros() { printf '\x08\x01\x08\x01\x08\x08\x08\x08\x10\x01\x4a\x80\x02'; head -c 256 /dev/zero; }
zeros >"$work/model/data/input_0.pb"
{ printf '\x08\x01\x08\x0a\x10\x01\x4a\x28'; head -c 40 /dev/zero; } >"$work/model/data/output_0.pb"
expect 1 'check probabilities: DIFFERENT' run "$work/model/digits.onnx" --check data
expect 0 'check probabilities: as expected' run "$work/model/digits.onnx" --check "$work/model/data" --atol 1
expect 1 'SDX_E_FILE.*no such folder' run "$model" --check nowhere
expect 2 'leave out --input' run "$model" --check nowhere --random

expect 1 'SDX_E_INPUT_NAME no data for input "image"' run "$model"
one_error_line
expect 1 'no input "picture"; it has "image"' run "$model" --input picture=random
one_error_line
expect 1 'SDX_E_FILE' run "$work/nothing.onnx" --random
one_error_line
expect 1 'SDX_E_FILE' run "$model" --input "image=$work/nothing.npy"
expect 1 'SDX_E_TYPE' run "$model" --input "image=$digits/heldout_images.npy"
expect 2 'SDX_E_OPTION.*symbolic dimensions "batch"' run "$model" --random --dim bach=2
one_error_line
expect 2 'SDX_E_OPTION' run "$model" --random --dim batch=-1
expect 2 'SDX_E_OPTION.*none, basic, extended or all' run "$model" --random --level most
expect 2 'SDX_E_OPTION' run
one_error_line
expect 2 'SDX_E_OPTION' frobnicate
expect 2 'SDX_E_OPTION' run "$model" --frobnicate
expect 0 'Example: sardonyx run' run --help
expect 0 'Exit codes: 0' --help

expect 0 'input +image +float +\[batch,1,8,8\]' inspect "$model"
expect 0 '^ +Conv +3$' inspect "$model"
expect 0 '"parameter_count": 20602' inspect "$model" --json
expect 0 'Softmax' inspect "$model" --graph loaded
expect 0 'Softmax' inspect "$model" --graph lowered
expect 2 'SDX_E_OPTION' inspect "$model" --graph finished
expect 1 'SDX_E_FILE' inspect "$work/nothing.onnx"

expect 0 '^ok$' check "$model"
expect 1 'SDX_E_PROTO' check "$digits/labels.txt"
expect 1 ': ok$' check "$model" "$work/nothing.onnx"

expect 0 'Conv .*cpu f32' explain "$model"
expect 0 'of them views' explain "$model" --level none
expect 0 'no plan yet' explain "$model"
expect 0 'plan: [0-9]+ steps to run' explain "$model" --dim batch=2
expect 0 'in place of|arena \+' explain "$model" --random
expect 0 '^ +Conv .*cpu' profile "$model" --runs 2 --trace "$work/trace.json"
grep -q '"traceEvents":\[{' "$work/trace.json" || { echo "FAILED: no events in the trace"; failures=$((failures + 1)); }
expect 0 'median ms' bench "$model" --ms 20 --threads 1,2
expect 0 '^ +1 +sardonyx ' bench "$model" --ms 20 --threads 1 --rounds 2 --shape image=5,1,8,8
expect 2 'SDX_E_OPTION.*the model declares 8' bench "$model" --ms 20 --shape image=5,1,8,9
expect 2 'SDX_E_OPTION.*not an input' bench "$model" --ms 20 --shape picture=5,1,8,8
expect 2 'SDX_E_OPTION.*integers' bench "$model" --ms 20 --shape image=5,x
expect 1 'SDX_E_FILE.*no such library' bench "$model" --against "$work/nothing.so"
one_error_line
expect 1 'SDX_E_FILE.*cannot load' bench "$model" --against "$digits/labels.txt"
expect 0 '"runs_per_second"' bench "$model" --ms 20 --json
# A library of the same interface is measured beside ours, and computes the same.
if [ -n "${3:-}" ] && [ -e "${3:-}" ]; then
  expect 0 'ours is better by' bench "$model" --ms 20 --threads 1 --rounds 1 --against "$3"
  expect 0 'largest difference of the outputs: (0|[0-9.]+e-)' bench "$model" --ms 20 --threads 1 --rounds 1 --against "$3"
fi

expect 0 'all agree' compare "$model" --input "image=$digits/samples/3.png"
expect 0 'features.0/Conv_output_0 ' compare "$model" --all
expect 0 'all agree' compare "$model" "$model"
expect 1 'values differ from level none; the first is "reference' compare "$work/model/digits.onnx" --data data
expect 1 'SDX_E_FILE' compare "$model" "$work/nothing.onnx"

# Saved models are smaller graphs that give the same.
expect 0 'nodes became' optimize "$model" -o "$work/saved.onnx"
expect 0 'all agree' compare "$work/saved.onnx" "$model" --input "image=$digits/samples/3.png"
expect 0 'only Sardonyx opens it' optimize "$model" -o "$work/all.onnx" --level all
expect 0 '^ok$' check "$work/all.onnx"
expect 0 'all agree' compare "$work/all.onnx" "$model"
expect 0 'nodes became' optimize "$model" -o "$work/two.onnx" --dim batch=2 --weights two.weights
expect 0 'image +float +\[2,1,8,8\]' inspect "$work/two.onnx"
test -s "$work/two.weights" || { echo "FAILED: --weights wrote no file"; failures=$((failures + 1)); }
expect 1 'SDX_E_FILE' optimize "$model" -o "$work/no/such/folder.onnx"
expect 2 'SDX_E_OPTION' optimize "$model"

# What --json prints is JSON, for every verb that has it.
json() {
  "$sardonyx" "$@" --json >"$work/out" 2>"$work/err"
  if python3 -m json.tool "$work/out" >/dev/null 2>&1; then return; fi
  echo "FAILED: sardonyx $* --json: not JSON"
  head -c 500 "$work/out"
  failures=$((failures + 1))
}
json run "$model" --random --top 2
json inspect "$model"
json inspect "$model" --graph decluttered
json check "$model" "$work/nothing.onnx"
json bench "$model" --ms 20 --threads 1
json profile "$model" --runs 2
json explain "$model" --random
json optimize "$model" -o "$work/saved.onnx"
json compare "$model"
json ops

# Every verb has an example in its help, and the page on the command names every verb.
for verb in $("$sardonyx" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
  expect 0 "Example: sardonyx $verb" "$verb" --help
  grep -q "^| \`$verb" "$2/docs/cli.md" || { echo "FAILED: docs/cli.md lacks $verb"; failures=$((failures + 1)); }
done

expect 0 '^ +Conv +1\.\.[0-9]+ .*cpu f32' ops
expect 0 '"name": "Scaler"' ops --domain ai.onnx.ml --json
expect 0 '"option": "variadic"' ops --schemas
expect 2 'no operator is of domain' ops --domain nowhere

[ "$failures" -eq 0 ] && echo "all as expected"
exit $((failures > 0))
