import { OPERATOR } from '../../contract/ids.ts';
import type { MailMessage } from '../../contract/mail.ts';
import { stableList } from './reuse.ts';

/** Group addresses mail can be sent to (spec 02 §1.5); singular forms mean the same and are not offered. */
export const GROUP_ADDRESSES = [
  '@all',
  '@builders',
  '@scouts',
  '@reviewers',
  '@leads',
  '@mergers',
  '@supervisors',
  '@coordinators',
  '@monitors',
] as const;

/** A folder: `operator`, `all`, `dead`, or `agent:<name>`. */
export type FolderId = string;

/** The thread a message belongs to: its own id opens one. */
export function threadOf(message: Pick<MailMessage, 'id' | 'threadId'>): string {
  return message.threadId ?? message.id;
}

/** True when a message is a dead letter: its delivery was given up. */
export function isDeadLetter(message: Pick<MailMessage, 'delivery'>): boolean {
  return message.delivery?.state === 'dead';
}

/** True when the message stands in that folder. */
export function inFolder(folder: FolderId, message: MailMessage): boolean {
  if (folder === 'all') return true;
  if (folder === 'dead') return isDeadLetter(message);
  const box = folder.startsWith('agent:') ? folder.slice('agent:'.length) : folder;
  return message.from === box || message.to === box;
}

/** One row of the list of threads. */
export interface ThreadRow {
  readonly id: string;
  /** Id of the newest message that the folder shows. */
  readonly newest: string;
  readonly count: number;
  /** Messages to the operator that are unread. */
  readonly unread: number;
  readonly at: string;
}

function sameThread(left: ThreadRow, right: ThreadRow): boolean {
  return (
    left.id === right.id &&
    left.newest === right.newest &&
    left.count === right.count &&
    left.unread === right.unread &&
    left.at === right.at
  );
}

/** The threads with a message in a folder, newest first. Counts are over the whole thread. */
export function threadsIn(byId: Readonly<Record<string, MailMessage>>, folder: FolderId): readonly ThreadRow[] {
  const threads = new Map<string, { newest: MailMessage; count: number; unread: number; shown: boolean }>();
  for (const message of Object.values(byId)) {
    const id = threadOf(message);
    const held = threads.get(id) ?? { newest: message, count: 0, unread: 0, shown: false };
    if (message.createdAt > held.newest.createdAt) held.newest = message;
    held.count += 1;
    if (message.to === OPERATOR && !message.read) held.unread += 1;
    held.shown ||= inFolder(folder, message);
    threads.set(id, held);
  }
  return [...threads]
    .filter(([, thread]) => thread.shown)
    .map(([id, { newest, count, unread }]) => ({ id, newest: newest.id, count, unread, at: newest.createdAt }))
    .sort((left, right) => right.at.localeCompare(left.at) || left.id.localeCompare(right.id));
}

export const selectThreads = stableList(threadsIn, sameThread);

/** Builds a selector of the messages of one thread, oldest first. One per mounted thread, because each remembers its last answer. */
export function threadSelector(): (
  byId: Readonly<Record<string, MailMessage>>,
  threadId: string | null,
) => readonly MailMessage[] {
  return stableList((byId: Readonly<Record<string, MailMessage>>, threadId: string | null) =>
    Object.values(byId)
      .filter((message) => threadOf(message) === threadId)
      .sort((left, right) => left.createdAt.localeCompare(right.createdAt) || left.id.localeCompare(right.id)),
  );
}

/** Builds a selector of the newest mails an agent wrote or was sent, newest first. */
export function agentMailSelector(
  most: number,
): (byId: Readonly<Record<string, MailMessage>>, agent: string) => readonly MailMessage[] {
  return stableList((byId: Readonly<Record<string, MailMessage>>, agent: string) =>
    Object.values(byId)
      .filter((message) => message.from === agent || message.to === agent)
      .sort((left, right) => right.createdAt.localeCompare(left.createdAt))
      .slice(0, most),
  );
}

/** One row of the list of folders. */
export interface FolderRow {
  readonly id: FolderId;
  readonly unread: number;
  readonly total: number;
}

/** A folder per agent that has mail or is alive, by name. */
export const selectAgentFolders = stableList(
  (byId: Readonly<Record<string, MailMessage>>, agentNames: readonly string[]): readonly FolderRow[] => {
    const boxes = new Map<string, { unread: number; total: number }>();
    for (const name of agentNames) boxes.set(name, { unread: 0, total: 0 });
    const touch = (name: string, unread: boolean) => {
      if (name === OPERATOR) return;
      const box = boxes.get(name) ?? { unread: 0, total: 0 };
      box.total += 1;
      if (unread) box.unread += 1;
      boxes.set(name, box);
    };
    for (const message of Object.values(byId)) {
      touch(message.from, false);
      if (message.to !== message.from) touch(message.to, !message.read);
    }
    return [...boxes]
      .map(([name, box]) => ({ id: `agent:${name}`, ...box }))
      .sort((left, right) => left.id.localeCompare(right.id));
  },
  (left, right) => left.id === right.id && left.unread === right.unread && left.total === right.total,
);
