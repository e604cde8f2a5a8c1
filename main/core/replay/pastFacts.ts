import { z } from 'zod';
import { type AgentHold, AgentState, HOLD_KINDS } from '../../../contract/agents.ts';
import type { AttentionItem } from '../../../contract/attention.ts';
import { HELD, HISTORY_ROWS, type HistoryEvent, type HistoryKind } from '../../../contract/history.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import type { MailMessage } from '../../../contract/mail.ts';
import type { MergeView } from '../../../contract/merges.ts';
import { deriveAttention } from '../room/attentionRules.ts';

type Kinds = typeof HISTORY_ROWS;
/** A row as it was, and since when it was so. */
export interface PastRow<Kind extends HistoryKind> {
  readonly at: string;
  readonly value: z.output<Kinds[Kind]>;
}

/** What of a mail never changes, and is therefore read from the mail store as it is. */
export type MailText = Pick<MailMessage, 'body' | 'payload' | 'reference'>;

/** A hold as it was stored (turns/agentHolds.ts), as far as faces see it. */
const Held = z.record(
  z.string(),
  z.object({
    kind: z.enum(HOLD_KINDS),
    since: z.string(),
    until: z.string().nullable(),
    reason: z.string(),
  }),
);

export type PastTurnRow = PastRow<'turn'>['value'] & { readonly id: string };

/** The stored rows of one moment, brought forward by events. Pure but for the mail texts it is given. */
export interface PastFacts {
  /** Takes an event; events come oldest first, those of one row in their order. False when it cannot be read. */
  apply(event: HistoryEvent): boolean;
  rows<Kind extends HistoryKind>(kind: Kind): ReadonlyMap<string, PastRow<Kind>>;
  mail(id: string): MailMessage | null;
  merge(id: string): MergeView | null;
  holds(): ReadonlyMap<string, AgentHold>;
  /** Ids of an agent's turns. */
  turnsOf(agentName: string): ReadonlySet<string>;
  newestTurn(agentName: string): PastTurnRow | null;
  /** When an agent last gave a sign; null when it never did. */
  lastSign(agentName: string): string | null;
  noteSign(agentName: string, at: string): void;
  attention(): readonly AttentionItem[];
}

/** The way of a mail that nothing was noted of yet. */
const UNTOUCHED = {
  state: 'queued' as const,
  turnId: null,
  attempts: 0,
  nextAttemptAt: null,
  reason: null,
  injectedAt: null,
  startedAt: null,
  readAt: null,
  acknowledgedAt: null,
  bouncedTo: null,
};
const NO_TURNS: ReadonlySet<string> = new Set();
const NOBODY_HELD: ReadonlyMap<string, AgentHold> = new Map();

