// Pipelines of @huggingface/transformers, unchanged, with local models; expected.json says what PyTorch computed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.CLIENT_MODULES}/`);
const { env, pipeline } = require('@huggingface/transformers');
const expected = JSON.parse(fs.readFileSync(new URL('expected.json', import.meta.url)));

env.allowRemoteModels = false;
env.allowLocalModels = true;
env.localModelPath = fileURLToPath(new URL('models/', import.meta.url));

const near = (actual, wanted, what) => assert.ok(Math.abs(actual - wanted) < 1e-5, `${what}: ${actual}, expected ${wanted}`);
const load = (task, model) => pipeline(task, model, { dtype: 'fp32', device: 'cpu' });

test('the binding is the one under test', () => {
  assert.equal(require('onnxruntime-node/package.json').name, process.env.CLIENT_PACKAGE ?? 'onnxruntime-node');
});

test('text classification', async () => {
  const classify = await load('text-classification', 'tiny-classifier');
  const scores = await classify(expected.text, { top_k: 3 });
  const order = [2, 1, 0];
  assert.deepEqual(scores.map(({ label }) => label), ['HIGH', 'MIDDLE', 'LOW']);
  scores.forEach(({ score }, i) => near(score, expected.classes[order[i]], `class ${i}`));
  const batch = await classify([expected.text, 'a dog runs .', expected.text]);
  near(batch[2].score, expected.classes[2], 'the third of a batch with padding');
  await classify.dispose();
});

test('feature extraction', async () => {
  const embed = await load('feature-extraction', 'tiny-embedder');
  const output = await embed(expected.text, { pooling: 'mean', normalize: true });
  assert.deepEqual(output.dims, [1, 16]);
  expected.embedding.forEach((value, i) => near(output.data[i], value, `element ${i}`));
  await embed.dispose();
});

test('fill mask', async () => {
  const fill = await load('fill-mask', 'tiny-masked');
  const guesses = await fill(expected.blank, { top_k: 3 });
  expected.guesses.forEach(([word, score], i) => {
    assert.equal(guesses[i].token_str, word);
    near(guesses[i].score, score, word);
  });
  await fill.dispose();
});

test('token classification', async () => {
  const tag = await load('token-classification', 'tiny-tagger');
  const tags = await tag(expected.text, { ignore_labels: [] });
  assert.equal(tags.length, expected.tags.length);
  expected.tags.forEach((name, i) => near(tags[i].score, Math.max(name, 1 - name), `token ${i}`));
  await tag.dispose();
});

test('text generation, with a cache of keys and values', async () => {
  const generate = await load('text-generation', 'tiny-gpt2');
  const [{ generated_text }] = await generate('the dog', { max_new_tokens: 12, do_sample: false });
  const { model } = JSON.parse(fs.readFileSync(new URL('models/tiny-gpt2/tokenizer.json', import.meta.url)));
  assert.equal(generated_text, generate.tokenizer.decode(expected.generated.map((word) => model.vocab[word])));
  await generate.dispose();
});
