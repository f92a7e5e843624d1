#!/usr/bin/env bash
# Programs written for ONNX Runtime, unchanged, on our library: tests/clients/run.sh [--lib PATH|theirs] [client...]
# Clients: node java go rust huggingface. --packages prints the Debian packages that they lack. What they need from npm, Maven Central, the Go proxy and crates.io goes to
# build/clients, as does everything they write. Exit status: 0 all passed, 1 one failed, 77 none failed and one or more
# could not run.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
ROOT=$PWD
HERE=$ROOT/tests/clients
OUT=$ROOT/build/clients
BUILT=$OUT${CLIENT_SANITIZER:+/$CLIENT_SANITIZER} # what is compiled, or depends on the library
LIB=$ROOT/build/release/lib/libonnxruntime.so.1
JAVA_VERSION=1.29.0
RUST_NEEDED=1.92
JAR=onnxruntime-$JAVA_VERSION.jar
JAR_URL=https://repo1.maven.org/maven2/com/microsoft/onnxruntime/onnxruntime/$JAVA_VERSION/$JAR
THEIRS=$OUT/npm/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1

say() { printf '== %s\n' "$*"; }
NPM_QUIET="--prefer-offline --no-audit --no-fund --fetch-retries=1 --fetch-timeout=60000"
REASON=
skip() { REASON=$*; return 77; }

# quietly LOG COMMAND...: the output goes to a log, which is shown if the command fails.
quietly() {
  local log=$OUT/$1.log
  shift
  "$@" >"$log" 2>&1 </dev/null && return
  tail -n 25 "$log"
  return 1
}

# fetched NAME COMMAND...: runs a command that downloads; skips the client if that fails.
fetched() {
  local name=$1
  shift
  timeout 300 "$@" >"$OUT/$name.log" 2>&1 </dev/null && return
  tail -n 5 "$OUT/$name.log"
  skip "$name: what it needs could not be downloaded"
}

npm_packages() {
  command -v npm >/dev/null && command -v node >/dev/null || { skip "node and npm are not installed"; return; }
  mkdir -p "$OUT/npm"
  cmp -s "$HERE/package.json" "$OUT/npm/installed.json" && return
  rm -rf "$OUT/npm/node_modules"
  cp "$HERE/package.json" "$OUT/npm/package.json"
  # --ignore-scripts: the script of onnxruntime-node would download CUDA libraries.
  fetched npm npm install --prefix "$OUT/npm" --no-package-lock --ignore-scripts $NPM_QUIET || return
  cp "$HERE/package.json" "$OUT/npm/installed.json"
}

# A folder in which the loader finds the library under the name that programs ask for.
library_folder() {
  mkdir -p "$BUILT/lib"
  ln -sfn "$LIB" "$BUILT/lib/libonnxruntime.so.1"
  ln -sfn "$LIB" "$BUILT/lib/libonnxruntime.so"
  echo "$BUILT/lib"
}

# For a library built with AddressSanitizer: node must have its runtime from the start. Node's own leaks are not ours.
under_sanitizer() {
  [[ ${CLIENT_SANITIZER:-} ]] || { "$@"; return; }
  printf 'leak:node::\nleak:v8::\nleak:uv_\n' >"$OUT/leaks"
  LD_PRELOAD=$(${CXX:-c++} -print-file-name=libasan.so) LSAN_OPTIONS=suppressions=$OUT/leaks:print_suppressions=0 \
    ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=8:allocator_may_return_null=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "$@"
}

node_tests() { under_sanitizer node --expose-gc --test --test-reporter=spec "$@"; }

# Our own package, as npm would install it: built, packed, and installed from the archive.
install_our_package() {
  local folder=$BUILT/package flags=
  [[ -z ${CLIENT_SANITIZER:-} ]] || flags="-fsanitize=$CLIENT_SANITIZER,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
  mkdir -p "$folder"
  (cd "$ROOT/bindings/node" && cp -r CMakeLists.txt README.md package.json lib scripts src "$folder/")
  fetched npm npm install --prefix "$folder" --no-package-lock --ignore-scripts $NPM_QUIET || return
  export SARDONYX_INCLUDE=$ROOT/include SARDONYX_LIBRARY=$LIB
  quietly addon env CXXFLAGS="$flags" npm run --prefix "$folder" build || return
  rm -f "$BUILT"/sardonyx-*.tgz
  (cd "$folder" && npm pack --pack-destination "$BUILT") >"$OUT/pack.log" 2>&1 || { tail -n 20 "$OUT/pack.log"; return 1; }
  unset SARDONYX_INCLUDE SARDONYX_LIBRARY
  mkdir -p "$BUILT/installed"
  echo '{"private": true}' >"$BUILT/installed/package.json"
  rm -rf "$BUILT/installed/node_modules"
  fetched npm npm install --prefix "$BUILT/installed" --no-package-lock $NPM_QUIET "$BUILT"/sardonyx-*.tgz
}

