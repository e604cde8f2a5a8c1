import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Capability } from '../../../contract/agents.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import type { AgentSettings, ControlStore } from '../control/controlStore.ts';
import type { MailStore } from '../mail/mailStore.ts';
import { clearCurrentRun, readCurrentRun } from '../runs/currentRun.ts';
import type { RunStore } from '../runs/runStore.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { isMissing, readTextIfPresent } from '../util/files.ts';
import type { Worktrees } from '../worktrees/worktrees.ts';

/** What a sling in progress has to take back, written down before its first step. */
export interface SlingEntry {
  readonly session: AgentSession;
  /** The row that had this name before; null when there was none. */
  readonly previous: AgentSession | null;
  readonly previousSettings: AgentSettings | null;
  /** Set when this sling begins a run. */
  readonly createdRun: boolean;
  /** True when the agent had no state folder before. */
  readonly createdFolder: boolean;
  /** What a sling writes in an agent's folder as it was before, null for a file that was not there; absent in old entries. */
  readonly previousFiles?: Readonly<Record<string, string | null>>;
  /** Mail whose existence says that the sling is complete. */
  readonly dispatchId: string;
}

export interface SlingJournalStores {
  readonly overstoryDirectory: string;
  readonly control: Pick<ControlStore, 'getSetting' | 'putSetting' | 'removeAgentSettings' | 'putAgentSettings'>;
  readonly sessions: SessionStore;
  readonly runs: RunStore;
  readonly mail: Pick<MailStore, 'getById'>;
  readonly worktrees: Pick<Worktrees, 'rollback'>;
}

/** Files of an agent's state folder that a sling writes. */
const WRITTEN = ['guard.json', 'settings.json', 'identity.yaml', 'instructions.md'] as const;

/** Reads what a sling is about to replace in an agent's folder. What cannot be read is not replaced either, and is left out. */
export async function readAgentFiles(folder: string): Promise<Readonly<Record<string, string | null>>> {
  const files: Record<string, string | null> = {};
  for (const name of WRITTEN) {
    try {
      files[name] = await readTextIfPresent(join(folder, name));
    } catch {
      // A folder in its place, or no access: writing it will fail too, and say so.
    }
  }
  return files;
}

/** Name of the setting that holds the slings in progress, by agent. */
const UNDER_WAY = 'slings.underWay';

/**
 * Notes slings in progress, so that one that was cut off by a crash leaves nothing behind: neither a name that is taken
 * for ever nor a place in the fleet (spec 02 §3.13, where the reference leaves both).
 */
export class SlingJournal {
  readonly #stores: SlingJournalStores;

  constructor(stores: SlingJournalStores) {
    this.#stores = stores;
  }

  begin(entry: SlingEntry): void {
    this.#write({ ...this.#read(), [entry.session.agentName]: entry });
  }

  end(agentName: string): void {
    const { [agentName]: _done, ...others } = this.#read();
    this.#write(others);
  }

  /**
   * Takes a sling back, newest step first. Steps that were never done do nothing. `worktree` is false when making it was
   * refused: what lies there then is somebody else's.
   * @returns what could not be taken back.
   */
  async takeBack(entry: SlingEntry, made: { readonly worktree: boolean }): Promise<readonly string[]> {
    const { overstoryDirectory, control, sessions, runs, worktrees } = this.#stores;
    const { session, previous, previousSettings } = entry;
    const { agentName, runId } = session;
    const problems: string[] = [];
    const attempt = async (what: string, step: () => Promise<unknown> | unknown): Promise<void> => {
      try {
        await step();
      } catch (error) {
        problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
    await attempt('settings', () =>
      previousSettings === null ? control.removeAgentSettings(agentName) : control.putAgentSettings(previousSettings),
    );
    if (entry.createdFolder) {
      const folder = join(overstoryDirectory, 'agents', agentName);
      await attempt('agent folder', () =>
        rm(folder, { recursive: true, force: true }).catch((error: unknown) => {
          // No folder of agents means none of this agent either.
          if (!isMissing(error)) throw error;
        }),
      );
    }
    for (const [name, content] of Object.entries(entry.createdFolder ? {} : (entry.previousFiles ?? {}))) {
      await attempt(name, () => putBack(join(overstoryDirectory, 'agents', agentName, name), content));
    }
    if (made.worktree) {
      await attempt('worktree', () => worktrees.rollback(session.worktreePath, session.branchName));
    }
    await attempt('run', async () => {
      // Another sling may have joined the run meanwhile: then it stays.
      if (!entry.createdRun || runId === null) return;
      if (sessions.getByRun(runId).some((other) => other.agentName !== agentName)) return;
      if ((await readCurrentRun(overstoryDirectory)) === runId) await clearCurrentRun(overstoryDirectory);
      runs.removeRun(runId);
    });
    await attempt('session', () => (previous === null ? sessions.remove(agentName) : sessions.upsert(previous)));
    // What could not be taken back is tried again by the next engine.
    if (problems.length === 0) this.end(agentName);
    return problems;
  }

  /** Finishes or takes back what an earlier engine was in the middle of. @returns lines for the log. */
  async recover(onComplete: (taskId: string, agentName: string, capability: Capability) => void): Promise<string[]> {
    const lines: string[] = [];
    for (const [agentName, entry] of Object.entries(this.#read())) {
      const current = this.#stores.sessions.getByName(agentName);
      if (current === null || current.id === entry.previous?.id) {
        // The name was never taken by it, or was given back while another step could not be taken back: that is done now.
        lines.push(...(await this.takeBack(entry, { worktree: false })));
        continue;
      }
      if (current.id !== entry.session.id) {
        // Somebody has taken the name since: what is there is theirs.
        this.end(agentName);
        continue;
      }
      if (this.#stores.mail.getById(entry.dispatchId) !== null) {
        onComplete(entry.session.taskId, agentName, entry.session.capability as Capability);
        this.end(agentName);
        continue;
      }
      lines.push(
        `the sling of ${agentName} was cut off and is taken back`,
        ...(await this.takeBack(entry, { worktree: true })),
      );
    }
    return lines;
  }

  #read(): Readonly<Record<string, SlingEntry>> {
    const stored = this.#stores.control.getSetting(UNDER_WAY);
    return typeof stored === 'object' && stored !== null ? (stored as Record<string, SlingEntry>) : {};
  }

  #write(entries: Readonly<Record<string, SlingEntry>>): void {
    this.#stores.control.putSetting(UNDER_WAY, entries);
  }
}

/** Makes a file what it was; one that is so already is not written. */
async function putBack(path: string, content: string | null): Promise<void> {
  const now = await readTextIfPresent(path);
  if (now === content) return;
  if (content === null) await rm(path, { force: true });
  else await writeFileAtomic(path, content);
}
