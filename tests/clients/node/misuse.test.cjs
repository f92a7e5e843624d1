// Arguments that make no sense: each gives an Error and leaves the session as it was.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { ort, model, open, floats, withSession, extended } = require('./common.cjs');
const { InferenceSession, Tensor } = ort;

const six = () => floats([2, 3], 1, 2, 3, 4, 5, 6);
const fails = (promise, what) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof Error && error.message.length > 0, `${what}: ${error}`);
  return true;
});

test('models that are none', async () => {
  const bytes = fs.readFileSync(model('add.onnx'));
  const wrong = [undefined, null, 5, true, {}, [], Symbol('x'), () => {}, new Date(), '', '/', 'add\0.onnx', new Uint8Array(0),
    new ArrayBuffer(0), new ArrayBuffer(64), Uint8Array.from(bytes).fill(255), bytes.subarray(1), new Float32Array(8)];
  for (const item of wrong) await fails((async () => InferenceSession.create(item))(), `create(${String(item)})`);
  for (const args of [[bytes.buffer, -1], [bytes.buffer, 0, 1 << 30], [bytes.buffer, 'x'], [bytes.buffer, 1.5], [model('add.onnx'), 5]]) {
    await fails((async () => InferenceSession.create(...args))(), `create(…, ${args.slice(1)})`);
  }
});

test('feeds and fetches that are none', () =>
  withSession('add', {}, async (session) => {
    const feeds = { a: six(), b: six() };
    const run = (...args) => (async () => session.run(...args))();
    for (const item of [undefined, null, 5, 'a', six(), { a: null, b: six() }, { a: 5, b: six() }, { a: six() }, {}, { a: {}, b: {} },
      { a: [1, 2, 3, 4, 5, 6], b: six() }, { a: new Float32Array(6), b: six() }]) {
      await fails(run(item), 'feeds');
    }
    for (const item of [null, 5, 'sum', [], [5], [null], ['sum', 'other'], ['a'], six(),
      { sum: new Tensor('int32', new Int32Array(6), [2, 3]) }]) {
      await fails(run(feeds, item), 'fetches');
    }
    await fails(run(feeds, ['sum'], 5), 'options');
    for (const options of [{ tag: 5 }, { logSeverityLevel: 'x' }, { logSeverityLevel: 7 }, { logSeverityLevel: NaN }]) {
      await fails(run(feeds, options), `options ${JSON.stringify(options)}`);
    }
    const { sum } = await session.run(feeds);
    assert.equal(sum.data[5], 12);
  }));

test('an exception of a getter reaches the caller', () =>
  withSession('add', {}, async (session) => {
    const thrower = (name, rest) => Object.defineProperty({ ...rest }, name, { enumerable: true, get() { throw new RangeError('from a getter'); } });
    const expected = { name: 'RangeError', message: 'from a getter' };
    await assert.rejects((async () => session.run(thrower('a', { b: six() })))(), expected);
    await assert.rejects((async () => session.run({ a: thrower('dims', { type: 'float32', data: new Float32Array(6) }), b: six() }))(), Error);
    await assert.rejects((async () => session.run({ a: six(), b: six() }, thrower('tag')))(), expected);
    await assert.rejects((async () => open('add', thrower('logId')))(), expected);
    assert.equal((await session.run({ a: six(), b: six() })).sum.data[0], 2);
  }));

test('tensors that were disposed of', () =>
  withSession('add', {}, async (session) => {
    const gone = six();
    gone.dispose();
    await fails((async () => session.run({ a: gone, b: six() }))(), 'a disposed input');
    await fails((async () => session.run({ a: six(), b: six() }, { sum: gone }))(), 'a disposed output');
    const { sum } = await session.run({ a: six(), b: six() });
    sum.dispose();
    assert.throws(() => sum.data, /disposed/);
    assert.equal((await session.run({ a: six(), b: six() })).sum.data[0], 2);
  }));

