import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { readServerMessage, readWelcome, SHORT_TEXT } from './serverMessages.ts';

const LONG = 'x'.repeat(SHORT_TEXT + 1);
const welcome = { t: 'welcome', protocol: 1, epoch: 'e', build: 'b', serverTime: 's', scope: 'read' };

describe('readWelcome', () => {
  it.each([[welcome], [{ t: 'refused', tag: 'config', reason: 'r' }], [{ t: 'bye', reason: 'r' }]])(
    'takes %j',
    (message) => {
      expect(readWelcome(message)).toEqual(message);
      expect(readWelcome({ ...message, more: 1 })).toEqual(message);
    },
  );

  it.each([
    [null],
    [undefined],
    [[]],
    ['welcome'],
    [{}],
    [{ ...welcome, scope: 'all' }],
    [{ ...welcome, protocol: '1' }],
    [{ ...welcome, epoch: LONG }],
    [{ ...welcome, build: undefined }],
    [{ t: 'refused', tag: 'other', reason: 'r' }],
    [{ t: 'refused', tag: 'config' }],
    [{ t: 'bye', reason: 1 }],
    [{ t: 's', i: '1', r: 1 }],
  ])('is no welcome: %j', (message) => {
    expect(readWelcome(message)).toBeNull();
  });
});

describe('readServerMessage', () => {
  it.each([
    [{ t: 's', i: '1', r: { ok: true } }],
    [{ t: 'snapshot', topic: 'a', seq: 0, state: {} }],
    [{ t: 'delta', topic: 'a', base: 0, seq: 1, delta: {} }],
    [{ t: 'current', topic: 'a', seq: 3 }],
    [{ t: 'end', stream: 1, reason: 'r' }],
    [{ t: 'part', more: false, text: '' }],
    [{ t: 'bye', reason: '' }],
  ])('takes %j', (message) => {
    expect(readServerMessage(message)).toEqual(message);
  });

  it.each([
    [null],
    [{ t: 'welcome' }],
    [{ t: 's', i: 'x'.repeat(65), r: 1 }],
    [{ t: 's', i: 1, r: 1 }],
    [{ t: 'snapshot', topic: 'a', seq: -1, state: {} }],
    [{ t: 'snapshot', topic: LONG, seq: 1, state: {} }],
    [{ t: 'delta', topic: 'a', base: 0.5, seq: 1, delta: {} }],
    [{ t: 'delta', topic: 'a', seq: 1, delta: {} }],
    [{ t: 'current', topic: 'a', seq: Number.MAX_SAFE_INTEGER + 1 }],
    [{ t: 'end', stream: 1 }],
    [{ t: 'part', more: 'yes', text: '' }],
    [{ t: 'part', more: true, text: 'x'.repeat(LIMITS.frameBytes + 1) }],
    [{ t: 'bye' }],
  ])('refuses a malformed one', (message) => {
    expect(readServerMessage(message)).toBeNull();
  });
});
