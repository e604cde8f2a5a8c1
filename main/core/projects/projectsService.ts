import { realpath } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { AgentStatus } from '../../../contract/agents.ts';
import type { OpenedProject, ProjectView } from '../../../contract/projects.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { RoomContract, RoomHandlers } from '../../../contract/room.ts';
import type { Scheduler } from '../../../contract/wire/channel.ts';
import type { TopicHub } from '../../../contract/wire/topicHub.ts';
import { projectKey } from '../../platform/projectSockets.ts';
import { resolveProjectRoot } from '../config/projectRoot.ts';
import { createDemo } from '../demo/demoProject.ts';
import type { Log } from '../engineLog.ts';
import { ensureBackgroundEngine } from '../lease/backgroundEngine.ts';
import { findLiveEngine } from '../lease/engineInfo.ts';
import type { ProjectRecord, ProjectRegistry } from './projectRegistry.ts';

/** Milliseconds that changes are gathered before the record is written again. */
const WRITE_AFTER_MS = 400;

export interface ProjectsOptions {
  readonly projectRoot: string;
  readonly projectName: string;
  readonly startedAt: string;
  readonly hub: TopicHub<RoomContract>;
  readonly scheduler: Scheduler;
  readonly log: Log;
  /** Null where nobody is to know of this engine's project: in tests, and in tools of our own. */
  readonly registry: ProjectRegistry | null;
}

/** This engine's project among those of the machine. */
export interface Projects {
  readonly handlers: Pick<RoomHandlers, 'projects.list' | 'projects.open' | 'projects.forget' | 'projects.createDemo'>;
  /** Registers the project, and keeps what is told of it true. */
  start(): Promise<void>;
  /** Lets go: nothing is written after it. */
  close(): Promise<void>;
}

const WORKING: ReadonlySet<AgentStatus> = new Set(['starting', 'working', 'inTurn']);

/** Tells other faces of this project and this one's of the others. It opens and reads nothing of another project. */
export function createProjects(options: ProjectsOptions): Projects {
  const { projectRoot, hub, registry, scheduler, log } = options;
  const ownId = projectKey(projectRoot);
  let written: ProjectRecord | null = null;
  let cancel: (() => void) | null = null;
  let writing: Promise<void> = Promise.resolve();
  let detaches: readonly (() => void)[] = [];

  const own = (): ProjectRecord => ({
    root: projectRoot,
    name: options.projectName,
    openedAt: options.startedAt,
    attention: Object.keys(hub.state('attention').byId).length,
    working: Object.values(hub.state('agents').byId).filter((agent) => WORKING.has(agent.status)).length,
  });

  function write(): Promise<void> {
    writing = writing.then(async () => {
      const next = own();
      if (registry === null || (written?.attention === next.attention && written.working === next.working)) return;
      try {
        await registry.save(next);
        written = next;
      } catch (error) {
        // A full or read-only home costs other rooms a number, and this one nothing.
        log('warn', 'the list of projects could not be written', { error: String(error) });
      }
    });
    return writing;
  }

  function changed(): void {
    cancel ??= scheduler.after(WRITE_AFTER_MS, () => {
      cancel = null;
      void write();
    });
  }

  async function view(record: ProjectRecord): Promise<ProjectView> {
    const current = record.root === projectRoot;
    // Unreadable files of another project are no reason to hide it: it is shown as one without an engine.
    const live = current || (await findLiveEngine(record.root).catch(() => null)) !== null;
    const { root, name, openedAt } = record;
    const counts = live ? { attention: record.attention, working: record.working } : { attention: null, working: null };
    return { id: projectKey(root), root, name, openedAt, live, current, ...counts };
  }

  async function openRegistered(path: string): Promise<Result<OpenedProject>> {
    // The same line for a folder that is absent, foreign or not set up: an answer is no way to look around on the disk.
    const unknown = fail(
      'notFound',
      `${path} is no project of this machine yet: run "ov init" and "ov open" in it once, then it is listed here`,
    );
    if (registry === null || !isAbsolute(path)) return unknown;
    const found = await resolveProjectRoot({ start: path });
    if (!found.ok || !found.value.initialised) return unknown;
    const root = await realpath(found.value.root).catch(() => null);
    const record = root === null ? null : await registry.find(projectKey(root));
    if (record === null) return unknown;
    const engine = await ensureBackgroundEngine(record.root);
    return engine.ok ? ok(opened(record.root, record.name)) : engine;
  }

  return {
    handlers: {
      async 'projects.list'() {
        const records = (await registry?.list()) ?? [];
        const others = await Promise.all(records.filter(({ root }) => root !== projectRoot).map(view));
        return ok({ projects: [await view(own()), ...others] });
      },
      'projects.open': (input) => openRegistered(input.path),
      async 'projects.forget'(input) {
        if (input.id === ownId) return fail('invalidState', 'the project that is open cannot be forgotten');
        await registry?.forget(input.id);
        return ok({});
      },
      async 'projects.createDemo'() {
        const made = await createDemo();
        return made.ok ? ok(opened(made.value.root, made.value.name)) : made;
      },
    },
    async start() {
      if (registry === null) return;
      await write();
      detaches = (['attention', 'agents'] as const).map((topic) => hub.attach(topic, null, changed).detach);
    },
    async close() {
      for (const detach of detaches) detach();
      cancel?.();
      await writing;
    },
  };
}

function opened(root: string, name: string): OpenedProject {
  return { id: projectKey(root), root, name };
}
