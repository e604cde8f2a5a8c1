import { mkdir, writeFile } from 'node:fs/promises';
import type { MailMessage } from '../../../contract/mail.ts';
import { type CallError, fail, type Result } from '../../../contract/result.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { errorLine } from '../util/files.ts';
import { handoverNote } from './handover.ts';
import { eventOfTurn } from './runningTurn.ts';
import type { TurnEngineOptions } from './turnEngineOptions.ts';
import type { TurnFiles } from './turnFiles.ts';
import type { NewTurn, Turn } from './turnRow.ts';

/** Turns, mails and events a handover looks back over. */
const TURNS_BACK = 20;
const MAILS_BACK = 100;
const EVENTS_BACK = 200;
/** Milliseconds before mail is offered again to an agent whose turn could not even be written down. */
const REQUEUE_MS = 1_000;

/** Writes the turn's input, then its row: from the row on the turn exists. */
export async function storeTurn(
  options: Pick<TurnEngineOptions, 'mail' | 'turns'>,
  files: TurnFiles,
  stdin: string,
  turn: NewTurn,
): Promise<Result<Turn>> {
  try {
    await mkdir(files.directory, { recursive: true });
    await writeFile(files.stdin, stdin);
  } catch (error) {
    return fail('internal', `the turn's files cannot be written: ${errorLine(error)}`);
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

/** Gives mail back that was claimed for a turn that did not come to be. */
export function requeueMail(
  options: Pick<TurnEngineOptions, 'mail' | 'clock' | 'changes'>,
  turnId: string,
  claimed: readonly MailMessage[],
  reason: string,
): void {
  options.mail.settleTurn(turnId, {
    kind: 'requeue',
    at: options.clock.now() + REQUEUE_MS,
    reason,
    uncounted: true,
  });
  options.changes.mail(claimed.map((message) => message.id));
}

/**
 * What a fresh conversation is told of an earlier one of the same agent that is lost; null for an agent that never had
 * one. Told as long as no turn has found a new conversation, whoever restarts in between.
 */
export function handoverFor(
  options: Pick<TurnEngineOptions, 'mail' | 'turns' | 'events'>,
  session: Pick<AgentSession, 'agentName' | 'id'>,
  claimed: readonly MailMessage[],
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
