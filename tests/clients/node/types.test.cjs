'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { ort, withSession, extended } = require('./common.cjs');
const { Tensor } = ort;

// onnxruntime-node refuses 4-bit tensors, and ONNX Runtime has no kernel for them.
const noKernel = (!extended || process.env.CLIENT_THEIRS) && 'ONNX Runtime cannot run them';

// float16 is 1, -2, infinity, the smallest subnormal, 65504 and -0.
const half = Uint16Array.from([0x3c00, 0xc000, 0x7c00, 0x0001, 0x7bff, 0x8000]);
const Half = globalThis.Float16Array;
const data = {
  float32: Float32Array.from([0, -1.5, Infinity, NaN, 1e-40, 3.4e38]),
  float64: Float64Array.from([0, -1.5, -Infinity, NaN, 5e-324, 1.7e308]),
  float16: Half ? new Half(half.buffer) : half,
  int8: Int8Array.from([0, 1, -1, 127, -128, 5]),
  uint8: Uint8Array.from([0, 1, 2, 127, 128, 255]),
  int16: Int16Array.from([0, 1, -1, 32767, -32768, 5]),
  uint16: Uint16Array.from([0, 1, 2, 32767, 32768, 65535]),
  int32: Int32Array.from([0, 1, -1, 2147483647, -2147483648, 5]),
  uint32: Uint32Array.from([0, 1, 2, 2147483648, 4294967295, 5]),
  int64: BigInt64Array.from([0n, 1n, -1n, 9223372036854775807n, -9223372036854775808n, 5n]),
  uint64: BigUint64Array.from([0n, 1n, 2n, 18446744073709551615n, 9223372036854775808n, 5n]),
  bool: Uint8Array.from([0, 1, 1, 0, 1, 0]),
  string: ['', 'plain', 'ünïcødé', '日本語', 'a\nb', '😀 and more than fifteen characters'],
};

for (const [type, values] of Object.entries(data)) {
  test(`${type}: there and back, of any shape`, () =>
    withSession(`identity_${type}`, {}, async (session) => {
      assert.deepEqual(session.inputMetadata[0], { name: 'x', isTensor: true, type, shape: ['n', 'm'] });
      assert.equal(session.outputMetadata[0].type, type);
      for (const dims of [[2, 3], [6, 1]]) {
        const { y } = await session.run({ x: new Tensor(type, values, dims) });
        assert.equal(y.type, type);
        assert.deepEqual([...y.dims], dims);
        assert.equal(y.data.constructor, values.constructor);
        assert.deepEqual(Array.from(y.data), Array.from(values));
      }
      const none = await session.run({ x: new Tensor(type, values.slice(0, 0), [0, 3]) });
      assert.deepEqual([...none.y.dims], [0, 3]);
      assert.equal(none.y.data.length, 0);
    }));
}

test('a view into the middle of a buffer', () =>
  withSession('identity_float32', {}, async (session) => {
    const whole = Float32Array.from([9, 9, 1, 2, 3, 9]);
    const { y } = await session.run({ x: new Tensor('float32', whole.subarray(2, 5), [1, 3]) });
    assert.deepEqual([...y.data], [1, 2, 3]);
  }));

test('numbers and booleans in arrays', async () => {
  await withSession('identity_bool', {}, async (session) => {
    const { y } = await session.run({ x: new Tensor('bool', [true, false, true], [3, 1]) });
    assert.deepEqual([...y.data], [1, 0, 1]);
  });
  await withSession('identity_int64', {}, async (session) => {
    const { y } = await session.run({ x: new Tensor('int64', [1, -2], [1, 2]) });
    assert.deepEqual([...y.data], [1n, -2n]);
  });
});

test('strings are concatenated by the model', () =>
  withSession('strings', {}, async (session) => {
    const a = new Tensor(['x', 'grün', ''], [3]);
    const { joined } = await session.run({ a, b: new Tensor(['1', '€', ''], [3]) });
    assert.deepEqual(joined.data, ['x1', 'grün€', '']);
  }));

test('outputs are fed back', () =>
  withSession('identity_float32', {}, async (session) => {
    let x = new Tensor('float32', new Float32Array(100000).fill(3), [1000, 100]);
    for (let i = 0; i < 20; ++i) x = (await session.run({ x })).y;
    assert.ok(x.data.every((value) => value === 3));
  }));

test('4-bit integers, two to a byte', { skip: noKernel }, async () => {
  for (const type of ['uint4', 'int4']) {
    await withSession(`identity_${type}`, {}, async (session) => {
      assert.equal(session.inputMetadata[0].type, type);
      const { y } = await session.run({ x: new Tensor(type, Uint8Array.from([0x21, 0x03]), [1, 3]) });
      assert.equal(y.type, type);
      assert.deepEqual([...y.dims], [1, 3]);
      assert.deepEqual([...y.data], [0x21, 0x03]);
    });
  }
});