run_node() {
  npm_packages || return
  local folder status=0
  folder=$(library_folder)
  say "onnxruntime-node $(node -p "require('$OUT/npm/node_modules/onnxruntime-node/package.json').version")"
  NODE_PATH=$OUT/npm/node_modules LD_LIBRARY_PATH=$folder node_tests "$HERE"/node/*.test.cjs || status=1
  say "the package of bindings/node"
  install_our_package || return
  NODE_PATH=$BUILT/installed/node_modules CLIENT_PACKAGE=sardonyx CLIENT_FEATURES=extended \
    node_tests "$HERE"/node/*.test.cjs || status=1
  cp "$HERE/node/types.ts" "$BUILT/installed/types.ts"
  (cd "$BUILT/installed" && "$OUT/npm/node_modules/.bin/tsc" --noEmit --strict --target es2022 \
    --module nodenext --moduleResolution nodenext types.ts) && echo "types.ts compiles" || status=1
  return $status
}

run_huggingface() {
  npm_packages || return
  local status=0 folder=$BUILT/pipelines
  say "@huggingface/transformers on onnxruntime-node"
  LD_LIBRARY_PATH=$(library_folder) CLIENT_MODULES=$OUT/npm/node_modules node_tests "$HERE/huggingface/pipeline.test.mjs" || status=1
  say "@huggingface/transformers on the package of bindings/node"
  install_our_package || return
  # As npm's overrides do it from npm 10 on; Debian's npm 9.2 refuses archives there.
  rm -rf "$folder"
  mkdir -p "$folder"
  cp -rl "$OUT/npm/node_modules" "$folder/"
  rm -r "$folder/node_modules/onnxruntime-node"
  cp -r "$BUILT/installed/node_modules/sardonyx" "$folder/node_modules/onnxruntime-node"
  CLIENT_MODULES=$folder/node_modules CLIENT_PACKAGE=sardonyx node_tests "$HERE/huggingface/pipeline.test.mjs" || status=1
  return $status
}

run_java() {
  command -v javac >/dev/null || { skip "javac is not installed"; return; }
  local folder=$OUT/java native=$OUT/java/native
  mkdir -p "$folder"
  [[ -f $folder/$JAR ]] || fetched maven python3 -c 'import sys, urllib.request; urllib.request.urlretrieve(*sys.argv[1:])' \
    "$JAR_URL" "$folder/$JAR.part" || return
  [[ -f $folder/$JAR ]] || mv "$folder/$JAR.part" "$folder/$JAR"
  rm -rf "$native" "$folder/classes"
  mkdir -p "$native"
  (cd "$native" && jar xf "$folder/$JAR" ai/onnxruntime/native/linux-x64/libonnxruntime4j_jni.so \
    ai/onnxruntime/native/linux-x64/libonnxruntime.so && mv ai/onnxruntime/native/linux-x64/*.so . && rm -r ai) || return 1
  # Its own native part wants a library of its own version, so "theirs" is the one in the archive.
  [[ $LIB == "$THEIRS" ]] || ln -sfn "$LIB" "$native/libonnxruntime.so"
  quietly javac javac -encoding UTF-8 -d "$folder/classes" -cp "$folder/$JAR" "$HERE/java/ClientTest.java" || return 1
  say "com.microsoft.onnxruntime:onnxruntime $JAVA_VERSION"
  java -Dfile.encoding=UTF-8 "-Donnxruntime.native.path=$native" -cp "$folder/$JAR:$folder/classes" ClientTest "$CLIENT_MODELS"
}

run_go() {
  command -v go >/dev/null || { skip "go is not installed"; return; }
  command -v gcc >/dev/null || { skip "gcc is not installed"; return; }
  mkdir -p "$OUT/go"
  export GOMODCACHE=$OUT/go/modules GOCACHE=$OUT/go/cache GOFLAGS=-modcacherw GOTOOLCHAIN=local
  (cd "$HERE/go" && fetched go go mod download) || { skip "go: what it needs could not be downloaded"; return; }
  say "github.com/yalue/onnxruntime_go $(cd "$HERE/go" && go list -m -f '{{.Version}}' github.com/yalue/onnxruntime_go)"
  local status=0
  (cd "$HERE/go" && CGO_ENABLED=1 go test -count=1 -v . | grep -vE '^=== RUN') || status=1
  # Its own tests need a locale on ONNX Runtime's library.
  [[ -z ${CLIENT_THEIRS:-} ]] || return $status
  # All of its tests but the one that cancels a run after 50 ms, when the run may be over.
  local suite=github.com/yalue/onnxruntime_go names
  export ONNXRUNTIME_SHARED_LIBRARY_PATH=$LIB CGO_ENABLED=1
  names=$(cd "$HERE/go" && go test -list '^Test' "$suite" | grep '^Test' | grep -v '^TestCancelWithRunOptions_Dynamic' | paste -sd '|')
  (cd "$HERE/go" && go test -count=1 -run "^($names)\$" "$suite") || status=1
  return $status
}

rust_version() { cargo --version | sed -nE 's/^cargo ([0-9]+\.[0-9]+).*/\1/p'; }
rust_is_new() { [[ $(printf '%s\n' "$RUST_NEEDED" "$(rust_version)" | sort -V | head -n 1) == "$RUST_NEEDED" ]]; }

run_rust() {
  local hint="the crate ort needs Rust $RUST_NEEDED, as in Debian's cargo-web (of the security updates) or from rustup"
  command -v cargo >/dev/null || { skip "cargo is not installed; $hint"; return; }
  rust_is_new || { skip "cargo $(rust_version) is too old; $hint"; return; }
  mkdir -p "$OUT/rust"
  cp -r "$HERE"/rust/. "$OUT/rust/"
  export CARGO_HOME=$OUT/rust/home
  fetched crates.io cargo fetch --manifest-path "$OUT/rust/Cargo.toml" || return
  say "$(sed -nE 's/^ort = .*version = "=([^"]+)".*/crate ort \1/p' "$HERE/rust/Cargo.toml")"
  cargo test --offline --quiet --manifest-path "$OUT/rust/Cargo.toml" --test client
}

# The Debian packages that bring the tools of a client; none where a tool that came from elsewhere serves.
packages_of() {
  lacks() { ! command -v "$1" >/dev/null; }
  case $1 in
    node | huggingface) ! lacks node || echo nodejs; ! lacks npm || echo npm ;;
    java) ! lacks javac || echo default-jdk-headless ;;
    go) ! lacks go || echo golang-go; ! lacks gcc || echo gcc ;;
    rust) { ! lacks cargo && rust_is_new; } || echo cargo-web ;; # the one that is kept new enough to build browsers
  esac
}

