'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { withSession } = require('./common.cjs');

const library = process.env.CLIENT_LIBRARY;

test('the library under test is the one that is loaded', { skip: !library && 'CLIENT_LIBRARY is not set' }, () =>
  withSession('add', {}, () => {
    const maps = fs.readFileSync('/proc/self/maps', 'utf8').split('\n');
    const loaded = new Set(maps.filter((line) => /libonnxruntime\.so/.test(line)).map((line) => line.replace(/^.*? \//, '/')));
    const same = (a, b) => fs.readFileSync(a).equals(fs.readFileSync(b));
    assert.equal(loaded.size, 1);
    assert.ok(same([...loaded][0], library), `${[...loaded]} is loaded, not ${library}`);
  }));
