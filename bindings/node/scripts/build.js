// Compiles the addon with CMake into build/sardonyx.node. --unless-prebuilt: does nothing when the package brings one.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const prebuilt = path.join(root, 'prebuilt', `${process.platform}-${process.arch}`, 'sardonyx.node');

// The folder of onnxruntime/onnxruntime_c_api.h: the package's own, else the repository's.
function include() {
  const places = [process.env.SARDONYX_INCLUDE, path.join(root, 'include'), path.join(root, '..', '..', 'include')];
  const found = places.find((place) => place && fs.existsSync(path.join(place, 'onnxruntime', 'onnxruntime_c_api.h')));
  if (!found) throw new Error('onnxruntime_c_api.h was not found; set SARDONYX_INCLUDE to the folder above onnxruntime/');
  return found;
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error) throw new Error(`${command}: ${error.message} (the package needs CMake and a C++20 compiler)`);
  if (status !== 0) process.exit(status ?? 1);
}

// CMake's own choice is make, which Debian's cmake and compilers come without. A folder keeps what it was made with.
function generator(folder) {
  if (['Makefile', 'build.ninja'].some((file) => fs.existsSync(path.join(folder, file)))) return [];
  fs.rmSync(folder, { recursive: true, force: true });
  if (process.env.CMAKE_GENERATOR) return [];
  const has = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
  return has('make') || !has('ninja') ? [] : ['-G', 'Ninja'];
}

function main() {
  if (process.argv.includes('--unless-prebuilt') && fs.existsSync(prebuilt)) return;
  const folder = path.join(root, 'build');
  const addonApi = path.dirname(require.resolve('node-addon-api/package.json'));
  const headers = require('node-api-headers').include_dir;
  run('cmake', ['-S', root, '-B', folder, ...generator(folder), '-DCMAKE_BUILD_TYPE=Release', `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${folder}`,
    `-DSARDONYX_INCLUDE=${include()}`, `-DNODE_ADDON_API=${addonApi}`, `-DNODE_API_HEADERS=${headers}`]);
  run('cmake', ['--build', folder, '--parallel']);
}

main();
