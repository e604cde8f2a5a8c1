import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readScript } from './script.ts';
import { STEP_KINDS } from './steps.ts';

const DOCUMENT = join(import.meta.dirname, '../../docs/rehearsal.md');

describe('docs/rehearsal.md', () => {
  it('describes every step', async () => {
    const document = await readFile(DOCUMENT, 'utf8');
    for (const kind of STEP_KINDS) expect(document).toMatch(new RegExp(`^\\| \`${kind}[:\`]`, 'm'));
  });

  it('has examples that are valid scripts', async () => {
    const document = await readFile(DOCUMENT, 'utf8');
    const specs = [...document.matchAll(/^````markdown\n([\s\S]*?)^````$/gm)].map((match) => match[1] ?? '');
    expect(specs.length).toBeGreaterThanOrEqual(6);
    for (const spec of specs) {
      const roles = spec.includes('rehearsal reviewer') ? ['reviewer', 'merger'] : ['builder'];
      for (const capability of roles) {
        const script = readScript(spec, 'docs/rehearsal.md', { agent: 'someone', capability });
        expect(script).toMatchObject({ ok: true, value: { lineOf: expect.any(Function) } });
      }
    }
  });
});
