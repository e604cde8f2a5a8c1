import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, type Result } from '../../contract/result.ts';
import type { Identity, StepContext, StepOutcome } from './context.ts';
import { pause } from './context.ts';
import { parseTurnInput } from './mailBatch.ts';
import type { Output, TurnEnd } from './output.ts';
import { performStep } from './perform.ts';
import {
  acceptTurn,
  branchCursor,
  type Cursor,
  type Frame,
  nextCursor,
  scriptPath,
  stepAt,
  stepsOf,
} from './progress.ts';
import { readScript, type Script } from './script.ts';
import { type Session, saveSession } from './session.ts';
import type { Step } from './steps.ts';

/** Milliseconds between two steps at a pace of 1: long enough to be watched, short enough to be borne. */
const STEP_PAUSE_MS = 400;

/** Everything one turn needs. */
export interface TurnSetting {
  /** From the environment; a depth or parent it does not name comes from the conversation's beacon. */
  readonly identity: Omit<Identity, 'depth'> & { readonly depth: number | null };
  /** From the environment; null when it names none. */
  readonly specPath: string | null;
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly pace: number;
  readonly permissionMode: string;
  /** File with the hooks of this launch; null without one. */
  readonly settingsFile: string | null;
  /** Ends this process as a script's crash asks; never comes back. */
  die(code: number, signal: NodeJS.Signals | null): Promise<never>;
}

/** Does one user turn on a conversation, writing its events, and says how it ended. Changes `session` in place. */
export async function performTurn(text: string, session: Session, setting: TurnSetting): Promise<TurnEnd> {
  const { output, signal } = setting;
  const save = async (change: Partial<Session>) => {
    Object.assign(session, change, { characters: output.characters() });
    await saveSession(setting.identity.projectRoot, session);
  };
  const input = parseTurnInput(text);
  // Written before the first event: whoever has seen this conversation's id can resume it.
  await save({
    turns: session.turns + 1,
    ...(input.beacon === null ? {} : { parent: input.beacon.parent, depth: input.beacon.depth }),
  });
  const identity: Identity = {
    ...setting.identity,
    parent: setting.identity.parent ?? session.parent,
    depth: setting.identity.depth ?? session.depth ?? 0,
  };
  await output.init({ cwd: identity.worktree, permissionMode: setting.permissionMode });

  const loaded = await loadScript(setting.specPath, identity);
  if (!loaded.ok) {
    await output.text(loaded.error.message);
    return { kind: 'failed', text: loaded.error.message, status: null };
  }
  const { script, specPath } = loaded.value;
  await save({ progress: acceptTurn(session.progress, script, input) });
  if (session.progress.frames.length === 0) {
    await output.text('Nothing in my script asks for anything now. I wait for mail.');
  }

  for (let frame = session.progress.frames[0]; frame !== undefined; frame = session.progress.frames[0]) {
    const steps = stepsOf(script, frame);
    const step = stepAt(steps, frame.cursor);
    if (step === null) {
      await save({ progress: withoutFirst(session) });
      continue;
    }
    await pause(step.kind === 'when' || step.kind === 'count' ? 0 : STEP_PAUSE_MS * setting.pace, signal);
    if (signal.aborted) return INTERRUPTED;
    const context: StepContext = {
      identity,
      frame,
      stepKey: `${frame.id}:${frame.cursor.join('.')}`,
      output,
      signal,
      pace: setting.pace,
      settingsFile: setting.settingsFile,
      session: () => session,
      save,
    };
    const outcome = await performStep(step, context);
    if (signal.aborted) return INTERRUPTED;
    const end = await follow(outcome, { frame, steps, step, script, specPath, session, save, die: setting.die });
    if (end !== null) {
      await output.text(end.text);
      return end;
    }
  }
  return { kind: 'success', text: output.lastText(), status: null };
}

const INTERRUPTED: TurnEnd = { kind: 'interrupted', text: 'Interrupted by the user', status: null };

interface Following {
  readonly frame: Frame;
  readonly steps: readonly Step[];
  readonly step: Step;
  readonly script: Script;
  readonly specPath: string;
  readonly session: Session;
  readonly save: (change: Partial<Session>) => Promise<void>;
  readonly die: TurnSetting['die'];
}

