import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MailMessage } from '../../../contract/mail.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { timestamp } from '../../platform/clock.ts';
import { type Checkpoint, initiateHandoff, loadCheckpoint, resumeHandoff } from '../agents/checkpoint.ts';
import { describeStoreError, isStoreError } from '../db/storeError.ts';
import type { RuntimeAdapter } from '../runtimes/adapter.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { RunRequest } from '../terminals/terminals.ts';
import { describeFileError } from '../util/fileErrors.ts';
import { errorLine } from '../util/files.ts';
import { handoverNote } from './handover.ts';
import type { LaunchFacts } from './launchSettings.ts';
import { planTurn, turnEnvironment } from './planTurn.ts';
import { eventOfTurn } from './runningTurn.ts';
import type { TurnEngineOptions } from './turnEngineOptions.ts';
import { type TurnFiles, turnFiles } from './turnFiles.ts';
import type { NewTurn, Turn } from './turnRow.ts';

/** Turns, mails and events a handover looks back over. */
const TURNS_BACK = 20;
const MAILS_BACK = 100;
const EVENTS_BACK = 200;
/** Milliseconds before mail is offered again of a turn that nobody can read any further. */
const REQUEUE_MS = 1_000;

/** Mail that was claimed for a turn, and what the turn is planned from. */
export interface ClaimedTurn {
  readonly turnId: string;
  readonly session: AgentSession;
  readonly launch: LaunchFacts;
  readonly adapter: RuntimeAdapter;
  readonly claimed: readonly MailMessage[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A turn that is written down and can be launched. */
export interface PreparedTurn {
  readonly turn: Turn;
  readonly files: TurnFiles;
  readonly process: Pick<RunRequest, 'argv' | 'cwd' | 'env'>;
}

/** Plans a turn and writes it down. A failure says in one line what keeps it from being written; nothing of it is left then. */
export async function prepareTurn(options: TurnEngineOptions, claim: ClaimedTurn): Promise<Result<PreparedTurn>> {
  const { turns, overstoryDirectory, projectRoot } = options;
  const { turnId, session, launch, adapter, claimed, now } = claim;
  const { agentName } = session;
  try {
    const files = turnFiles(overstoryDirectory, agentName, now);
    const resumeId = session.claudeSessionId ?? null;
    const facts = {
      launch,
      adapter,
      claimed,
      resumeId,
      previous: turns.latestForAgent(agentName),
      handover: resumeId === null ? await handoverOf(options, session, claimed, now) : null,
      attempt: Math.max(...claimed.map((message) => message.delivery?.attempts ?? 1)),
      now,
      projectRoot,
      overstoryDirectory,
    };
    const { prompt, plan } = planTurn(facts);
    const env = turnEnvironment(facts, plan, options.commandFolder, options.environment);
    const planned = { argv: plan.argv, cwd: session.worktreePath, env };
    const secured = options.secure === undefined ? ok(plan.argv) : await options.secure(launch, adapter, planned);
    if (!secured.ok) return secured;
    const stored = await storeTurn(options, files, plan.stdin, {
      turnId,
      agentName,
      sessionId: session.id,
      runId: session.runId,
      prompt,
      logDirectory: files.directory,
      startedAt: timestamp(now),
      resumeId,
      model: launch.settings.model,
      taskId: session.taskId,
      capability: session.capability,
      runtime: launch.settings.runtime,
    });
    if (!stored.ok) return stored;
    return ok({ turn: stored.value, files, process: { ...planned, argv: secured.value } });
  } catch (error) {
    if (isStoreError(error)) return { ok: false, error: describeStoreError(error, overstoryDirectory) };
    // A bug of ours keeps this turn from starting: it is logged, and the mail waits instead of being lost in between.
    options.log('error', 'turn could not be planned', { turn: turnId, error: (error as Error).stack ?? String(error) });
    return fail('internal', `the turn cannot be planned: ${errorLine(error)}`);
  }
}

/** Writes the turn's input, then its row: from the row on the turn exists. */
async function storeTurn(
  options: Pick<TurnEngineOptions, 'mail' | 'turns' | 'overstoryDirectory'>,
  files: TurnFiles,
  stdin: string,
  turn: NewTurn,
): Promise<Result<Turn>> {
  try {
    await mkdir(files.directory, { recursive: true });
    await writeFile(files.stdin, stdin);
  } catch (error) {
    // Told by the folder of all logs, so that one cause of many agents reads as one.
    return (
      failed(describeFileError(error, join(options.overstoryDirectory, 'logs'))) ??
      fail('internal', `the turn's files cannot be written: ${errorLine(error)}`)
    );
  }
  const claimed = options.mail.carriedBy(turn.turnId).length;
  return options.turns.start(turn, (stored) =>
    eventOfTurn(stored, 'turn_start', {
      summary: `turn ${stored.number} started`,
      mails: claimed,
      resumeId: turn.resumeId,
    }),
  );
}

/** The agent cannot run at all as things are: its mail becomes a dead letter with the reason, for a person to see. */
export function refuseMail(
  options: Pick<TurnEngineOptions, 'mail' | 'setReason' | 'log' | 'changes'>,
  agentName: string,
  turnId: string,
  claimed: readonly MailMessage[],
  error: CallError,
): void {
  options.mail.settleTurn(turnId, { kind: 'dead', reason: error.message });
  options.setReason(agentName, error.message);
  options.log('error', 'agent cannot run', { agent: agentName, error: error.message });
  options.changes.mail(claimed.map((message) => message.id));
  options.changes.agent(agentName);
}

function failed(error: CallError | null): Result<never> | null {
  return error === null ? null : { ok: false, error };
}

/** Gives mail back that was claimed for a turn that did not come to be; no attempt is counted. */
export function requeueMail(
  options: Pick<TurnEngineOptions, 'mail' | 'clock' | 'changes'>,
  turnId: string,
  claimed: readonly MailMessage[],
  reason: string,
  waitMs = REQUEUE_MS,
): void {
  options.mail.settleTurn(turnId, { kind: 'requeue', at: options.clock.now() + waitMs, reason, uncounted: true });
  options.changes.mail(claimed.map((message) => message.id));
}

/**
 * Gives back mail that lies between queue and turn: claimed for a turn whose row was never stored, when giving it back
 * failed too, as on a disk that was full at that moment. `isStarting` tells of turns that are being written down just now.
 */
export function giveBackStrays(
  options: Pick<TurnEngineOptions, 'mail' | 'turns' | 'clock' | 'changes'>,
  isStarting: (agentName: string) => boolean,
): void {
  for (const turnId of options.mail.injectedTurnIds()) {
    if (options.turns.get(turnId)?.state === 'running') continue;
    const carried = options.mail.carriedBy(turnId);
    if (carried.some((message) => isStarting(message.to))) continue;
    requeueMail(options, turnId, carried, 'its turn could not be written down', 0);
  }
}

/** The note for a fresh conversation, with where the agent itself said it stood; that is noted as handed over. */
async function handoverOf(
  options: TurnEngineOptions,
  session: AgentSession,
  claimed: readonly MailMessage[],
  now: number,
): Promise<string | null> {
  const agents = join(options.overstoryDirectory, 'agents');
  const kept = await loadCheckpoint(agents, session.agentName);
  const checkpoint = kept.ok && kept.value?.sessionId === session.id ? kept.value : null;
  const note = handoverFor(options, session, claimed, checkpoint);
  if (note === null || checkpoint === null) return note;
  const pending = await resumeHandoff(agents, session.agentName);
  const noted =
    pending.ok && pending.value === null ? await initiateHandoff(agents, checkpoint, 'crash', now) : pending;
  // The note itself carries what matters; a folder that cannot be written is told here and once more by the next start.
  if (!noted.ok)
    options.log('warn', 'a handover could not be noted', { agent: session.agentName, error: noted.error.message });
  return note;
}

/**
 * What a fresh conversation is told of an earlier one of the same agent that is lost; null for an agent that never had
 * one. Told as long as no turn has found a new conversation, whoever restarts in between.
 */
export function handoverFor(
  options: Pick<TurnEngineOptions, 'mail' | 'turns' | 'events'>,
  session: Pick<AgentSession, 'agentName' | 'id'>,
  claimed: readonly MailMessage[],
  checkpoint: Checkpoint | null = null,
): string | null {
  const { agentName } = session;
  // An earlier agent of the same name is somebody else.
  const turns = options.turns.listByAgent(agentName, TURNS_BACK).filter((turn) => turn.sessionId === session.id);
  if (!turns.some((turn) => turn.conversationId !== null || turn.resumeId !== null)) return null;
  const coming = new Set(claimed.map((message) => message.id));
  const received = options.mail.getAll({ to: agentName, limit: MAILS_BACK });
  return handoverNote({
    reason: turns[0]?.reason ?? 'unknown to its runtime',
    turns,
    checkpoint,
    received: received.filter((message) => !coming.has(message.id)),
    sent: options.mail.getAll({ from: agentName, limit: MAILS_BACK }),
    said: options.events
      .tail({ agentName, limit: EVENTS_BACK })
      .flatMap((event) => (event.eventType === 'progress' ? [textOf(event.data)] : []))
      .filter((text) => text !== ''),
  });
}

function textOf(data: string | null): string {
  try {
    const value: unknown = JSON.parse(data ?? '{}');
    const text = (value as { readonly text?: unknown } | null)?.text;
    return typeof text === 'string' ? text : '';
  } catch {
    // A row of another program: it says nothing we could quote.
    return '';
  }
}
