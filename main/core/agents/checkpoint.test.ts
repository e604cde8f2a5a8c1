import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '../../../contract/result.ts';
import {
  type Checkpoint,
  clearCheckpoint,
  completeHandoff,
  initiateHandoff,
  listHandoffs,
  loadCheckpoint,
  resumeHandoff,
  saveCheckpoint,
} from './checkpoint.ts';

const NOW = Date.parse('2026-03-05T14:00:00.000Z');
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const checkpoint = (extra: Partial<Checkpoint> = {}): Checkpoint => ({
  agentName: 'liz',
  taskId: 'T-1',
  sessionId: 'session-1',
  timestamp: '2026-03-05T13:00:00.000Z',
  progressSummary: 'half of it\n## not a heading',
  filesModified: ['a.ts'],
  currentBranch: 'overstory/liz/T-1',
  pendingWork: 'the other half',
  mulchDomains: ['cli'],
  ...extra,
});

function value<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
const failure = (result: Result<unknown>): string => (result.ok ? 'it worked' : result.error.message);

describe('checkpoints', () => {
  it('SP63: are saved, loaded, overwritten and cleared; none is null, and clearing none is silent', async () => {
    expect(value(await loadCheckpoint(folder, 'liz'))).toBeNull();
    value(await clearCheckpoint(folder, 'liz'));
    value(await saveCheckpoint(folder, checkpoint()));
    expect(value(await loadCheckpoint(folder, 'liz'))).toEqual(checkpoint());
    value(await saveCheckpoint(folder, checkpoint({ pendingWork: 'little' })));
    expect(value(await loadCheckpoint(folder, 'liz'))?.pendingWork).toBe('little');
    expect(Object.keys(JSON.parse(await readFile(join(folder, 'liz', 'checkpoint.json'), 'utf8')))).toEqual(
      Object.keys(checkpoint()),
    );
    value(await clearCheckpoint(folder, 'liz'));
    expect(value(await loadCheckpoint(folder, 'liz'))).toBeNull();
  });

  it.each(['{', '{}', '[]', '{"agentName":1}'])(
    'SP63: a damaged file %j is told in one line and kept',
    async (text) => {
      await mkdir(join(folder, 'liz'));
      await writeFile(join(folder, 'liz', 'checkpoint.json'), text);
      const line = failure(await loadCheckpoint(folder, 'liz'));
      expect(line).toMatch(/checkpoint\.json cannot be read .*repair it or remove it$/);
      expect(line).not.toContain('\n');
      expect(await readFile(join(folder, 'liz', 'checkpoint.json'), 'utf8')).toBe(text);
    },
  );

  it('never leave the folder of agents', async () => {
    expect(failure(await saveCheckpoint(folder, checkpoint({ agentName: '../liz' })))).toContain('no agent name');
    expect(failure(await loadCheckpoint(folder, '..'))).toContain('no agent name');
  });
});

describe('handoffs', () => {
  it('SP64: add up, and each names checkpoint, reason and time', async () => {
    value(await initiateHandoff(folder, checkpoint(), 'crash', NOW));
    value(await initiateHandoff(folder, checkpoint({ sessionId: 'session-2' }), 'compaction', NOW + 1));
    expect(value(await listHandoffs(folder, 'liz'))).toEqual([
      {
        fromSessionId: 'session-1',
        toSessionId: null,
        checkpoint: checkpoint(),
        reason: 'crash',
        handoffAt: '2026-03-05T14:00:00.000Z',
      },
      expect.objectContaining({ fromSessionId: 'session-2', reason: 'compaction' }),
    ]);
  });

  it('SP64: the newest pending one is resumed and completed, which clears its checkpoint', async () => {
    value(await initiateHandoff(folder, checkpoint(), 'manual', NOW));
    value(await initiateHandoff(folder, checkpoint({ sessionId: 'session-2' }), 'timeout', NOW));
    expect(value(await resumeHandoff(folder, 'liz'))?.fromSessionId).toBe('session-2');
    expect(value(await completeHandoff(folder, 'liz', 'session-3'))).toMatchObject({
      fromSessionId: 'session-2',
      toSessionId: 'session-3',
    });
    expect(value(await loadCheckpoint(folder, 'liz'))).toBeNull();
    expect(value(await listHandoffs(folder, 'liz')).map((handoff) => handoff.toSessionId)).toEqual([null, 'session-3']);
  });

  it('SP64: nothing is resumed without a handoff, without a pending one, or without its checkpoint', async () => {
    expect(value(await resumeHandoff(folder, 'liz'))).toBeNull();
    value(await initiateHandoff(folder, checkpoint(), 'crash', NOW));
    value(await clearCheckpoint(folder, 'liz'));
    expect(value(await resumeHandoff(folder, 'liz'))).toBeNull();
    value(await saveCheckpoint(folder, checkpoint()));
    value(await completeHandoff(folder, 'liz', 'session-2'));
    value(await saveCheckpoint(folder, checkpoint()));
    expect(value(await resumeHandoff(folder, 'liz'))).toBeNull();
  });

  it('SP64: completing where none is pending says so', async () => {
    expect(failure(await completeHandoff(folder, 'liz', 'session-2'))).toContain('No pending handoff of liz');
  });

  it('a checkpoint that was saved since the handoff outlives its completion', async () => {
    value(await initiateHandoff(folder, checkpoint(), 'crash', NOW));
    const later = checkpoint({ timestamp: '2026-03-05T15:00:00.000Z' });
    value(await saveCheckpoint(folder, later));
    value(await completeHandoff(folder, 'liz', 'session-2'));
    expect(value(await loadCheckpoint(folder, 'liz'))).toEqual(later);
  });

  it('loses none when several are noted at once', async () => {
    await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        initiateHandoff(folder, checkpoint({ sessionId: `session-${index}` }), 'crash', NOW),
      ),
    );
    expect(value(await listHandoffs(folder, 'liz'))).toHaveLength(8);
  });
});
