'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { ort, model, open, floats, withSession } = require('./common.cjs');
const { InferenceSession, Tensor } = ort;

const six = () => floats([2, 3], 1, 2, 3, 4, 5, 6);

test('a session from a path: names, metadata, run', () =>
  withSession('add', {}, async (session) => {
    assert.deepEqual([...session.inputNames], ['a', 'b']);
    assert.deepEqual([...session.outputNames], ['sum']);
    assert.deepEqual(session.inputMetadata[0], { name: 'a', isTensor: true, type: 'float32', shape: [2, 3] });
    const { sum } = await session.run({ a: six(), b: six() });
    assert.equal(sum.type, 'float32');
    assert.deepEqual([...sum.dims], [2, 3]);
    assert.deepEqual([...sum.data], [2, 4, 6, 8, 10, 12]);
    assert.equal(sum.location, 'cpu');
  }));

test('a session from bytes, in every form', async () => {
  const bytes = fs.readFileSync(model('add.onnx'));
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const padded = new Uint8Array(bytes.length + 7);
  padded.set(bytes, 5);
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  const forms = [[bytes], [copy], [padded.buffer, 5, bytes.length], [padded.subarray(5, 5 + bytes.length)], [copy, {}]];
  if (process.env.CLIENT_FEATURES === 'extended') forms.push([shared]);
  for (const form of forms) {
    const session = await InferenceSession.create(...form);
    const { sum } = await session.run({ a: six(), b: six() });
    assert.equal(sum.data[5], 12);
    await session.release();
  }
});

test('symbolic extents keep their names and take any size', () =>
  withSession('dynamic', {}, async (session) => {
    assert.deepEqual(session.inputMetadata[0].shape, ['batch', 3]);
    assert.deepEqual(session.outputMetadata[0].shape, ['batch', 2]);
    for (const rows of [1, 4, 2, 0, 17]) {
      const x = new Tensor('float32', new Float32Array(rows * 3).fill(1), [rows, 3]);
      const { y } = await session.run({ x });
      assert.deepEqual([...y.dims], [rows, 2]);
      for (let row = 0; row < rows; ++row) assert.deepEqual([...y.data.slice(row * 2, row * 2 + 2)], [9, 12]);
    }
  }));

test('only the outputs that are asked for', () =>
  withSession('several', {}, async (session) => {
    const x = floats([1, 2], -1, 2);
    assert.deepEqual(Object.keys(await session.run({ x })).sort(), ['negated', 'positive', 'shape']);
    const two = await session.run({ x }, ['shape', 'positive']);
    assert.deepEqual(Object.keys(two).sort(), ['positive', 'shape']);
    assert.deepEqual([...two.shape.data], [1n, 2n]);
    assert.deepEqual([...two.positive.data], [0, 2]);
    const { negated } = await session.run({ x }, { negated: null });
    assert.deepEqual([...negated.data], [1, -2]);
  }));

test('an output tensor of the caller is written', () =>
  withSession('add', {}, async (session) => {
    const sum = new Tensor('float32', new Float32Array(6), [2, 3]);
    const result = await session.run({ a: six(), b: six() }, { sum }, {});
    assert.deepEqual([...sum.data], [2, 4, 6, 8, 10, 12]);
    assert.deepEqual([...result.sum.data], [2, 4, 6, 8, 10, 12]);
  }));

test('inputs that the model does not have are left out', () =>
  withSession('add', {}, async (session) => {
    const { sum } = await session.run({ a: six(), b: six(), other: six() });
    assert.equal(sum.data[0], 2);
  }));

test('values that are not tensors say so in the metadata; the tensors beside them can be had', () =>
  withSession('classifier', {}, async (session) => {
    assert.deepEqual(session.outputMetadata[1], { name: 'probabilities', isTensor: false });
    const x = floats([2, 2], 3, 1, 1, 2);
    const { label } = await session.run({ x }, ['label']);
    assert.deepEqual([...label.data], ['left', 'right']);
    await assert.rejects(session.run({ x }), /[Nn]on tensor type/);
  }));

