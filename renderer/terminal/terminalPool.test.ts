import { describe, expect, test } from 'vitest';
import { createTerminalPool } from './terminalPool.ts';

function pool(most: number) {
  const made: string[] = [];
  const gone: string[] = [];
  const terminals = createTerminalPool((id) => {
    made.push(id);
    return { id, dispose: () => gone.push(id) };
  }, most);
  const visit = (id: string) => {
    terminals.acquire(id);
    terminals.release(id);
  };
  return { made, gone, terminals, visit };
}

describe('pool of live terminals', () => {
  test('keeps the last ones shown and throws away the one not shown for longest', () => {
    const { visit, gone, made } = pool(2);
    visit('a');
    visit('b');
    visit('a');
    visit('c');
    expect(gone).toEqual(['b']);
    visit('a');
    expect(made).toEqual(['a', 'b', 'c']);
    visit('b');
    expect(made).toEqual(['a', 'b', 'c', 'b']);
    expect(gone).toEqual(['b', 'c']);
  });

  test('never throws away what is on screen, even when that is more than it holds', () => {
    const { terminals, gone } = pool(1);
    terminals.acquire('a');
    terminals.acquire('b');
    expect(terminals.size).toBe(2);
    terminals.release('a');
    expect(gone).toEqual(['a']);
    expect(terminals.peek('b')).toBeDefined();
  });

  test('two views of one terminal share it until both are gone', () => {
    const { terminals, gone } = pool(0);
    const first = terminals.acquire('a');
    expect(terminals.acquire('a')).toBe(first);
    terminals.release('a');
    expect(gone).toEqual([]);
    terminals.release('a');
    expect(gone).toEqual(['a']);
  });

  test('forgets a closed terminal, but not one on screen', () => {
    const { terminals, gone, visit } = pool(3);
    visit('a');
    terminals.acquire('b');
    terminals.forget('a');
    terminals.forget('b');
    terminals.release('unknown');
    expect(gone).toEqual(['a']);
    expect(terminals.size).toBe(1);
  });
});
