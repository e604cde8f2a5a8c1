import type { GuardState } from '../../../contract/runtimes.ts';
import type { Changes } from '../changes.ts';
import type { ConfigService } from '../config/configService.ts';
import type { ServicesOptions } from '../engineServicesOptions.ts';
import type { Git } from '../git/git.ts';
import type { Governor } from '../governor/governor.ts';
import type { MergeService } from '../merge/mergeService.ts';
import type { Radar } from '../radar/radarService.ts';
import { watchProjectHead } from '../room/projectHead.ts';
import { createRoomPublisher, type RoomPublisher } from '../room/roomPublisher.ts';
import { createRoomReader } from '../room/roomReader.ts';
import { readCurrentRun } from '../runs/currentRun.ts';
import type { Terminals } from '../terminals/terminals.ts';
import { costByTask } from '../tracker/taskCosts.ts';
import type { TaskService } from '../tracker/taskService.ts';
import type { AgentHolds } from '../turns/agentHolds.ts';
import type { Dispatcher } from '../turns/dispatcher.ts';
import type { TurnEngine } from '../turns/turnEngine.ts';
import type { Watchdog } from '../watchdog/watchdogService.ts';

/** Milliseconds a card may lag behind its agent. */
const FOLLOW_MS = 50;

/** The services the room is read from. They are made after the room's side, hence asked for when something is read. */
export interface RoomSources {
  readonly engine: TurnEngine;
  readonly holds: AgentHolds;
  readonly governor: Governor;
  readonly tasks: TaskService;
  readonly merges: MergeService;
  readonly terminals: Terminals;
  readonly watchdog: Watchdog;
  readonly dispatcher: Dispatcher;
  readonly radar: Radar;
  readonly settings: ConfigService;
  /** How far the guards of a runtime hold; null for one nobody knows. */
  readonly guardsOf: (runtime: string) => GuardState['level'] | null;
}

/** What shows the state of the project to its faces, and what services tell of their commits. */
export interface RoomSide {
  readonly room: RoomPublisher;
  readonly changes: Changes;
  currentRun(): string | null;
  refreshRun(): Promise<void>;
  costOfTask(taskId: string): number | null;
  close(): void;
}

export async function composeRoomSide(
  options: ServicesOptions,
  git: Git,
  sources: () => RoomSources,
): Promise<RoomSide> {
  const { projectRoot, overstoryDirectory, stores, hub, log } = options;
  let currentRun = await readCurrentRun(overstoryDirectory);
  let closed = false;
  // Watched before anything is published; told to the room once there is one.
  let onHead = (): void => {};
  const head = await watchProjectHead(git, projectRoot, () => onHead());
  const reader = createRoomReader({
    stores,
    engine: () => sources().engine,
    holds: () => sources().holds,
    governor: () => sources().governor,
    tasks: () => sources().tasks.list(),
    merges: () => sources().merges.list(),
    collisions: () => sources().radar.collisions(),
    terminals: () => sources().terminals.views(),
    currentRun: () => currentRun,
    guardsOf: (runtime) => sources().guardsOf(runtime),
    status: () => ({
      project: {
        root: projectRoot,
        name: options.projectName,
        canonicalBranch: sources().settings.current().project.canonicalBranch,
        ...head.current(),
      },
      engine: options.engine,
      watchdog: sources().watchdog.status(),
      config: sources().settings.state(),
      notifications: sources().settings.current().controlRoom.notifications,
    }),
  });
  const room = createRoomPublisher({ hub, reader, log });
  onHead = () => room.status();

  let followTimer: NodeJS.Timeout | null = null;
  /** Read once for all cards of a look. */
  let taskCosts: ReadonlyMap<string, number> = new Map();
  /** Cards follow agents and merges; a streaming agent reports many times a second, a card need not. */
  function followSoon(): void {
    // A sling that ends while the engine closes still tells of its agent.
    if (closed) return;
    followTimer ??= setTimeout(() => {
      followTimer = null;
      taskCosts = costByTask(stores);
      sources().tasks.followFacts();
    }, FOLLOW_MS);
  }
  async function refreshRun(): Promise<void> {
    currentRun = await readCurrentRun(overstoryDirectory);
    room.runs();
  }

  return {
    room,
    changes: {
      ...room,
      mail(ids) {
        room.mail(ids);
        sources().watchdog.sawMail(ids);
        // A question shows on its card.
        if (ids.length > 0) followSoon();
        sources().dispatcher.wake();
      },
      merges() {
        room.merges();
        followSoon();
        head.refresh();
      },
      agent(name) {
        room.agent(name);
        followSoon();
      },
      runs() {
        void refreshRun();
      },
    },
    currentRun: () => currentRun,
    refreshRun,
    costOfTask: (taskId) => taskCosts.get(taskId) ?? null,
    close() {
      closed = true;
      if (followTimer !== null) clearTimeout(followTimer);
      head.close();
      room.close();
    },
  };
}
