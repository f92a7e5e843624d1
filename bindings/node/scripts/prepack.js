// Before npm pack: puts the header, the addon and the library into the package, so that installing compiles nothing.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { library } = require('../lib/library.js');

const root = path.join(__dirname, '..');
const prebuilt = path.join(root, 'prebuilt', `${process.platform}-${process.arch}`);
const repository = process.env.SARDONYX_INCLUDE || path.join(root, '..', '..', 'include');

function copy(from, folder) {
  fs.mkdirSync(folder, { recursive: true });
  const to = path.join(folder, path.basename(from));
  if (path.resolve(from) !== path.resolve(to)) fs.copyFileSync(from, to);
}

copy(path.join(repository, 'onnxruntime', 'onnxruntime_c_api.h'), path.join(root, 'include', 'onnxruntime'));
copy(path.join(root, 'build', 'sardonyx.node'), prebuilt);
copy(library(), prebuilt);