export function createPastFacts(mailText: (id: string) => MailText | null): PastFacts {
  const tables = new Map<HistoryKind, Map<string, PastRow<HistoryKind>>>();
  const signs = new Map<string, string>();
  /** Mails as shown, made once for each state of a mail. */
  const shown = new Map<string, MailMessage>();
  /** Mails that may call for a person: to or from the operator, or dead. */
  const letters = new Set<string>();
  const turns = new Map<string, Set<string>>();
  let held = NOBODY_HELD;

  // Written by `apply` alone, which parses each value with the schema of its kind.
  const rows = <Kind extends HistoryKind>(kind: Kind) =>
    (tables.get(kind) ?? new Map()) as unknown as ReadonlyMap<string, PastRow<Kind>>;

  function noteSign(agentName: string, at: string): void {
    const known = signs.get(agentName);
    if (known === undefined || known < at) signs.set(agentName, at);
  }

  function newestTurn(agentName: string): PastTurnRow | null {
    let newest: PastTurnRow | null = null;
    for (const id of turns.get(agentName) ?? []) {
      const turn = rows('turn').get(id)?.value;
      if (turn !== undefined && (newest === null || newest.number < turn.number)) newest = { id, ...turn };
    }
    return newest;
  }

  function mail(id: string): MailMessage | null {
    const held = shown.get(id);
    if (held !== undefined) return held;
    const row = rows('mail').get(id)?.value;
    if (row === undefined) return null;
    const way = rows('delivery').get(id);
    const { body, payload, reference } = mailText(id) ?? { body: '', payload: null, reference: null };
    const read = row.read || way?.value.state === 'read';
    const message: MailMessage = {
      id,
      ...row,
      body,
      payload,
      ...(reference === undefined ? {} : { reference }),
      delivery: {
        ...(way?.value ?? UNTOUCHED),
        // The `read` flag outranks the delivery (contract/history.ts).
        ...(read && way?.value.state !== 'acknowledged' ? { state: 'read' as const } : {}),
        ...(read ? { nextAttemptAt: null, reason: null } : {}),
        updatedAt: way?.at ?? row.createdAt,
      },
    };
    shown.set(id, message);
    return message;
  }

  function merge(id: string): MergeView | null {
    const row = rows('merge').get(id)?.value;
    if (row === undefined) return null;
    const outcome = rows('mergeOutcome').get(id)?.value;
    const hold = rows('mergeHold').get(id)?.value.hold ?? null;
    const progress = rows('progress').get(id)?.value;
    return {
      id: Number(id),
      ...row,
      ...(outcome ?? { target: null, conflictFiles: [], errorMessage: null, warnings: [], finishedAt: null }),
      ...(hold === null ? {} : { hold }),
      ...(progress === undefined ? {} : { progress }),
    };
  }

  function follow({ kind, key, at }: HistoryEvent): void {
    if (kind === 'mail' || kind === 'delivery') {
      shown.delete(key);
      const message = mail(key);
      const calls =
        message !== null &&
        (message.to === OPERATOR || message.from === OPERATOR || message.delivery?.state === 'dead');
      if (calls) letters.add(key);
      else letters.delete(key);
    }
    if (kind === 'agent') noteSign(key, at);
    if (kind === 'turn') {
      const turn = rows('turn').get(key)?.value;
      if (turn === undefined) return;
      noteSign(turn.agent, at);
      turns.set(turn.agent, (turns.get(turn.agent) ?? new Set()).add(key));
    }
    if (kind === 'setting' && key === HELD) held = readHolds(rows('setting').get(HELD)?.value.value);
  }

  return {
    rows,
    mail,
    merge,
    noteSign,
    newestTurn,
    turnsOf: (agentName) => turns.get(agentName) ?? NO_TURNS,
    holds: () => held,
    lastSign: (agentName) => signs.get(agentName) ?? null,
    apply(event) {
      const table = tables.get(event.kind) ?? new Map<string, PastRow<HistoryKind>>();
      tables.set(event.kind, table);
      if (event.value === null) table.delete(event.key);
      else {
        const parsed = HISTORY_ROWS[event.kind]?.safeParse(event.value);
        // Written by another version, perhaps of a kind this one does not know: left out, as `stateAt` leaves it out.
        if (parsed === undefined || !parsed.success) return false;
        table.set(event.key, { at: event.at, value: parsed.data });
      }
      follow(event);
      return true;
    },
    attention() {
      const agents = [...rows('agent')].map(([agentName, { at, value }]) => ({
        agentName,
        state: AgentState.catch('working').parse(value.state),
        taskId: value.taskId,
        lastActivity: at,
        reason: rows('agentSettings').get(agentName)?.value.reason ?? null,
      }));
      return deriveAttention({
        mail: [...letters].flatMap((id) => mail(id) ?? []),
        agents,
        holds: held,
        gates: [...rows('calling').values()].map(({ value }) => value),
        merges: [...rows('merge').keys()].flatMap((id) => merge(id) ?? []),
        findings: [...rows('finding')].flatMap(([id, { value }]) =>
          value.closedAt === null && newestTurn(value.agentName)?.id === value.turnId ? [{ id, ...value }] : [],
        ),
        dismissed: new Set(rows('dismissed').keys()),
      });
    },
  };
}

function readHolds(stored: string | undefined): ReadonlyMap<string, AgentHold> {
  try {
    const read = Held.safeParse(JSON.parse(stored ?? '{}'));
    return read.success ? new Map(Object.entries(read.data)) : NOBODY_HELD;
  } catch {
    // Changed by hand: the engine then holds nobody either (turns/agentHolds.ts).
    return NOBODY_HELD;
  }
}
