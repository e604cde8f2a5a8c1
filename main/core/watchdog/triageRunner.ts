import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TriageMeter } from '../../../contract/evidence.ts';
import type { Result } from '../../../contract/result.ts';
import type { ControlStore } from '../control/controlStore.ts';
import type { Log } from '../engineLog.ts';
import { classifyTriage, TRIAGE_LINES, type TriageInput, type TriageVerdict, triagePrompt } from './triage.ts';

/** Asks a model one question through the print command of an agent's runtime, bounded by a time in milliseconds. */
export type AskModel = (
  agentName: string,
  prompt: string,
  timeoutMs: number,
) => Promise<Result<{ readonly text: string }>>;

export interface Triaged {
  readonly verdict: TriageVerdict;
  /** The model could not be asked; the verdict is then the harmless one. */
  readonly fallback: boolean;
  readonly reason: string;
}

/** Name of the setting that holds the meter. */
const METER = 'watchdog.triageMeter';
/** Bytes of a log's end that hold its last lines. */
const TAIL_BYTES = 64 * 1024;
/** Characters a token stands for, where a runtime tells no count: an estimate. */
const CHARACTERS_PER_TOKEN = 4;
/** Log files of a turn or hook logger, best first. */
const LOG_FILES = ['session.log', 'stdout.ndjson', 'stdout.log'];

export interface TriageRunner {
  run(input: Omit<TriageInput, 'log'>, timeoutMs: number): Promise<Triaged>;
  meter(): TriageMeter;
}

/** Tier 1 (spec 01 §4.8): reads the end of the agent's newest log, asks, counts what it costs on a meter of its own. */
export function createTriageRunner(options: {
  readonly overstoryDirectory: string;
  readonly control: Pick<ControlStore, 'getSetting' | 'putSetting'>;
  readonly ask: AskModel;
  readonly log: Log;
}): TriageRunner {
  const { control } = options;

  function meter(): TriageMeter {
    const stored = control.getSetting(METER) as Partial<TriageMeter> | undefined;
    const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
    return {
      asked: count(stored?.asked),
      failed: count(stored?.failed),
      charactersIn: count(stored?.charactersIn),
      charactersOut: count(stored?.charactersOut),
      tokensIn: Math.ceil(count(stored?.charactersIn) / CHARACTERS_PER_TOKEN),
      tokensOut: Math.ceil(count(stored?.charactersOut) / CHARACTERS_PER_TOKEN),
    };
  }

  return {
    meter,
    async run(input, timeoutMs) {
      const log = await readLastLines(join(options.overstoryDirectory, 'logs', input.agentName));
      if (log === null) return { verdict: 'extend', fallback: true, reason: 'No logs available' };
      const prompt = triagePrompt({ ...input, log });
      const answer = await options.ask(input.agentName, prompt, timeoutMs);
      const before = meter();
      control.putSetting(METER, {
        ...before,
        asked: before.asked + 1,
        failed: before.failed + (answer.ok ? 0 : 1),
        charactersIn: before.charactersIn + prompt.length,
        charactersOut: before.charactersOut + (answer.ok ? answer.value.text.length : 0),
      });
      if (!answer.ok) {
        options.log('warn', `triage fallback for ${input.agentName}`, { error: answer.error.message });
        return { verdict: 'extend', fallback: true, reason: `the model could not be asked: ${answer.error.message}` };
      }
      const line = answer.value.text.trim().split('\n')[0]?.slice(0, 200) ?? '';
      return { verdict: classifyTriage(answer.value.text), fallback: false, reason: line === '' ? 'no answer' : line };
    },
  };
}

/** The last lines of an agent's newest log; null when there is none (spec 01 §4.8). */
export async function readLastLines(folder: string): Promise<string | null> {
  const names = await readdir(folder).catch(() => []);
  const newest = names
    .filter((name) => !name.startsWith('.'))
    .sort()
    .at(-1);
  if (newest === undefined) return null;
  for (const file of LOG_FILES) {
    const text = await readTail(join(folder, newest, file));
    if (text !== null) return text.trimEnd().split('\n').slice(-TRIAGE_LINES).join('\n');
  }
  return null;
}

async function readTail(path: string): Promise<string | null> {
  const handle = await open(path, 'r').catch(() => null);
  if (handle === null) return null;
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8');
  } finally {
    await handle.close();
  }
}
