import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { MailType } from '../../contract/mail.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { replaceFileAtomic } from '../platform/atomicFile.ts';
import { NO_PROGRESS } from './progress.ts';

const Mail = z.object({
  id: z.string().nullable(),
  from: z.string(),
  subject: z.string(),
  body: z.string(),
  type: MailType,
  priority: z.string(),
  threadId: z.string().nullable(),
  payload: z.record(z.string(), z.unknown()).readonly(),
});
const Frame = z.object({
  id: z.string(),
  list: z.union([z.literal('start'), z.number()]),
  cursor: z.array(z.union([z.number(), z.literal('do'), z.literal('else')])).readonly(),
  mail: Mail.nullable(),
  answer: z.string().nullable(),
});

/** One conversation as it stands on disk: everything a later process needs to go on where this one stopped. */
const Session = z.object({
  version: z.literal(1),
  id: z.string(),
  turns: z.number(),
  progress: z.object({
    started: z.boolean(),
    frames: z.array(Frame).readonly(),
    parked: z.array(z.object({ mailId: z.string(), subject: z.string(), frame: Frame })).readonly(),
    taken: z.array(z.string()).readonly(),
    matches: z.record(z.string(), z.number()).readonly(),
  }),
  counters: z.record(z.string(), z.number()),
  facts: z.record(z.string(), z.string()),
  /** Outcome of the newest command, as `{{last.…}}`. */
  last: z.record(z.string(), z.string()),
  parent: z.string().nullable(),
  depth: z.number().nullable(),
  /** Written before a step that must not happen twice, so that a process after a kill can look whether it happened. */
  intent: z.object({ step: z.string(), at: z.string(), size: z.number().nullable() }).nullable(),
  /** Characters of the conversation so far; what its pretended tokens are counted from. */
  characters: z.number(),
});
export type Session = z.infer<typeof Session>;

/** File of a conversation, `.overstory/rehearsal/<session id>.json`. */
export function sessionPath(projectRoot: string, id: string): string {
  return join(projectRoot, '.overstory', 'rehearsal', `${id}.json`);
}

/** A conversation that has not begun. */
export function newSession(id: string): Session {
  return {
    version: 1,
    id,
    turns: 0,
    progress: NO_PROGRESS,
    counters: {},
    facts: {},
    last: {},
    parent: null,
    depth: null,
    intent: null,
    characters: 0,
  };
}

/** Reads a conversation; `notFound` when there is none, `validation` when its file is damaged. */
export async function loadSession(projectRoot: string, id: string): Promise<Result<Session>> {
  const path = sessionPath(projectRoot, id);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return fail('notFound', `No conversation found with session ID: ${id}`);
    }
    throw error;
  }
  try {
    return ok(Session.parse(JSON.parse(text)));
  } catch {
    // Files are written atomically, so this one was changed by hand: the message says all a person needs.
    return fail('validation', `rehearsal session file ${path} is damaged: delete it to start afresh`);
  }
}

/**
 * Writes a conversation so that a kill leaves the old or the new state, never half of it. Fails when the project is gone: a
 * project that was moved away while its agent worked does not come back as a folder with one conversation in it.
 */
export async function saveSession(projectRoot: string, session: Session): Promise<void> {
  const path = sessionPath(projectRoot, session.id);
  for (const folder of [dirname(dirname(path)), dirname(path)]) {
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      // There already, which is what was wanted.
      if (error.code !== 'EEXIST') throw error;
    });
  }
  await replaceFileAtomic(path, `${JSON.stringify(session, null, 1)}\n`);
}
