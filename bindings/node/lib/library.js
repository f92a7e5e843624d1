// Where the addon and the library are.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const prebuilt = path.join(root, 'prebuilt', `${process.platform}-${process.arch}`);
const file = process.platform === 'darwin' ? 'libonnxruntime.dylib' : 'libonnxruntime.so.1';

const addon = () => {
  const places = [path.join(prebuilt, 'sardonyx.node'), path.join(root, 'build', 'sardonyx.node')];
  const found = places.find((place) => fs.existsSync(place));
  if (!found) throw new Error(`the addon of the package sardonyx is not built: npm rebuild sardonyx (looked for ${places.join(', ')})`);
  return require(found);
};

// SARDONYX_LIBRARY, else the one in the package, else the one of the repository that the package is in.
const library = () => {
  const places = [path.join(prebuilt, file), path.join(root, '..', '..', 'build', 'release', 'lib', file)];
  const found = process.env.SARDONYX_LIBRARY || places.find((place) => fs.existsSync(place));
  if (!found) throw new Error(`${file} was not found; set SARDONYX_LIBRARY to its path (looked for ${places.join(', ')})`);
  return path.resolve(found);
};

module.exports = { addon, library };
