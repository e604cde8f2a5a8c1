import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoctorCheck, DoctorReport } from '../../../contract/doctor.ts';
import { type ChaosProject, createChaosProject } from '../../core/chaos/chaosProject.ts';
import { describeReport } from './doctor.ts';

let project: ChaosProject;
beforeEach(async () => {
  project = await createChaosProject();
});
afterEach(() => project.dispose());

describe('ov doctor', { timeout: 180_000 }, () => {
  it('ends with 1 while a check fails, mends it, and ends with 0', async () => {
    await rm(join(project.root, '.overstory', 'specs'), { recursive: true });
    const found = await project.ov(['doctor', '--category', 'structure']);
    expect(found.code).toBe(1);
    expect(found.stdout).toContain('x Required subdirectories: folders of the scaffold are missing');
    expect(found.stdout).toContain('→ specs');
    expect(found.stdout).toContain('1 failure\n');
    const mended = await project.ov(['doctor', '--category', 'structure', '--fix', '--json']);
    expect(mended.code).toBe(0);
    const report = JSON.parse(mended.stdout) as DoctorReport & { fixed: string[]; success: boolean };
    expect(report).toMatchObject({
      success: true,
      fixed: ['Required subdirectories: made specs'],
      summary: { fail: 0 },
    });
  });

  it('looks over, and mends, a project whose engine cannot start', async () => {
    await writeFile(join(project.root, '.overstory', 'config.yaml'), 'agents:\n  maxConcurrent: -1\n');
    await rm(join(project.root, '.overstory', 'specs'), { recursive: true });
    const mended = await project.ov(['doctor', '--fix', '--json']);
    expect(mended.code).toBe(1);
    const report = JSON.parse(mended.stdout) as DoctorReport & { fixed: string[] };
    expect(report.fixed).toEqual(['Required subdirectories: made specs']);
    expect(report.checks.filter((check) => check.status === 'fail').map((check) => check.id)).toEqual([
      'config/config-valid',
    ]);
  });

  it('an unknown category is one line that names them all', async () => {
    const answer = await project.ov(['doctor', '--category', 'wifi']);
    expect(answer).toMatchObject({ code: 1, stdout: '' });
    expect(answer.stderr).toMatch(
      /^Error \[VALIDATION_ERROR\]: there is no category "wifi": use one of dependencies, .*serve\n$/,
    );
  });

  it('passing checks show only when asked for; the counts agree with their nouns', () => {
    const check: DoctorCheck = {
      id: 'logs/a',
      name: 'a',
      category: 'logs',
      status: 'pass',
      message: 'good',
      details: [],
      fix: null,
    };
    const report = { checks: [check], summary: { pass: 1, warn: 0, fail: 1 }, fixed: [], notFixed: ['b: no'] };
    expect(describeReport(report, false)).toEqual(['1 check passed, 0 warnings, 1 failure', 'Not fixed:', '  b: no']);
    expect(describeReport(report, true)).toContain('  - a: good');
  });
});

describe('ov drill', { timeout: 240_000 }, () => {
  it('prints each step as it is seen and ends with 0; a kind nobody knows is one line', async () => {
    const drill = await project.ov(['drill', 'quota']);
    expect(drill.stdout).toMatch(
      /✓ the agent takes its task[\s\S]*✓ the operator is called[\s\S]*passed: 6 of 6 steps/,
    );
    expect(drill.code).toBe(0);
    const results = JSON.parse((await project.ov(['drill', 'results', '--json'])).stdout) as { results: unknown[] };
    expect(results.results).toHaveLength(1);
    expect((await project.ov(['drill', 'flood'])).stderr).toContain('use one of crash, quota, lostMail, hang, loop');
  });
});
