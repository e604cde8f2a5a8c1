import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAmount, netTotal, parseAmount } from '../src/index.ts';

test('amounts survive reading and writing', () => {
  for (const text of ['0.00', '12.34', '-5.07', '1000.00']) assert.equal(formatAmount(parseAmount(text)), text);
});

test('a malformed amount is refused', () => {
  assert.throws(() => parseAmount('12,3'), RangeError);
});

test('the net total counts quantities', () => {
  const lines = [
    { text: 'seat', quantity: 3, unitPrice: 1_000 },
    { text: 'setup', quantity: 1, unitPrice: 2_550 },
  ];
  assert.equal(netTotal({ id: '1', customer: 'Ada', lines }), 5_550);
});
