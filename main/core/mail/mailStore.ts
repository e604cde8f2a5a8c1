import type { DeliveryState, MailMessage, MailType } from '../../../contract/mail.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { timestamp } from '../../platform/clock.ts';
import { type OpenOptions, openStore, type StoreContext, type StoreSource } from '../db/openDatabase.ts';
import { isConstraintViolation } from '../db/storeError.ts';
import { buildDelivery, type MailDelivery } from './mailDeliveryStore.ts';
import { newMailId } from './mailIds.ts';
import { ensureMailSchema, fromMailRow, MAIL_SELECT, type MailRow, type NewMail, STATE_SQL } from './mailRow.ts';

export type { NewMail } from './mailRow.ts';

/** Filters that must all match; absent ones match everything. */
export interface MailFilter {
  readonly from?: string;
  readonly to?: string;
  /** True: unread only; false: read only. */
  readonly unread?: boolean;
  readonly type?: MailType;
  /** Mails of this thread, the one it started from included. */
  readonly threadId?: string;
  readonly state?: DeliveryState;
  readonly limit?: number;
}

/** Table `messages` of mail.db (spec 02 §1.3), and the delivery path of each mail beside it. */
export interface MailStore extends MailDelivery {
  /** `mail` error for a duplicate id, an unknown type or an unknown priority. New mail is always unread. */
  insert(mail: NewMail): Result<MailMessage>;
  /** All or none: what a group address needs. */
  insertMany(mails: readonly NewMail[]): Result<readonly MailMessage[]>;
  getById(id: string): MailMessage | null;
  /** Unread mail of exactly this mailbox, oldest first. */
  getUnread(agentName: string): readonly MailMessage[];
  /** Newest first, without limit unless one is given. */
  getAll(filter?: MailFilter): readonly MailMessage[];
  /** Replies of a thread, oldest first; the mail it started from belongs to it only if it carries the thread id itself. */
  getByThread(threadId: string): readonly MailMessage[];
  /** A thread as a person reads it: the first mail, then the replies, oldest first. */
  getConversation(threadId: string): readonly MailMessage[];
  /** A page, newest first; `before` is the last mail of the page before. `notFound` when that mail is gone. */
  page(filter: MailFilter & { readonly before?: string; readonly limit: number }): Result<readonly MailMessage[]>;
  /** Runs several steps of this store in one transaction: all of them are stored, or none. */
  atomically<Value>(work: () => Value): Value;
  /** Decision gates with a deadline that nobody has answered in a way this store knows of, oldest first. */
  openDeadlines(): readonly MailMessage[];
  /** Flips the flag; `mail` error for an unknown id. */
  markRead(id: string): Result<{ readonly message: MailMessage; readonly alreadyRead: boolean }>;
  /** True if a mail went. */
  deleteById(id: string): boolean;
  /**
   * Removes mail: all of it, or what is older than an age in milliseconds (strictly) and from or to an agent.
   * @returns the number removed; without criteria nothing is.
   */
  purge(filter: { readonly all?: boolean; readonly olderThanMs?: number; readonly agent?: string }): number;
  /** Unread mails by mailbox; mailboxes without any are left out. */
  unreadCounts(): ReadonlyMap<string, number>;
  close(): void;
}

/** Opens `mail.db`, migrating older files (spec 02 §1.1). */
export function openMail(source: StoreSource, options: OpenOptions = {}): Result<MailStore> {
  return openStore(source, options, (context) => {
    ensureMailSchema(context.connection);
    return ok(buildStore(context));
  });
}

type InsertRow = Pick<
  MailRow,
  | 'id'
  | 'from_agent'
  | 'to_agent'
  | 'subject'
  | 'body'
  | 'type'
  | 'priority'
  | 'thread_id'
  | 'payload'
  | 'read'
  | 'created_at'
>;

interface Selection {
  readonly from: string | null;
  readonly to: string | null;
  readonly read: number | null;
  readonly type: string | null;
  readonly thread: string | null;
  readonly state: string | null;
  readonly limit: number;
}

const MATCHING = `(@from IS NULL OR m.from_agent = @from) AND (@to IS NULL OR m.to_agent = @to)
  AND (@read IS NULL OR m.read = @read) AND (@type IS NULL OR m.type = @type)
  AND (@thread IS NULL OR m.thread_id = @thread OR m.id = @thread)
  AND (@state IS NULL OR ${STATE_SQL} = @state)`;

// Mails of one millisecond tie, so the insertion order decides (spec 02 §1.1, trap).
const OLDEST = 'ORDER BY m.created_at, m.rowid';
const NEWEST = 'ORDER BY m.created_at DESC, m.rowid DESC';

function selection(filter: MailFilter): Selection {
  return {
    from: filter.from ?? null,
    to: filter.to ?? null,
    read: filter.unread === undefined ? null : filter.unread ? 0 : 1,
    type: filter.type ?? null,
    thread: filter.threadId ?? null,
    state: filter.state ?? null,
    limit: filter.limit ?? -1,
  };
}

