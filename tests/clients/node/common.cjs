// What the tests of the Node packages share. CLIENT_PACKAGE is the package under test, CLIENT_MODELS the folder of
// models; CLIENT_FEATURES=extended for the package sardonyx, which does more than onnxruntime-node (docs/node.md).
'use strict';
const path = require('node:path');

const name = process.env.CLIENT_PACKAGE || 'onnxruntime-node';
const ort = require(name);
const { InferenceSession, Tensor } = ort;
const models = process.env.CLIENT_MODELS;

const model = (file) => path.join(models, file);
const open = (file, options) => InferenceSession.create(model(`${file}.onnx`), options);
const floats = (dims, ...values) => new Tensor('float32', values, dims);

// Runs body with a session that is released afterwards.
async function withSession(file, options, body) {
  const session = await open(file, options);
  try {
    return await body(session);
  } finally {
    await session.release();
  }
}

module.exports = { ort, model, models, open, floats, withSession, name, extended: process.env.CLIENT_FEATURES === 'extended' };