test('session options that are known', async () => {
  const options = {
    executionProviders: ['cpu'], intraOpNumThreads: 2, interOpNumThreads: 1, enableCpuMemArena: false, enableMemPattern: false,
    executionMode: 'parallel', logId: 'a test', logSeverityLevel: 3, logVerbosityLevel: 0,
    extra: { session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: '0' } }, unknown: { key: 'value' } },
  };
  for (const graphOptimizationLevel of ['disabled', 'basic', 'extended', 'layout', 'all']) {
    await withSession('dynamic', { ...options, graphOptimizationLevel }, async (session) => {
      const { y } = await session.run({ x: floats([1, 3], 1, 1, 1) });
      assert.deepEqual([...y.data], [9, 12]);
    });
  }
  await withSession('add', { executionProviders: [{ name: 'cpu', useArena: true }] }, async (session) => {
    assert.equal((await session.run({ a: six(), b: six() })).sum.data[1], 4);
  });
});

test('weights in another file, found beside the model or handed over', async () => {
  const x = floats([4], 1, 2, 3, 4);
  await withSession('external', {}, async (session) => {
    assert.deepEqual([...(await session.run({ x })).y.data], [1, 4, 9, 16]);
  });
  const data = new Uint8Array(new Float32Array([10, 20, 30, 40]).buffer);
  const externalData = [{ path: 'external.bin', data }];
  const session = await InferenceSession.create(fs.readFileSync(model('external.onnx')), { externalData });
  assert.deepEqual([...(await session.run({ x })).y.data], [10, 40, 90, 160]);
  await session.release();
});

test('the optimised model is written and runs', async () => {
  const file = `${fs.mkdtempSync('/tmp/client-')}/optimised.onnx`;
  await withSession('dynamic', { optimizedModelFilePath: file, graphOptimizationLevel: 'basic' }, async () => {
    const again = await InferenceSession.create(file);
    assert.deepEqual([...(await again.run({ x: floats([1, 3], 1, 1, 1) })).y.data], [9, 12]);
    await again.release();
  });
});

test('profiling writes a trace that is JSON', async () => {
  const folder = fs.mkdtempSync('/tmp/client-');
  await withSession('add', { enableProfiling: true, profileFilePrefix: `${folder}/trace` }, async (session) => {
    session.startProfiling();
    await session.run({ a: six(), b: six() });
    session.endProfiling();
    const files = fs.readdirSync(folder);
    assert.equal(files.length, 1);
    assert.match(files[0], /^trace_.*\.json$/);
    const events = JSON.parse(fs.readFileSync(`${folder}/${files[0]}`, 'utf8'));
    assert.ok(events.some((event) => event.cat === 'Node' && event.args?.op_name === 'Add'), 'an event of the Add node');
    assert.ok(events.some((event) => event.cat === 'Session'), 'an event of the session');
  });
});

test('run options', () =>
  withSession('add', {}, async (session) => {
    const options = { tag: 'a run', logSeverityLevel: 3, logVerbosityLevel: 0, extra: { unknown: { key: 'value' } } };
    for (const terminate of [undefined, false]) {
      const { sum } = await session.run({ a: six(), b: six() }, { ...options, terminate });
      assert.equal(sum.data[0], 2);
    }
  }));

test('several sessions at once, each run many times', async () => {
  const files = ['add', 'dynamic', 'several', 'add', 'dynamic', 'several'];
  const sessions = await Promise.all(files.map((file) => open(file, { intraOpNumThreads: 1 })));
  const feeds = { add: () => ({ a: six(), b: six() }), dynamic: (i) => ({ x: new Tensor('float32', new Float32Array(3 * i).fill(i), [i, 3]) }),
    several: (i) => ({ x: floats([1, 2], -i, i) }) };
  const runs = [];
  for (let i = 1; i <= 50; ++i) {
    sessions.forEach((session, k) => {
      runs.push(session.run(feeds[files[k]](i)).then((result) => {
        if (files[k] === 'add') assert.equal(result.sum.data[5], 12);
        if (files[k] === 'dynamic') assert.deepEqual([result.y.dims[0], result.y.data[0]], [i, 9 * i]);
        if (files[k] === 'several') assert.deepEqual([...result.positive.data], [0, i]);
      }));
    });
  }
  await Promise.all(runs);
  await Promise.all(sessions.map((session) => session.release()));
});

test('the package and its providers', () => {
  const cpu = ort.listSupportedBackends().find((backend) => backend.name === 'cpu');
  assert.deepEqual(cpu, { name: 'cpu', bundled: true });
  assert.equal(typeof ort.env.versions.node, 'string');
});
