import { agentTerminalId } from '../room/agentViewRules.ts';
import type { RuntimeAdapter } from '../runtimes/adapter.ts';
import type { EndedTurn } from './settleTurn.ts';
import { turnFooter, turnHeader } from './transcript.ts';
import type { TurnEngineOptions } from './turnEngineOptions.ts';
import type { Turn } from './turnRow.ts';

type ScreenOptions = Pick<TurnEngineOptions, 'mail' | 'sessions' | 'terminals' | 'projectRoot'>;

/** Draws a turn's first lines into the agent's terminal; drawing again is harmless. */
export async function drawTurnHeader(options: ScreenOptions, turn: Turn, adapter: RuntimeAdapter): Promise<void> {
  const mails = options.mail.carriedBy(turn.turnId).length;
  const facts = { mails, runtime: adapter.id, attempt: options.mail.attemptsOf(turn.turnId) };
  await feed(options, turn, 'start', turnHeader({ ...turn, ...facts }));
}

/** Draws how a turn ended. */
export async function drawTurnFooter(options: ScreenOptions, ended: EndedTurn): Promise<void> {
  const { outcome, reason, endedAt, costUsd, turn } = ended;
  await feed(options, turn, 'end', turnFooter({ kind: outcome.kind, reason, endedAt, costUsd }));
}

async function feed(options: ScreenOptions, turn: Turn, part: 'start' | 'end', text: string): Promise<void> {
  const id = agentTerminalId(turn.agentName);
  const cwd = options.sessions.getByName(turn.agentName)?.worktreePath ?? options.projectRoot;
  await options.terminals.open(id, { agentName: turn.agentName, title: turn.agentName, cwd });
  options.terminals.feed(id, { source: `${turn.turnId}#${part}`, offset: 0, end: 1, data: text });
}
