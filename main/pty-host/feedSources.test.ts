import { describe, expect, it } from 'vitest';
import { FeedSources } from './feedSources.ts';
import { HOST_LIMITS } from './hostLimits.ts';

describe('FeedSources', () => {
  it('takes a range only when it continues its source', () => {
    const feeds = new FeedSources();
    expect(feeds.take('turn', 0, 10)).toEqual({ accepted: true, end: 10 });
    expect(feeds.take('turn', 0, 10)).toEqual({ accepted: false, end: 10 });
    expect(feeds.take('turn', 5, 15)).toEqual({ accepted: false, end: 10 });
    expect(feeds.take('turn', 11, 15)).toEqual({ accepted: false, end: 10 });
    expect(feeds.take('turn', 10, 15)).toEqual({ accepted: true, end: 15 });
  });

  it('tells where a source stands without drawing anything', () => {
    const feeds = new FeedSources();
    expect(feeds.take('turn', 0, 0)).toEqual({ accepted: false, end: 0 });
    feeds.take('turn', 0, 7);
    expect(feeds.take('turn', 7, 7)).toEqual({ accepted: false, end: 7 });
  });

  it('keeps sources apart and forgets only the longest unused', () => {
    const feeds = new FeedSources();
    feeds.take('first', 0, 1);
    feeds.take('second', 0, 1);
    feeds.take('first', 1, 2);
    for (let index = 0; index < HOST_LIMITS.feedSources - 1; index += 1) feeds.take(`turn ${index}`, 0, 1);
    expect(feeds.take('first', 0, 0).end).toBe(2);
    expect(feeds.take('second', 0, 0).end).toBe(0);
  });
});
