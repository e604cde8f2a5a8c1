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
  expect(parseDeepLink(link)).toEqual(target);
});
