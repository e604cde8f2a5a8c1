import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createDrafts, DRAFT_KINDS, DRAFT_LIMITS, type DraftEntry, withDraft } from './drafts.ts';

const entry = (name: string, more: Partial<DraftEntry> = {}): DraftEntry => ({
  project: '/p',
  kind: 'mail',
  name,
  at: 1_000,
  value: { body: 'words' },
  ...more,
});

describe('what is kept of drafts', () => {
  it('whatever is written: never more than the bounds, and nothing else is pushed out by it', () => {
    const draft = fc.record({
      project: fc.constantFrom('/p', '/q'),
      kind: fc.constantFrom(...DRAFT_KINDS),
      name: fc.string({ maxLength: 3 }),
      at: fc.constant(1_000),
      value: fc.constantFrom('a', 'b'.repeat(290_000), 'c'.repeat(400_000)),
    });
    fc.assert(
      fc.property(fc.array(draft, { maxLength: 12 }), (drafts) => {
        let held: readonly DraftEntry[] = [];
        for (const one of drafts) {
          const next = withDraft(held, one);
          if (next === null) continue;
          expect(next).toContain(one);
          expect(held.filter((former) => !next.includes(former)).length).toBeLessThanOrEqual(1);
          held = next;
        }
        expect(JSON.stringify(held).length).toBeLessThanOrEqual(DRAFT_LIMITS.allCharacters);
      }),
      { numRuns: 20 },
    );
  });

  it('refuses one more when there are too many, until one is old', () => {
    const full = Array.from({ length: DRAFT_LIMITS.count }, (_, at) => entry(String(at)));
    expect(withDraft(full, entry('more'))).toBeNull();
    expect(withDraft(full, entry('3', { value: 'other' }))).toHaveLength(DRAFT_LIMITS.count);
    const later = entry('more', { at: 1_000 + DRAFT_LIMITS.ageMs });
    expect(withDraft(full, later)).toEqual([later]);
  });
});

describe('the shelf', () => {
  function shelf() {
    const held = new Map<string, string>();
    const said: string[] = [];
    let project: string | null = '/p';
    const storage = {
      getItem: (key: string) => held.get(key) ?? null,
      setItem: (k: string, v: string) => held.set(k, v),
    };
    const parts = { storage, project: () => project, now: () => 1_000, refused: (words: string) => said.push(words) };
    return {
      held,
      said,
      drafts: createDrafts(parts),
      goTo: (root: string | null) => {
        project = root;
      },
      parts,
    };
  }
  const Body = z.object({ body: z.string() });

  it('gives back what another page of the project kept, and nothing of another project', () => {
    const { drafts, parts, goTo } = shelf();
    drafts.keep('mail', 'ada', { body: 'one' });
    createDrafts(parts).keep('mail', 'ben', { body: 'two' });
    expect(drafts.read(Body, 'mail', 'ada')).toEqual({ body: 'one' });
    expect([...drafts.list(Body, 'mail')]).toEqual([
      ['ada', { body: 'one' }],
      ['ben', { body: 'two' }],
    ]);
    expect(drafts.read(Body, 'reply', 'ada')).toBeNull();
    goTo('/q');
    expect(drafts.read(Body, 'mail', 'ada')).toBeNull();
    drafts.keep('mail', 'ada', null);
    goTo('/p');
    drafts.keep('mail', 'ada', null);
    expect([...drafts.list(Body, 'mail').keys()]).toEqual(['ben']);
  });

  it('keeps nothing while the project is not known, and reads nothing that is not a draft', () => {
    const { drafts, held, goTo } = shelf();
    goTo(null);
    drafts.keep('mail', 'ada', { body: 'one' });
    expect(held.size).toBe(0);
    goTo('/p');
    drafts.keep('mail', 'ada', { other: true });
    expect(drafts.read(Body, 'mail', 'ada')).toBeNull();
    for (const [key] of held) held.set(key, '{"not":');
    expect(drafts.list(Body, 'mail').size).toBe(0);
  });

  it('tells once when words are too long, or the storage refuses', () => {
    const { drafts, said, held, parts } = shelf();
    drafts.keep('mail', 'ada', { body: 'x'.repeat(DRAFT_LIMITS.characters) });
    drafts.keep('mail', 'ada', { body: 'y'.repeat(DRAFT_LIMITS.characters) });
    expect(said).toHaveLength(1);
    expect(held.size).toBe(0);
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new Error('full');
      },
    };
    createDrafts({ ...parts, storage: full }).keep('mail', 'ada', { body: 'z' });
    expect(said).toHaveLength(2);
  });
});
