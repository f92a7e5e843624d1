// Run with --expose-gc. Memory of the process must not grow with the sessions and runs made.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { ort, open, floats } = require('./common.cjs');
const { Tensor } = ort;

// AddressSanitizer keeps freed memory for a while, and reports leaks itself.
const limit = (mb) => (process.env.CLIENT_SANITIZER ? 10 * mb : mb);

async function settled() {
  for (let i = 0; i < 3; ++i) {
    global.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().rss / 1048576;
}

// Growth in MB from the end of the warm-up to the end of all cycles.
async function growth(cycles, warm, body) {
  let before;
  for (let i = 0; i < warm + cycles; ++i) {
    if (i === warm) before = await settled();
    await body();
    if (i % 100 === 99) await settled();
  }
  return (await settled()) - before;
}

test('1000 sessions are created, run and released', async (t) => {
  const x = floats([1, 3], 1, 2, 3);
  const mb = await growth(1000, 200, async () => {
    const session = await open('dynamic', { intraOpNumThreads: 1 });
    assert.equal((await session.run({ x })).y.data.length, 2);
    await session.release();
  });
  t.diagnostic(`grew by ${mb.toFixed(1)} MB`);
  assert.ok(mb < limit(8), `grew by ${mb} MB`);
});

test('sessions that are dropped without release are collected', async (t) => {
  const mb = await growth(600, 200, async () => {
    const session = await open('loop', { intraOpNumThreads: 1 });
    assert.equal(session.inputNames.length, 2);
  });
  t.diagnostic(`grew by ${mb.toFixed(1)} MB`);
  assert.ok(mb < limit(16), `grew by ${mb} MB`);
});

test('2000 runs with outputs of 256 KB, and errors between them', async (t) => {
  const session = await open('identity_float32');
  const x = new Tensor('float32', new Float32Array(65536), [256, 256]);
  const wrong = new Tensor('int32', new Int32Array(65536), [256, 256]);
  const mb = await growth(2000, 500, async () => {
    assert.equal((await session.run({ x })).y.size, 65536);
    await assert.rejects(session.run({ x: wrong }));
  });
  t.diagnostic(`grew by ${mb.toFixed(1)} MB`);
  assert.ok(mb < limit(16), `grew by ${mb} MB`);
  await session.release();
});
