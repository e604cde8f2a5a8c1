import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { MailMessage } from '../../contract/mail.ts';
import { type ChaosProject, createChaosProject, type Finished } from '../core/chaos/chaosProject.ts';
import { must } from '../core/db/testing/folder.ts';
import { type EventStore, openEvents } from '../core/events/eventStore.ts';
import { type MailStore, openMail } from '../core/mail/mailStore.ts';
import { openSessions } from '../core/sessions/sessionStore.ts';
import { testSession } from '../core/sessions/testSession.ts';

/** For tests: a project without an engine, its mail, and calls of `ov mail` in it. */
export interface MailBench {
  readonly project: ChaosProject;
  readonly mail: MailStore;
  readonly events: EventStore;
  /** Path of a file of `.overstory`. */
  state(...path: string[]): string;
  ov(...args: string[]): Promise<Finished>;
  /** `ov mail send` of a plain mail. */
  send(to: string, ...more: string[]): Promise<Finished>;
  /** Stores a mail of lead-1 without a process. */
  seed(to: string, subject: string, more?: Partial<Parameters<MailStore['insert']>[0]>): MailMessage;
  agent(name: string, more?: Parameters<typeof testSession>[1]): void;
  /** Takes away every mail, agent and file of an earlier test. */
  clear(): Promise<void>;
  dispose(): Promise<void>;
}

export async function createMailBench(): Promise<MailBench> {
  const project = await createChaosProject();
  const state = (...path: string[]): string => join(project.root, '.overstory', ...path);
  const mail = must(openMail(state('mail.db')));
  const sessions = must(openSessions(state('sessions.db')));
  const events = must(openEvents(state('events.db')));
  const ov = (...args: string[]): Promise<Finished> => project.ov(['mail', ...args]);
  return {
    ...{ project, mail, events, state, ov },
    send: (to, ...more) => ov('send', '--to', to, '--subject', 'Hello', '--body', 'The body', ...more),
    seed: (to, subject, more = {}) => must(mail.insert({ from: 'lead-1', to, subject, body: 'b', ...more })),
    agent: (name, more = {}) => sessions.upsert(testSession(name, { state: 'working', ...more })),
    async clear() {
      mail.purge({ all: true });
      for (const { agentName } of sessions.getAll()) sessions.remove(agentName);
      await Promise.all(
        ['pending-nudges', 'mail-check-state.json', 'current-run.txt'].map((name) =>
          rm(state(name), { recursive: true, force: true }),
        ),
      );
    },
    async dispose() {
      for (const store of [mail, sessions, events]) store.close();
      await project.dispose();
    },
  };
}

/** What a call printed as JSON. */
export function dataOf(end: Finished): Record<string, unknown> {
  return JSON.parse(end.stdout) as Record<string, unknown>;
}

/** Matches a text that holds these words, or fits the pattern. */
export function said(text: string | RegExp): unknown {
  return typeof text === 'string' ? expect.stringContaining(text) : expect.stringMatching(text);
}
