import { describe, expect, it } from 'vitest';
import { detectMailPoll } from './mailPoll.ts';

describe('mail-poll detection (spec 01 §5.6)', () => {
  it.each([
    'until ov mail list; do sleep 1; done',
    'until ov mail check --agent x; do sleep 5; done',
    'until   ov   mail   list ;  do  sleep 1 ;  done',
    'until ov mail list\ndo\nsleep 1\ndone',
    'until\tov mail list;\tdo sleep 1; done',
  ])('B1: %j', (command) => expect(detectMailPoll(command)).toBe('until ov mail loop'));

  it.each([
    'while ! ov mail check; do sleep 5; done',
    'while !ov mail list; do sleep 1; done',
    'while ! ov mail list --unread; do sleep 1; done',
  ])('B2: %j', (command) => expect(detectMailPoll(command)).toBe('while-not ov mail loop'));

  it.each([
    'until [ "$(ov mail list --unread | wc -l)" -gt 0 ]; do sleep 2; done',
    'while [ -z "$(ov mail check)" ]; do sleep 1; done',
    'while [ "$(ov mail list --json)" = "[]" ]; do sleep 1; done',
    'until ! ov mail check; do sleep 1; done',
    'while ov mail list; do sleep 1; done',
  ])('B3: %j', (command) => expect(detectMailPoll(command)).toBe('ov mail piped condition'));

  it.each([
    'ov mail check',
    'for i in 1 2 3; do ov mail send --to x; done',
    'while read line; do echo "$line"; done < file',
    'until ov mail list; do true; done',
    'while true; do ov mail check; sleep 5; done',
    'for i in 1 2; do ov mail check; sleep 1; done',
    undefined,
    null,
    42,
    '',
  ])('B4: %j is none', (command) => expect(detectMailPoll(command)).toBeNull());

  it('B5: says the same every time, and finds the loop that follows an innocent one', () => {
    const poll = 'while read x; do sleep 1; done; until ov mail list; do sleep 1; done';
    for (let times = 0; times < 5; times++) expect(detectMailPoll(poll)).toBe('until ov mail loop');
    expect([detectMailPoll(poll), detectMailPoll('ls'), detectMailPoll(poll)]).toEqual([
      'until ov mail loop',
      null,
      'until ov mail loop',
    ]);
  });
});
