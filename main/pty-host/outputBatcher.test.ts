import { describe, expect, it } from 'vitest';
import { createManualScheduler } from '../../contract/wire/manualScheduler.ts';
import { OutputBatcher } from './outputBatcher.ts';

function setUp() {
  const scheduler = createManualScheduler(1_000);
  const batches: string[] = [];
  const batcher = new OutputBatcher({ maxBytes: 8, maxMs: 5 }, scheduler, (bytes) =>
    batches.push(Buffer.from(bytes).toString()),
  );
  return { scheduler, batches, batcher, push: (text: string) => batcher.push(Buffer.from(text)) };
}

describe('OutputBatcher', () => {
  it('lets the first bytes after a quiet moment leave at once and joins what follows', () => {
    const { scheduler, batches, push } = setUp();
    push('a');
    push('b');
    push('c');
    expect(batches).toEqual(['a']);
    scheduler.advance(5);
    expect(batches).toEqual(['a', 'bc']);
    scheduler.advance(5);
    push('d');
    expect(batches).toEqual(['a', 'bc', 'd']);
    expect(scheduler.waiting).toBe(0);
  });

  it('does not wait with a full batch', () => {
    const { batches, push } = setUp();
    push('a');
    push('12345');
    push('678');
    expect(batches).toEqual(['a', '12345678']);
  });

  it('flushes on demand, in order, and never an empty batch', () => {
    const { scheduler, batches, batcher, push } = setUp();
    push('a');
    push('b');
    batcher.flush();
    batcher.flush();
    push('');
    expect(batches).toEqual(['a', 'b']);
    scheduler.advance(100);
    expect(batches).toEqual(['a', 'b']);
  });
});