main() {
  local clients=() client packages=
  while (($#)); do
    case $1 in
      --lib) (($# > 1)) || { echo "--lib needs a path, or theirs" >&2; return 2; }; LIB=$2; shift ;;
      --packages) packages=yes ;;
      node | java | go | rust | huggingface) clients+=("$1") ;;
      *) echo "unknown argument $1; the clients are node, huggingface, java, go and rust" >&2; return 2 ;;
    esac
    shift
  done
  ((${#clients[@]})) || clients=(node huggingface java go rust)
  if [[ $packages ]]; then
    for client in "${clients[@]}"; do packages_of "$client"; done
    return
  fi
  mkdir -p "$OUT"
  python3 "$HERE/make_models.py" "$OUT/models" || return 1
  export CLIENT_MODELS=$OUT/models ORT_DISABLE_TELEMETRY=1
  if [[ $LIB == theirs ]]; then
    npm_packages || { echo "$REASON"; return 77; }
    LIB=$THEIRS
    export CLIENT_THEIRS=1
  fi
  [[ -f $LIB ]] || { echo "there is no $LIB; ./dev build makes it" >&2; return 1; }
  LIB=$(realpath "$LIB")
  export CLIENT_LIBRARY=$LIB
  local status result=0 lines=()
  for client in "${clients[@]}"; do
    REASON=
    SECONDS=0
    "run_$client"
    status=$?
    case $status in
      0) lines+=("$client passed in $SECONDS s") ;;
      77) lines+=("$client skipped: $REASON"); ((result)) || result=77 ;;
      *) lines+=("$client FAILED"); result=1 ;;
    esac
  done
  printf 'summary: %s\n' "$(printf '%s; ' "${lines[@]}" | sed 's/; $//')"
  return $result
}

main "$@"