/** Notes that a step is done and goes where its outcome says; the turn's end when it ends here. */
async function follow(outcome: StepOutcome, at: Following): Promise<TurnEnd | null> {
  const { frame, steps, session, save } = at;
  const done = nextCursor(steps, frame.cursor);
  switch (outcome.next) {
    case 'continue':
      await save({ progress: withCursor(session, done), intent: null });
      return null;
    case 'branch': {
      const inner = branchCursor(steps, frame.cursor, outcome.branch);
      await save({ progress: withCursor(session, inner), intent: null });
      return null;
    }
    case 'park': {
      const { progress } = session;
      const rest = done === null ? null : { ...frame, cursor: done };
      const parked = rest === null ? [] : [{ mailId: outcome.mailId, subject: outcome.subject, frame: rest }];
      await save({
        progress: {
          ...progress,
          frames: progress.frames.slice(1),
          parked: [...progress.parked, ...parked],
        },
        intent: null,
      });
      return null;
    }
    case 'fail':
      if (!outcome.repeat) await save({ progress: withCursor(session, done), intent: null });
      return { kind: 'failed', text: outcome.message, status: outcome.status };
    case 'die':
      if (!outcome.repeat) await save({ progress: withCursor(session, done), intent: null });
      return at.die(outcome.code, outcome.signal);
    case 'wrong': {
      const line = at.script.lineOf(frame.list, scriptPath(frame.cursor));
      const place = line > 0 ? `${at.specPath}:${line}: ` : '';
      return { kind: 'failed', text: `rehearsal script, ${place}${at.step.kind}: ${outcome.message}`, status: null };
    }
  }
}

function withCursor(session: Session, cursor: Cursor | null): Session['progress'] {
  const { progress } = session;
  const [first, ...rest] = progress.frames;
  if (first === undefined || cursor === null) return withoutFirst(session);
  return { ...progress, frames: [{ ...first, cursor }, ...rest] };
}

function withoutFirst(session: Session): Session['progress'] {
  return { ...session.progress, frames: session.progress.frames.slice(1) };
}

interface LoadedScript {
  readonly script: Script;
  readonly specPath: string;
}

/** The script of the agent's spec, of the task's usual spec, or the built-in one. */
async function loadScript(named: string | null, identity: Identity): Promise<Result<LoadedScript>> {
  const specPath = named ?? join(identity.projectRoot, '.overstory', 'specs', `${identity.task}.md`);
  let spec = '';
  try {
    spec = await readFile(specPath, 'utf8');
  } catch (error) {
    if (named !== null || (error as NodeJS.ErrnoException).code !== 'ENOENT') {
      const message = `the spec cannot be read: ${error instanceof Error ? error.message : String(error)}`;
      return { ok: false, error: { tag: 'notFound', message: `rehearsal: ${message}` } };
    }
    // No spec anywhere: the built-in script below.
  }
  const script = readScript(spec, specPath, identity);
  if (!script.ok) return script;
  return ok({ script: script.value ?? (await builtIn(identity)), specPath });
}

/** Roles that stay until their run ends: they rest between mails. */
const STANDING: ReadonlySet<string> = new Set(['coordinator', 'orchestrator', 'monitor']);

/** What an agent does whose spec has no script: it greets, looks around, and reports. */
async function builtIn(identity: Identity): Promise<Script> {
  const hasReadme = await readFile(join(identity.worktree, 'README.md')).then(
    () => true,
    // Without one there is nothing to look at, which is no failure.
    () => false,
  );
  const start: Step[] = [
    {
      kind: 'say',
      text: 'Hello from {{agent}}, a rehearsal. My task {{task|none}} has no rehearsal script, so I only look around.',
    },
  ];
  if (hasReadme) start.push({ kind: 'read', path: 'README.md' });
  if (!STANDING.has(identity.capability)) {
    start.push({ kind: 'taskDone', summary: 'Nothing was changed: the spec has no rehearsal script.', verdict: null });
  }
  return { start, handlers: [], lineOf: () => 0 };
}
