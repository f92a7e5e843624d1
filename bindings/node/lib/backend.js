// The backend interface of onnxruntime-common.
'use strict';
const fs = require('node:fs/promises');
const { fileURLToPath } = require('node:url');
const { env } = require('onnxruntime-common');
const { addon, library } = require('./library.js');

const LOG_LEVELS = ['verbose', 'info', 'warning', 'error', 'fatal'];
const native = addon();
let loaded = false;

function load() {
  if (loaded) return;
  const level = LOG_LEVELS.indexOf(env.logLevel ?? 'warning');
  if (level < 0) throw new Error(`Unsupported log level: ${env.logLevel}`);
  native.load(library(), level);
  loaded = true;
}

// What externalData may hold, as bytes.
async function bytesOf(data) {
  if (data instanceof Uint8Array) return data;
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data);
  if (typeof Blob !== 'undefined' && data instanceof Blob) return new Uint8Array(await data.arrayBuffer());
  if (typeof data === 'string') return fs.readFile(data.startsWith('file:') ? fileURLToPath(data) : data);
  throw new TypeError("'externalData' must hold paths, Blobs, Uint8Arrays or ArrayBuffers.");
}

// A Uint8Array over an ArrayBuffer: the addon cannot read shared memory.
const unshared = (bytes) => (bytes.buffer instanceof ArrayBuffer ? bytes : Uint8Array.from(bytes));

async function externalData(list) {
  if (!Array.isArray(list)) throw new TypeError("'externalData' must be an array.");
  return Promise.all(list.map(async (item) => {
    const { path, data } = typeof item === 'string' ? { path: item, data: item } : item;
    return { path: path.replace(/^\.\//, ''), data: unshared(await bytesOf(data)) };
  }));
}

class SessionHandler {
  #session;

  constructor(session) {
    this.#session = session;
    this.inputMetadata = session.inputs;
    this.outputMetadata = session.outputs;
    this.inputNames = this.inputMetadata.map(({ name }) => name);
    this.outputNames = this.outputMetadata.map(({ name }) => name);
  }

  async run(feeds, fetches, options) {
    const { signal } = options;
    if (!signal) return this.#session.run(feeds, fetches, options);
    signal.throwIfAborted();
    const { promise, terminate } = this.#session.start(feeds, fetches, options);
    signal.addEventListener('abort', terminate);
    try {
      return await promise;
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', terminate);
    }
  }

  // Profiling starts with the session when enableProfiling is set.
  startProfiling() {}

  endProfiling() {
    return this.#session.endProfiling();
  }

  async dispose() {
    this.#session.dispose();
  }
}

class Backend {
  async init() {
    load();
  }

  async createInferenceSessionHandler(pathOrBytes, options = {}) {
    load();
    const model = typeof pathOrBytes === 'string' && pathOrBytes.startsWith('file:') ? fileURLToPath(pathOrBytes) : pathOrBytes;
    const files = options.externalData === undefined ? undefined : await externalData(options.externalData);
    const all = files === undefined ? options : { ...plain(options), externalData: files };
    return new SessionHandler(await native.Session.create(typeof model === 'string' ? model : unshared(model), all));
  }
}

// onnxruntime-common hands over a proxy that computes executionProviders only when asked for it by name.
const plain = (options) => ({ ...options, executionProviders: options.executionProviders });

module.exports = { backend: new Backend(), listSupportedBackends: () => [{ name: 'cpu', bundled: true }] };
