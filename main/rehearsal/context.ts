import { fail, ok, type Result } from '../../contract/result.ts';
import type { Output } from './output.ts';
import type { Frame } from './progress.ts';
import type { Session } from './session.ts';
import { type Lookup, render } from './template.ts';

/** Who the agent is and where it works, from its environment and its first turn. */
export interface Identity {
  readonly agent: string;
  readonly task: string;
  readonly capability: string;
  readonly projectRoot: string;
  readonly worktree: string;
  /** Branch of the worktree; null outside git. */
  readonly branch: string | null;
  readonly parent: string | null;
  readonly depth: number;
}

/** Everything a step may use. */
export interface StepContext {
  readonly identity: Identity;
  readonly frame: Frame;
  /** Names this step of this frame for good. */
  readonly stepKey: string;
  readonly output: Output;
  /** Aborted by an interrupt. */
  readonly signal: AbortSignal;
  /** Multiplier of pauses made for a watching person; 0 for none. */
  readonly pace: number;
  /** File with the hooks of this launch; null without one. */
  readonly settingsFile: string | null;
  session(): Session;
  /** Changes the session and writes it before resolving. */
  save(change: Partial<Session>): Promise<void>;
}

/** What follows a step. */
export type StepOutcome =
  | { readonly next: 'continue' }
  | { readonly next: 'branch'; readonly branch: 'do' | 'else' }
  /** Waits for the answer to this mail. */
  | { readonly next: 'park'; readonly mailId: string; readonly subject: string }
  /** Ends the turn as failed, on purpose; `repeat` does it again in the next turn. */
  | { readonly next: 'fail'; readonly message: string; readonly status: number | null; readonly repeat: boolean }
  /** Ends the process, on purpose. */
  | { readonly next: 'die'; readonly code: number; readonly signal: NodeJS.Signals | null; readonly repeat: boolean }
  /** The step went wrong; the next turn tries it again. */
  | { readonly next: 'wrong'; readonly message: string };

export const CONTINUE: StepOutcome = { next: 'continue' };

/** A step that went wrong, in one line. */
export function wrong(message: string): StepOutcome {
  return { next: 'wrong', message };
}

/** Values of placeholders while a step runs (docs/rehearsal.md "Placeholders"). */
export function lookupOf(context: Pick<StepContext, 'identity' | 'frame' | 'session'>): Lookup {
  const { identity, frame } = context;
  const session = context.session();
  const plain: Readonly<Record<string, string | null>> = {
    agent: identity.agent,
    task: identity.task === '' ? null : identity.task,
    capability: identity.capability,
    branch: identity.branch,
    parent: identity.parent,
    depth: String(identity.depth),
    root: identity.projectRoot,
    worktree: identity.worktree,
    turn: String(session.turns),
    answer: frame.answer,
  };
  return (name) => {
    const dot = name.indexOf('.');
    if (dot < 0) return own(plain, name);
    const field = name.slice(dot + 1);
    switch (name.slice(0, dot)) {
      case 'mail':
        return frame.mail === null ? undefined : own({ ...frame.mail, thread: frame.mail.threadId }, field);
      case 'payload':
        return own(frame.mail?.payload ?? {}, field);
      case 'count':
        return String(session.counters[field] ?? 0);
      case 'fact':
        return own(session.facts, field);
      case 'last':
        return own(session.last, field);
      default:
        return undefined;
    }
  };
}

/** Fills the placeholders of several texts at once; null stays null. */
export function renderAll<Texts extends Readonly<Record<string, string | null>>>(
  context: StepContext,
  texts: Texts,
): Result<Texts> {
  const lookup = lookupOf(context);
  const rendered: Record<string, string | null> = {};
  for (const [key, text] of Object.entries(texts)) {
    if (text === null) {
      rendered[key] = null;
      continue;
    }
    const result = render(text, lookup);
    if (!result.ok) return fail(result.error.tag, result.error.message);
    rendered[key] = result.value;
  }
  return ok(rendered as Texts);
}

/** Waits in real milliseconds, or until an interrupt. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener('abort', finish, { once: true });
  });
}

function own(values: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