test('release while runs are waiting or under way', async () => {
  for (let i = 0; i < 20; ++i) {
    const session = await open('dynamic', { intraOpNumThreads: 1 });
    const runs = [1, 2, 3, 4].map((rows) => session.run({ x: new Tensor('float32', new Float32Array(rows * 3).fill(1), [rows, 3]) }));
    const released = session.release();
    for (const result of await Promise.allSettled(runs)) {
      if (result.status === 'fulfilled') assert.equal(result.value.y.data[0], 9);
      else assert.match(result.reason.message, /disposed/);
    }
    await released;
    await assert.rejects(session.run({ x: floats([1, 3], 1, 1, 1) }), /Session already disposed/);
  }
});

test('runs of one session at once, good and bad ones mixed', () =>
  withSession('dynamic', { intraOpNumThreads: 2 }, async (session) => {
    const runs = [];
    for (let i = 1; i <= 60; ++i) {
      const dims = i % 3 === 0 ? [1, 2] : [i, 3];
      runs.push(session.run({ x: new Tensor('float32', new Float32Array(dims[0] * dims[1]).fill(i), dims) }));
    }
    (await Promise.allSettled(runs)).forEach((result, k) => {
      const i = k + 1;
      if (i % 3 === 0) assert.match(result.reason.message, /^Got invalid dimensions for input: x/);
      else assert.equal(result.value.y.data[i * 2 - 2], 9 * i);
    });
  }));

if (extended) {
  test('options that dispose of the session they are for', async () => {
    const session = await open('add');
    const options = { get tag() { session.release(); return 'a tag'; } };
    assert.equal((await session.run({ a: six(), b: six() }, options)).sum.data[5], 12);
    await assert.rejects(session.run({ a: six(), b: six() }), /Session already disposed/);
  });

  test('views whose properties say something else', () =>
    withSession('add', {}, async (session) => {
      const lie = (name, value) => {
        const data = new Float32Array(6);
        Object.defineProperty(data, name, { value });
        return new Tensor('float32', data, [2, 3]);
      };
      for (const [name, value] of [['byteOffset', 2 ** 40], ['byteOffset', -4], ['byteOffset', NaN], ['byteLength', 2 ** 40], ['byteLength', {}],
        ['byteOffset', 4], ['buffer', new ArrayBuffer(4)], ['buffer', null]]) {
        await assert.rejects(session.run({ a: lie(name, value), b: six() }), Error);
        await assert.rejects(session.run({ a: six(), b: six() }, { sum: lie(name, value) }), Error);
      }
    }));

  test('strings and sizes that do not fit allocate nothing', () =>
    withSession('strings', {}, async (session) => {
      const b = new Tensor(['1'], [1]);
      for (const dims of [[2 ** 33], [2 ** 53 - 1], [2 ** 40, 2 ** 23], [2 ** 40, 2 ** 40]]) {
        const a = new Tensor('string', ['x'], [1]);
        a.dims.splice(0, 1, ...dims);
        await assert.rejects(session.run({ a, b }), /wrong length|too large/);
        await assert.rejects(session.run({ a: b, b }, { joined: a }), /wrong length|too large/);
      }
      await assert.rejects(session.run({ a: { type: 'string', dims: [1], data: { length: 1 }, location: 'cpu' }, b }), /array of strings/);
      await withSession('identity_float32', {}, (other) =>
        assert.rejects(other.run({ x: { type: 'float32', dims: [2 ** 52, 2 ** 7], data: new Float32Array(0), location: 'cpu' } }), /too large/));
    }));

  test('extra options that contain themselves', async () => {
    const extra = {};
    extra.again = extra;
    await assert.rejects(open('add', { extra }), /nested too deeply/);
    await withSession('add', {}, (session) => assert.rejects(session.run({ a: six(), b: six() }, { extra }), /nested too deeply/));
  });

  test('a worker thread that is stopped while it opens sessions', async () => {
    const { Worker } = require('node:worker_threads');
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { InferenceSession } = require(workerData.name);
      for (let i = 0; i < 8; ++i) InferenceSession.create(workerData.file);
      InferenceSession.create(workerData.file).then(() => parentPort.postMessage('opened'));
      parentPort.postMessage('opening');`;
    for (let i = 0; i < 5; ++i) {
      const worker = new Worker(code, { eval: true, workerData: { name: process.env.CLIENT_PACKAGE, file: model('dynamic.onnx') } });
      await new Promise((resolve) => worker.once('message', resolve));
      await worker.terminate();
    }
  });
}
