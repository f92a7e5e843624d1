'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { ort, model, open, floats, withSession } = require('./common.cjs');
const { InferenceSession, Tensor } = ort;

const six = () => floats([2, 3], 1, 2, 3, 4, 5, 6);
const rejects = (promise, pattern) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof Error, `${error} is an Error`);
  assert.match(error.message, pattern);
  return true;
});

test('files that cannot be opened', async () => {
  await rejects(open('not_there'), /not_there\.onnx failed\. File doesn't exist/);
  await rejects(open('garbage'), /^Load model from .*garbage\.onnx failed:/);
  await rejects(open('empty'), /^Load model from .*empty\.onnx failed:/);
  await rejects(open('unknown_operator'), /NoSuchOperator/);
  await rejects(InferenceSession.create(fs.readFileSync(model('garbage.onnx'))), /Failed to load model because protobuf parsing failed/);
  await rejects(InferenceSession.create(fs.readFileSync(model('add.onnx')).subarray(0, 60)), /protobuf parsing failed|No graph/);
});

test('inputs of the wrong extent, rank or type; the session lives on', () =>
  withSession('add', {}, async (session) => {
    const b = six();
    await rejects(session.run({ a: floats([2, 4], 1, 2, 3, 4, 5, 6, 7, 8), b }),
      /^Got invalid dimensions for input: a for the following indices\s+index: 1 Got: 4 Expected: 3/);
    await rejects(session.run({ a: floats([6], 1, 2, 3, 4, 5, 6), b }), /^Invalid rank for input: a Got: 1 Expected: 2/);
    await rejects(session.run({ a: new Tensor('int32', new Int32Array(6), [2, 3]), b }),
      /^Unexpected input data type. Actual: \(tensor\(int32\)\) , expected: \(tensor\(float\)\)/);
    await rejects(session.run({ a: six() }), /input 'b' is missing in 'feeds'/);
    await rejects(session.run({ a: six(), b }, ['nope']), /invalid output name: nope/);
    await rejects(session.run({ a: six(), b: 3 }), /Tensor must be an object|must be a Tensor/);
    await rejects(session.run({ a: six(), b }, { sum: floats([2, 2], 0, 0, 0, 0) }), /[Gg]ot invalid dimensions for output: sum/);
    assert.equal((await session.run({ a: six(), b })).sum.data[5], 12);
  }));

test('a string tensor with something else in it', () =>
  withSession('strings', {}, async (session) => {
    const b = new Tensor(['1', '2'], [2]);
    await rejects(session.run({ a: new Tensor('string', ['x', 3], [2]), b }), /must be a string/);
    assert.deepEqual((await session.run({ a: b, b })).joined.data, ['11', '22']);
  }));

test('a node that fails says which', () =>
  withSession('reshape', { logSeverityLevel: 4 }, async (session) => {
    const x = floats([6], 1, 2, 3, 4, 5, 6);
    const shape = (...sizes) => new Tensor('int64', sizes.map(BigInt), [sizes.length]);
    await rejects(session.run({ x, shape: shape(4, 4) }), /reshape_y/);
    assert.deepEqual([...(await session.run({ x, shape: shape(3, 2) })).y.dims], [3, 2]);
  }));

test('session options that make no sense', async () => {
  await rejects(open('add', { graphOptimizationLevel: 'most' }), /graphOptimizationLevel/);
  await rejects(open('add', { executionMode: 'both' }), /executionMode/);
  await rejects(open('add', { intraOpNumThreads: -1 }), /intraOpNumThreads/);
  await rejects(open('add', { intraOpNumThreads: 'x' }), /intraOpNumThreads/);
  await rejects(open('add', { interOpNumThreads: 1.5 }), /interOpNumThreads/);
  await rejects(open('add', { logSeverityLevel: 9 }), /logSeverityLevel/);
  await rejects(open('add', { logId: 5 }), /logId/);
  await rejects(open('add', { extra: { unknown: { key: 1 } } }), /extra/);
  await rejects(open('add', { executionProviders: ['nope'] }), /no available backend found/);
});

test('a session that was released', async () => {
  const session = await open('add');
  await session.release();
  await rejects(session.run({ a: six(), b: six() }), /Session already disposed/);
  await rejects(session.release(), /Session already disposed/);
  assert.throws(() => session.endProfiling(), /Session already disposed/);
});
