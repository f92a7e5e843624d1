#!/usr/bin/env bash
# Gives the command everything that is no model or no input: cli_bad_input.sh COMMAND WRITE_BAD_MODELS SOURCE_FOLDER [KILOBYTES].
# Each call must end with exit code 1, or 2 for wrong usage, and one clear line of error. KILOBYTES limits the address space.
set -u
sardonyx=$1 writer=$2 digits=$3/examples/digits/digits.onnx
work=$(mktemp -d)
trap 'chmod -R u+rwX "$work"; rm -rf "$work"' EXIT
[ -n "${4:-}" ] && ulimit -v "$4"
failures=0
calls=0

complain() {
  echo "FAILED: sardonyx $*"
  cut -c1-400 "$work/out" "$work/err" | head -n 20
  failures=$((failures + 1))
}

# clear_line: standard error is one line, a code first, short and printable.
clear_line() {
  [ "$(wc -l <"$work/err")" -eq 1 ] && [ "$(wc -c <"$work/err")" -lt 310 ] && ! [ -s "$work/out" ] &&
    grep -Eqa '^error: SDX_E_[A-Z_]+ [^[:cntrl:]]+$' "$work/err" && ! grep -q 'SDX_E_INTERNAL' "$work/err"
}

# refuse CODE PATTERN ARG...
refuse() {
  local code=$1 pattern=$2
  shift 2
  timeout 60 "$sardonyx" "$@" >"$work/out" 2>"$work/err" </dev/null
  local got=$?
  calls=$((calls + 1))
  if [ "$got" -ne "$code" ]; then
    complain "$*: exit code $got, expected $code"
  elif ! clear_line; then
    complain "$*: not one clear line"
  elif ! grep -Eqa -- "$pattern" "$work/err"; then
    complain "$*: the line does not match $pattern"
  fi
}

# Models.
mkdir "$work/models"
"$writer" "$work/models" >"$work/list" || { echo "FAILED: no models were written"; exit 1; }
while IFS=$'\t' read -r name pattern; do
  code=${pattern%%[ <]*}
  refuse 1 "^error: $code" inspect "$work/models/$name.onnx"
  refuse 1 "^error: $code" run "$work/models/$name.onnx" --random --threads 1
  if timeout 60 "$sardonyx" check "$work/models/$name.onnx" >"$work/out" 2>"$work/err"; then
    complain "check $name: exit code 0"
  fi
done <"$work/list"

# Files that are none.
refuse 1 'SDX_E_FILE.*[Nn]o such file' run "$work/missing.onnx" --random
refuse 1 'SDX_E_FILE.*folder' run "$work" --random
refuse 1 'SDX_E_FILE' run "$digits/model.onnx" --random
refuse 1 'SDX_E_FILE' run "" --random
refuse 1 'SDX_E_FILE' run "$(printf 'a%.0s' $(seq 5000))" --random
refuse 1 'SDX_E_FILE' run $'two\nlines' --random
refuse 1 'SDX_E_FILE.*device' run /dev/zero --random
mkfifo "$work/pipe" && refuse 1 'SDX_E_FILE.*pipe' run "$work/pipe" --random
ln -s loop "$work/loop" && refuse 1 'SDX_E_FILE' run "$work/loop" --random
cp "$digits" "$work/closed.onnx" && chmod 000 "$work/closed.onnx"
if [ "$(id -u)" -ne 0 ]; then
  refuse 1 'SDX_E_FILE.*[Pp]ermission' run "$work/closed.onnx" --random
elif command -v setpriv >/dev/null; then
  chmod 755 "$work"
  if ! setpriv --reuid=65534 --regid=65534 --clear-groups "$sardonyx" run "$work/closed.onnx" --random 2>&1 | grep -q 'SDX_E_FILE.*[Pp]ermission'; then
    complain "run without permission to read"
  fi
fi
for bytes in 1 2 3 7 50 1000 40000; do
  head -c "$bytes" "$digits" >"$work/cut.onnx"
  refuse 1 'SDX_E_PROTO' run "$work/cut.onnx" --random
  head -c "$bytes" /dev/urandom >"$work/random.onnx"
  refuse 1 'SDX_E_' run "$work/random.onnx" --random
done

