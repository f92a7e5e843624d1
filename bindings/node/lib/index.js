// onnxruntime-common with the CPU backend of this package.
'use strict';
const common = require('onnxruntime-common');
const { backend, listSupportedBackends } = require('./backend.js');
const { version } = require('../package.json');

// Above onnxruntime-node's 100, so that this backend is the one used when both are loaded, if it is loaded first.
common.registerBackend('cpu', backend, 110);
Object.defineProperty(common.env.versions, 'node', { value: version, enumerable: true, configurable: true });

module.exports = { ...common, listSupportedBackends };