function buildStore(context: StoreContext): MailStore {
  const { connection, clock, close } = context;
  const { database, write } = connection;
  const read = <Parameters extends unknown[]>(rest: string) =>
    database.prepare<Parameters, MailRow>(`${MAIL_SELECT} ${rest}`);

  const insertRow = database.prepare<[InsertRow]>(
    `INSERT INTO messages
      (id, from_agent, to_agent, subject, body, type, priority, thread_id, payload, read, created_at)
      VALUES (@id, @from_agent, @to_agent, @subject, @body, @type, @priority, @thread_id, @payload, @read, @created_at)`,
  );
  const byId = read<[string]>('WHERE m.id = ?');
  const unread = read<[string]>(`WHERE m.to_agent = ? AND m.read = 0 ${OLDEST}`);
  const matching = read<[Selection]>(`WHERE ${MATCHING} ${NEWEST} LIMIT @limit`);
  const matchingBefore = read<[Selection & { at: string; row: number }]>(
    `WHERE ${MATCHING} AND (m.created_at, m.rowid) < (@at, @row) ${NEWEST} LIMIT @limit`,
  );
  const place = database.prepare<[string], { at: string; row: number }>(
    'SELECT created_at AS at, rowid AS row FROM messages WHERE id = ?',
  );
  const byThread = read<[string]>(`WHERE m.thread_id = ? ${OLDEST}`);
  const conversation = read<[{ thread: string }]>(`WHERE m.thread_id = @thread OR m.id = @thread ${OLDEST}`);
  const delivery = buildDelivery(context);
  const deadlines = read<[]>(
    `WHERE m.type = 'decision_gate' AND m.payload LIKE '%"deadline"%' AND coalesce(d.state, '') <> 'acknowledged' ${OLDEST}`,
  );
  const removeById = database.prepare<[string]>('DELETE FROM messages WHERE id = ?');
  const removeDelivery = ['ocr_delivery', 'ocr_delivery_steps'].map((table) =>
    database.prepare<[string]>(`DELETE FROM ${table} WHERE message_id = ?`),
  );
  const removeAll = database.prepare('DELETE FROM messages');
  const removeMatching = database.prepare<[{ before: string | null; agent: string | null }]>(
    `DELETE FROM messages WHERE (@before IS NULL OR created_at < @before)
      AND (@agent IS NULL OR from_agent = @agent OR to_agent = @agent)`,
  );
  const removeOrphans = ['ocr_delivery', 'ocr_delivery_steps'].map((table) =>
    database.prepare(
      `DELETE FROM ${table} WHERE NOT EXISTS (SELECT 1 FROM messages WHERE messages.id = ${table}.message_id)`,
    ),
  );
  const counts = database.prepare<[], { agent: string; unread: number }>(
    'SELECT to_agent AS agent, count(*) AS unread FROM messages WHERE read = 0 GROUP BY to_agent',
  );

  function insertOne(mail: NewMail): MailMessage {
    const id = mail.id === undefined || mail.id === '' ? newMailId() : mail.id;
    insertRow.run({
      id,
      from_agent: mail.from,
      to_agent: mail.to,
      subject: mail.subject,
      body: mail.body,
      type: mail.type ?? 'status',
      priority: mail.priority ?? 'normal',
      thread_id: mail.threadId ?? null,
      payload: mail.payload ?? null,
      read: 0,
      created_at: mail.createdAt ?? timestamp(clock.now()),
    });
    delivery.begin(id, mail);
    const row = byId.get(id);
    if (row === undefined) throw new Error(`mail ${id} was inserted and is not there`);
    return fromMailRow(row);
  }

  function insertMany(mails: readonly NewMail[]): Result<readonly MailMessage[]> {
    let current: NewMail | undefined;
    try {
      return ok(
        write(() =>
          mails.map((mail) => {
            current = mail;
            return insertOne(mail);
          }),
        ),
      );
    } catch (error) {
      if (!isConstraintViolation(error)) throw error;
      const messageId = current?.id ?? '';
      return fail(
        'mail',
        `mail ${messageId === '' ? '' : `${messageId} `}was not stored: its id is taken, or its type or priority is unknown`,
        { data: { messageId } },
      );
    }
  }

  return {
    ...delivery,
    insert(mail) {
      const inserted = insertMany([mail]);
      if (!inserted.ok) return inserted;
      const [message] = inserted.value;
      if (message === undefined) throw new Error('one mail was inserted and none came back');
      return ok(message);
    },
    insertMany,
    atomically: (work) => write(work),
    openDeadlines: () => deadlines.all().map(fromMailRow),
    getById(id) {
      const row = byId.get(id);
      return row === undefined ? null : fromMailRow(row);
    },
    getUnread: (agentName) => unread.all(agentName).map(fromMailRow),
    getAll: (filter = {}) => matching.all(selection(filter)).map(fromMailRow),
    getByThread: (threadId) => byThread.all(threadId).map(fromMailRow),
    getConversation: (threadId) => conversation.all({ thread: threadId }).map(fromMailRow),
    page(filter) {
      if (filter.before === undefined) return ok(matching.all(selection(filter)).map(fromMailRow));
      const start = place.get(filter.before);
      if (start === undefined) return fail('notFound', `mail ${filter.before} is gone: load the list again`);
      return ok(matchingBefore.all({ ...selection(filter), ...start }).map(fromMailRow));
    },
    markRead(id) {
      return write(() => {
        const row = byId.get(id);
        if (row === undefined) return fail('mail', `mail ${id} was not found`, { data: { messageId: id } });
        if (row.read !== 0) return ok({ message: fromMailRow(row), alreadyRead: true });
        delivery.take(id);
        return ok({ message: fromMailRow(byId.get(id) ?? row), alreadyRead: false });
      });
    },
    deleteById(id) {
      return write(() => {
        for (const remove of removeDelivery) remove.run(id);
        return removeById.run(id).changes > 0;
      });
    },
    purge({ all, olderThanMs, agent }) {
      if (all !== true && olderThanMs === undefined && agent === undefined) return 0;
      const before = olderThanMs === undefined ? null : timestamp(clock.now() - olderThanMs);
      return write(() => {
        const removed = all === true ? removeAll.run() : removeMatching.run({ before, agent: agent ?? null });
        for (const remove of removeOrphans) remove.run();
        return removed.changes;
      });
    },
    unreadCounts: () => new Map(counts.all().map((row) => [row.agent, row.unread])),
    close,
  };
}
