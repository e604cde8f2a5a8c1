import { expect, test } from 'vitest';
import { parseDeepLink } from './deepLinks.ts';

test.each([
  ['overstory://project/agent/builder-csv', { screen: 'terminals', agent: 'builder-csv' }],
  ['overstory://project/agent/builder-csv/', { screen: 'terminals', agent: 'builder-csv' }],
  ['overstory://project/board', { screen: 'board' }],
  ['overstory://project/settings', null],
  ['overstory://project/constructor', null],
  ['overstory://project/agent', null],
  ['overstory://project/agent/..%2f..', null],
  ['overstory://project/agent/a/b', null],
  ['overstory://elsewhere/agent/a', null],
  ['https://project/agent/a', null],
  ['nonsense', null],
])('%s', (link, target) => {
  expect(parseDeepLink(link)?.target ?? null).toEqual(target);
});

test('a link may name the project it is about', () => {
  expect(parseDeepLink('overstory://project/mail')?.project).toBeNull();
  expect(parseDeepLink('overstory://project/mail?id=0123456789abcdef')?.project).toBe('0123456789abcdef');
  expect(parseDeepLink('overstory://project/mail?id=../shop')).toBeNull();
});