# Inputs of a good model.
npy() { # SHAPE BYTES: a .npy file of floats
  local header="{'descr': '<f4', 'fortran_order': False, 'shape': ($1), }"
  printf '\x93NUMPY\x01\x00%b%s\n' "$(printf '\\x%02x\\x00' $((${#header} + 1)))" "$header"
  head -c "$2" /dev/zero
}
image() { refuse 1 "$1" run "$digits" --input "image=$work/$2"; }
npy '1, 1, 8, 8' 256 >"$work/good.npy"
"$sardonyx" run "$digits" --input "image=$work/good.npy" >/dev/null || complain "run with a good .npy file"
npy '1, 1, 8, 8' 100 >"$work/short.npy" && image 'SDX_E_FILE.*fewer' short.npy
npy '1, 1, 8, 9' 288 >"$work/extent.npy" && image 'SDX_E_SHAPE.*\[1,1,8,9\]' extent.npy
npy '64' 256 >"$work/rank.npy" && image 'SDX_E_SHAPE' rank.npy
npy '1152921504606846976, 4' 16 >"$work/huge.npy" && image 'SDX_E_' huge.npy
npy '1073741824, 1024' 16 >"$work/large.npy" && image 'SDX_E_FILE.*fewer' large.npy
npy '-1, 4' 16 >"$work/negative.npy" && image 'SDX_E_FILE' negative.npy
npy '1, 1, 8, 8' 256 | sed 's/f4/i8/' >"$work/type.npy" && image 'SDX_E_(TYPE|FILE)' type.npy
npy '1, 1, 8, 8' 256 | sed 's/<f4/>f4/' >"$work/order.npy" && image 'SDX_E_FILE' order.npy
head -c 20 "$work/good.npy" >"$work/header.npy" && image 'SDX_E_FILE' header.npy
: >"$work/empty.npy" && image 'SDX_E_FILE' empty.npy
echo '[[[[1,2]]]]' >"$work/few.json" && image 'SDX_E_SHAPE' few.json
echo '{"a": 1}' >"$work/object.json" && image 'SDX_E_' object.json
echo '[1, 2' >"$work/broken.json" && image 'SDX_E_FILE' broken.json
{ printf '[%.0s' $(seq 100000); } >"$work/deep.json" && image 'SDX_E_FILE' deep.json
{ printf '[%.0s' $(seq 20000); printf ']%.0s' $(seq 20000); } >"$work/closed.json" && image 'SDX_E_FILE' closed.json
echo '[[[["a","b"]]]]' >"$work/text.json" && image 'SDX_E_' text.json
head -c 30 "$3/examples/digits/samples/3.png" >"$work/cut.png" && image 'SDX_E_FILE' cut.png
head -c 100 /dev/urandom >"$work/random.png" && image 'SDX_E_FILE' random.png
head -c 100 /dev/urandom >"$work/random.pb" && image 'SDX_E_' random.pb
image 'SDX_E_FILE' missing.npy
mkdir "$work/folder.npy" && image 'SDX_E_FILE' folder.npy
refuse 1 'SDX_E_INPUT_NAME.*"image"' run "$digits"
refuse 1 'SDX_E_INPUT_NAME.*"image"' run "$digits" --input "picture=random"
refuse 2 'SDX_E_OPTION' run "$digits" --input "image"
refuse 2 'SDX_E_OPTION' run "$digits" --random --threads many
refuse 2 'SDX_E_OPTION' run "$digits" --random --threads -3
refuse 2 'SDX_E_OPTION' run "$digits" --random --threads 1000000000
refuse 2 'SDX_E_OPTION' run "$digits" --random --dim batch=99999999999999999999
refuse 1 'SDX_E_(MEMORY|SHAPE)' run "$digits" --random --dim batch=1152921504606846976 --threads 1
refuse 1 'SDX_E_MEMORY' run "$digits" --random --dim batch=10000000000 --threads 1
refuse 1 'SDX_E_' run "$digits" --input "image=$work/good.npy" --output /proc/nowhere
refuse 1 'SDX_E_FILE' run "$digits" --random --top 1 --labels "$work/missing.txt"

echo "summary: $calls calls refused, $failures not as they should be"
exit $((failures > 0))
