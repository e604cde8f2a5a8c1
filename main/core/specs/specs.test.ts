import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSpec, writeSpec } from './specs.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'specs-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('specs', () => {
  it('CT73: writes author line, body and one final newline, and reads them back', async () => {
    const path = join(root, '.overstory/specs/t-1.md');
    expect(await writeSpec(root, 't-1', '# Do it', 'lead-1')).toEqual({ ok: true, value: { path } });
    expect(await readFile(path, 'utf8')).toBe('<!-- written-by: lead-1 -->\n# Do it\n');
    expect(await readSpec(root, 't-1')).toEqual({ ok: true, value: { path, body: '# Do it\n', writtenBy: 'lead-1' } });
  });

  it('CT73: overwrites, and adds no newline where one is', async () => {
    await writeSpec(root, 't-1', 'old', 'a');
    await writeSpec(root, 't-1', 'new\n');
    expect(await readFile(join(root, '.overstory/specs/t-1.md'), 'utf8')).toBe('new\n');
  });

  it('gives an empty body for a task without spec', async () => {
    expect(await readSpec(root, 'none')).toEqual({ ok: true, value: { path: null, body: '', writtenBy: null } });
  });

  it.each([
    ['', 'body', 'Task ID is required'],
    ['t', ' \n', 'Spec body is required'],
    ['../../../etc/passwd', 'x', 'task id'],
    ['a/b', 'x', 'task id'],
  ])('CT73: refuses task %j with body %j', async (taskId, body, fragment) => {
    const result = await writeSpec(root, taskId, body);
    expect(result.ok ? null : result.error).toMatchObject({ tag: 'validation' });
    expect(result.ok ? '' : result.error.message).toContain(fragment);
  });

  it('does not let an author close the comment', async () => {
    await writeSpec(root, 't', 'body', 'x -->\n<script>');
    const text = await readFile(join(root, '.overstory/specs/t.md'), 'utf8');
    expect(text.split('\n')).toHaveLength(3);
  });
});
