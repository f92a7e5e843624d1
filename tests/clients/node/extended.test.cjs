// What the package sardonyx does beyond onnxruntime-node.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { Worker } = require('node:worker_threads');
const { pathToFileURL } = require('node:url');
const { ort, model, models, name, open, floats, withSession, extended } = require('./common.cjs');
const { InferenceSession, Tensor } = ort;

if (extended) {
  const six = () => floats([2, 3], 1, 2, 3, 4, 5, 6);
  const long = { n: new Tensor('int64', [200000n], []), x: new Tensor('float32', new Float32Array(4096).fill(1), [64, 64]) };

  test('a run leaves the event loop free', () =>
    withSession('loop', { intraOpNumThreads: 1 }, async (session) => {
      let ticks = 0;
      const timer = setInterval(() => ++ticks, 5);
      const { y } = await session.run({ ...long, n: new Tensor('int64', [50000n], []) });
      clearInterval(timer);
      assert.equal(y.data[17], 1);
      assert.ok(ticks >= 3, `${ticks} ticks`);
    }));

  test('runs can be ended', () =>
    withSession('loop', { intraOpNumThreads: 1 }, async (session) => {
      await assert.rejects(session.run(long, { terminate: true }), /terminate/i);
      const controller = new AbortController();
      const started = performance.now();
      const promise = session.run(long, { signal: controller.signal });
      setTimeout(() => controller.abort(), 20);
      await assert.rejects(promise, { name: 'AbortError' });
      await assert.rejects(session.run(long, { signal: controller.signal }), { name: 'AbortError' });
      assert.ok(performance.now() - started < 1000, `${performance.now() - started} ms`);
      const { y } = await session.run({ ...long, n: new Tensor('int64', [2n], []) });
      assert.equal(y.data[0], 1);
    }));

  test('releasing a session lets runs under way end', async () => {
    const session = await open('loop', { intraOpNumThreads: 1 });
    const run = session.run({ ...long, n: new Tensor('int64', [5000n], []) });
    await session.release();
    assert.equal((await run).y.data[0], 1);
  });

  test('free extents are fixed', () =>
    withSession('dynamic', { freeDimensionOverrides: { batch: 2 } }, async (session) => {
      assert.deepEqual(session.inputMetadata[0].shape, [2, 3]);
      assert.equal((await session.run({ x: six() })).y.data.length, 4);
      await assert.rejects(session.run({ x: floats([1, 3], 1, 2, 3) }), /Got invalid dimensions for input: x/);
    }));

  test('an initializer is replaced for a run', () =>
    withSession('overridable', { logSeverityLevel: 4 }, async (session) => {
      assert.deepEqual([...session.inputNames], ['x']);
      assert.deepEqual([...(await session.run({ x: floats([2], 1, 1) })).y.data], [10, 100]);
      assert.deepEqual([...(await session.run({ x: floats([2], 1, 1), scale: floats([2], 5, 7) })).y.data], [5, 7]);
    }));

  test('errors carry the code of the library', async () => {
    await assert.rejects(open('not_there'), { code: 'ORT_NO_SUCHFILE' });
    await withSession('add', {}, (session) =>
      assert.rejects(session.run({ a: floats([1], 1), b: six() }), { code: 'ORT_INVALID_ARGUMENT' }));
  });

  test('a buffer that is transferred while it is read changes nothing', () =>
    withSession('loop', { intraOpNumThreads: 1 }, async (session) => {
      const data = new Float32Array(4096).fill(2);
      const run = session.run({ n: new Tensor('int64', [5000n], []), x: new Tensor('float32', data, [64, 64]) });
      structuredClone(data.buffer, { transfer: [data.buffer] });
      assert.ok((await run).y.data.every((value) => value === 2));
    }));

  test('outputs that are fed back, changed and transferred', () =>
    withSession('identity_float32', {}, async (session) => {
      const first = (await session.run({ x: new Tensor('float32', new Float32Array(65536).fill(1), [256, 256]) })).y;
      first.data.fill(5);
      const run = session.run({ x: first });
      const second = (await run).y;
      assert.ok(second.data.every((value) => value === 5));
      first.data.fill(6);
      assert.equal(second.data[0], 5);
    }));

  test('tensors that are not sound are refused', () =>
    withSession('add', {}, async (session) => {
      const grown = six();
      grown.dims.push(2);
      await assert.rejects(session.run({ a: grown, b: six() }), /Tensor.data has 24 bytes; its dims need 48/);
      const gone = six();
      gone.dispose();
      await assert.rejects(session.run({ a: gone, b: six() }), Error);
      const shared = new Tensor('float32', new Float32Array(new SharedArrayBuffer(24)), [2, 3]);
      await assert.rejects(session.run({ a: shared, b: six() }), /must lie in an ArrayBuffer/);
      const strange = { type: 'float32', dims: [2, 3], data: 'text', location: 'cpu' };
      await assert.rejects(session.run({ a: strange, b: six() }), /must be a typed array/);
      await assert.rejects(session.run({ a: { ...strange, dims: [2, -3] }, b: six() }), /dims\[1\] is invalid/);
      await assert.rejects(session.run({ a: { ...strange, dims: [2 ** 40, 2 ** 40] }, b: six() }), /too large/);
      await assert.rejects(session.run({ a: { ...strange, type: 'complex' }, b: six() }), /'complex' is not supported/);
      await assert.rejects(session.run({ a: { ...strange, location: 'gpu-buffer' }, b: six() }), /gpu-buffer/);
      assert.equal((await session.run({ a: six(), b: six() })).sum.data[5], 12);
    }));

  test('devices that there are not are refused', async () => {
    await assert.rejects(open('add', { preferredOutputLocation: 'gpu-buffer' }), /preferredOutputLocation/);
    await assert.rejects(open('add', { enableGraphCapture: true }), /enableGraphCapture/);
    await withSession('add', { preferredOutputLocation: { sum: 'cpu' } }, async () => {});
  });

  test('strings with zero bytes in them', () =>
    withSession('identity_string', {}, async (session) => {
      const { y } = await session.run({ x: new Tensor('string', ['a\0b', '\0'], [1, 2]) });
      assert.deepEqual(y.data, ['a\0b', '\0']);
    }));

  test('an output array of strings is filled', () =>
    withSession('strings', {}, async (session) => {
      const joined = new Tensor('string', ['', ''], [2]);
      await session.run({ a: new Tensor(['a', 'b'], [2]), b: new Tensor(['1', '2'], [2]) }, { joined });
      assert.deepEqual(joined.data, ['a1', 'b2']);
    }));

  test('types that JavaScript has no arrays for are named', () =>
    withSession('identity_bfloat16', {}, async (session) => {
      assert.equal(session.inputMetadata[0].type, 'bfloat16');
    }));

  test('external data from a path, a Blob and a SharedArrayBuffer', async () => {
    const bytes = new Uint8Array(new Float32Array([1, 1, 1, 2]).buffer);
    const shared = new SharedArrayBuffer(16);
    new Uint8Array(shared).set(bytes);
    const fs = require('node:fs');
    for (const [data, last] of [[model('external.bin'), 4], [new Blob([bytes]), 2], [shared, 2]]) {
      const session = await InferenceSession.create(fs.readFileSync(model('external.onnx')), { externalData: [{ path: './external.bin', data }] });
      assert.equal((await session.run({ x: floats([4], 1, 1, 1, 1) })).y.data[3], last);
      await session.release();
    }
    await assert.rejects(InferenceSession.create(model('external.onnx'), { externalData: [{ path: 'external.bin', data: 5 }] }), /externalData/);
  });

  test('worker threads have sessions of their own', async () => {
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { InferenceSession, Tensor } = require(workerData.name);
      (async () => {
        const session = await InferenceSession.create(workerData.file);
        const x = new Tensor('float32', new Float32Array(300).fill(workerData.i), [100, 3]);
        let last;
        for (let k = 0; k < 20; ++k) last = (await session.run({ x })).y.data[199];
        parentPort.postMessage(last);
      })();`;
    const results = await Promise.all([1, 2, 3].map((i) => new Promise((resolve, reject) => {
      const worker = new Worker(code, { eval: true, workerData: { name, file: model('dynamic.onnx'), i } });
      worker.once('message', resolve);
      worker.once('error', reject);
    })));
    assert.deepEqual(results, [12, 24, 36]);
  });

  test('a worker thread that is stopped in a run', async () => {
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { InferenceSession, Tensor } = require(workerData.name);
      (async () => {
        const session = await InferenceSession.create(workerData.file);
        session.run({ n: new Tensor('int64', [20000n], []), x: new Tensor('float32', new Float32Array(4096), [64, 64]) });
        parentPort.postMessage('running');
      })();`;
    const worker = new Worker(code, { eval: true, workerData: { name, file: model('loop.onnx') } });
    await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
  });

  // Runs a program in another process; the function create(file) is there.
  const run = (code, environment = {}) => spawnSync(process.execPath, ['-e', `
      const { InferenceSession, Tensor } = require(${JSON.stringify(name)});
      const create = (file) => InferenceSession.create(process.env.CLIENT_MODELS + '/' + file);
      (async () => { ${code} })();`], { env: { ...process.env, ...environment }, encoding: 'utf8' });

  test('a library that cannot be opened, and one that is another', () => {
    const report = `try { await create('add.onnx'); } catch (error) { console.log(error.message); }`;
    assert.match(run(report, { SARDONYX_LIBRARY: '/nowhere/lib.so' }).stdout, /\/nowhere\/lib\.so: cannot open/);
    assert.match(run(report, { SARDONYX_LIBRARY: model('add.onnx') }).stdout, /add\.onnx: /);
  });

  test('a process that exits in a run', () => {
    const { status, signal, stderr } = run(`
      const session = await create('loop.onnx');
      session.run({ n: new Tensor('int64', [50000n], []), x: new Tensor('float32', new Float32Array(4096), [64, 64]) });
      setTimeout(() => process.exit(7), 20);`);
    assert.deepEqual([status, signal], [7, null], stderr);
  });

  test('sessions that nobody releases', () => {
    const { status, stderr } = run(`
      const sessions = await Promise.all([create('add.onnx'), create('dynamic.onnx'), create('loop.onnx')]);
      await sessions[1].run({ x: new Tensor('float32', new Float32Array(3), [1, 3]) });`);
    assert.deepEqual([status, stderr], [0, '']);
  });

  test('the same classes by import and by require', async () => {
    const path = require.resolve(name);
    const imported = await import(path.endsWith('index.js') ? pathToFileURL(path.replace(/index\.js$/, 'index.mjs')).href : name);
    assert.equal(imported.InferenceSession, InferenceSession);
    assert.equal(imported.default.Tensor, Tensor);
    assert.equal(typeof imported.listSupportedBackends, 'function');
    assert.ok(models);
  });
}
