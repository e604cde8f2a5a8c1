import type { AgentView } from '../../../contract/agents.ts';
import type { AttentionItem } from '../../../contract/attention.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import type { MailMessage } from '../../../contract/mail.ts';
import type { MergeView } from '../../../contract/merges.ts';
import type { RunView } from '../../../contract/runs.ts';
import type { GuardState } from '../../../contract/runtimes.ts';
import type { RoomStatus } from '../../../contract/status.ts';
import type { TaskView } from '../../../contract/tasks.ts';
import type { TerminalView } from '../../../contract/terminals.ts';
import { timestamp } from '../../platform/clock.ts';
import type { AgentSettings } from '../control/controlStore.ts';
import type { Governor } from '../governor/governor.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { Stores } from '../stores.ts';
import { type AgentHolds, holdView } from '../turns/agentHolds.ts';
import type { TurnEngine } from '../turns/turnEngine.ts';
import type { Turn } from '../turns/turnRow.ts';
import { type AgentFacts, buildAgentView } from './agentViewRules.ts';
import type { AttentionFacts } from './attentionRules.ts';
import type { EventRow } from './timelineRules.ts';

/** What the room's topics are read from. All reads are small and by key. */
export interface RoomReader {
  agentNames(): readonly string[];
  parentOf(agentName: string): string | null;
  agents(names: readonly string[], asks: ReadonlyMap<string, string>): readonly AgentView[];
  newestMail(limit: number): readonly MailMessage[];
  mail(id: string): MailMessage | null;
  merges(): readonly MergeView[];
  tasks(): readonly TaskView[];
  runs(): readonly RunView[];
  terminals(): readonly TerminalView[];
  attentionFacts(): AttentionFacts;
  newestEvents(limit: number): readonly EventRow[];
  eventsAfter(id: number, limit: number): readonly EventRow[];
  status(): RoomStatus;
}

export interface RoomReaderOptions {
  readonly stores: Stores;
  readonly engine: () => Pick<TurnEngine, 'activeTurn'> & Partial<Pick<TurnEngine, 'troubles'>>;
  readonly holds: () => Pick<AgentHolds, 'get' | 'all'>;
  readonly governor: () => Pick<Governor, 'gates' | 'holdOf' | 'view' | 'fleetPaused'>;
  readonly tasks: () => readonly TaskView[];
  /** How far the guards of a runtime hold, by its name; absent: nobody says. */
  readonly guardsOf?: (runtime: string) => GuardState['level'] | null;
  /** Predicted collisions that ask for attention; absent: nobody looks for them. */
  readonly collisions?: () => readonly AttentionItem[];
  readonly merges: () => readonly MergeView[];
  readonly terminals: () => readonly TerminalView[];
  readonly currentRun: () => string | null;
  readonly status: () => Omit<
    RoomStatus,
    'runId' | 'activity' | 'governor' | 'mailQueued' | 'mergesWaiting' | 'spendUsd' | 'terminals' | 'paused'
  >;
}

/** Minutes of the sparkline (ui.md "Top strip"). */
const ACTIVITY_MINUTES = 60;
/** Milliseconds a sparkline of minutes may be old. */
const ACTIVITY_MS = 2_000;
/** Agents up to which each is read by itself: their rows by key are less to read than whole tables. */
const FEW = 4;
/** Runs the picker shows. */
const RUNS = 50;

/** The rows an agent's view is made of. */
interface AgentRows {
  session(agentName: string): AgentSession | null;
  settings(agentName: string): AgentSettings | null;
  latestTurn(agentName: string): Turn | null;
  cost(agentName: string): number | null;
  taskTitle(taskId: string): string | null;
}

export function createRoomReader(options: RoomReaderOptions): RoomReader {
  const { sessions, runs, mail, events, turns, control, mergeQueue } = options.stores;
  let activity: readonly number[] = [];
  let activityAt = Number.NEGATIVE_INFINITY;
  const rowsByName: AgentRows = {
    session: sessions.getByName,
    settings: control.getAgentSettings,
    latestTurn: turns.latestForAgent,
    cost: turns.costOf,
    taskTitle: (id) => control.getTask(id)?.title ?? null,
  };

  return {
    agentNames: () => sessions.getAll().map((session) => session.agentName),
    parentOf: (agentName) => sessions.getByName(agentName)?.parentAgent ?? null,

    agents(names, asks) {
      const boxes = mail.queuedBoxes();
      const children = childrenByParent();
      const rows = names.length > FEW ? allRows() : rowsByName;
      const loops = new Map(
        options.stores.watchdog.openFindings().map((one) => [`${one.kind} ${one.turnId}`, one.detail] as const),
      );
      const levels = new Map<string, GuardState['level'] | null>();
      const guardsOf = (runtime: string): GuardState['level'] | null => {
        const known = levels.get(runtime);
        if (known !== undefined) return known;
        const level = options.guardsOf?.(runtime) ?? null;
        levels.set(runtime, level);
        return level;
      };
      return names.flatMap((name) => {
        const session = rows.session(name);
        if (session === null) return [];
        const settings = rows.settings(name);
        const running = options.engine().activeTurn(name);
        const latest = running?.turn ?? rows.latestTurn(name);
        const box = boxes.get(name);
        const facts: AgentFacts = {
          taskTitle: session.taskId === '' ? null : rows.taskTitle(session.taskId),
          runtime: settings?.runtime ?? 'unknown',
          model: latest?.model ?? settings?.model ?? null,
          guards: settings === null ? null : guardsOf(settings.runtime),
          turn:
            running === null
              ? null
              : { id: running.turn.turnId, number: running.turn.number, startedAt: running.turn.startedAt },
          turnCount: latest?.number ?? 0,
          doing: running?.doing ?? null,
          unreadMail: box?.count ?? 0,
          costUsd: rows.cost(name),
          retry: options.engine().troubles?.retryOf(name) ?? ((box?.attempts ?? 0) > 0 ? retryOf(name) : null),
          reason: settings?.reason ?? null,
          asks: asks.get(name) ?? null,
          hold: holdView(options.holds().get(name)) ?? (running === null ? options.governor().holdOf(name) : null),
          liveChildren: children.get(name) ?? [],
        };
        const view = buildAgentView(session, facts);
        const loop = running === null ? undefined : loops.get(`loop ${running.turn.turnId}`);
        // Stalled and looping share a state on screen (ui.md "Direction"); the second line says which.
        return [
          loop === undefined ? view : { ...view, status: 'stalled' as const, activity: `repeats itself: ${loop}` },
        ];
      });
    },

    newestMail: (limit) => mail.getAll({ limit }),
    mail: (id) => mail.getById(id),
    merges: options.merges,
    tasks: options.tasks,
    terminals: options.terminals,

    runs() {
      const costs = turns.costByRun();
      const current = options.currentRun();
      return runs.listRuns({ limit: RUNS }).map((run) => ({
        id: run.id,
        startedAt: run.startedAt,
        completedAt: run.completedAt,
        status: run.status,
        coordinator: run.coordinatorName,
        agentCount: run.agentCount,
        costUsd: costs.get(run.id)?.costUsd ?? null,
        current: run.id === current,
      }));
    },

    attentionFacts() {
      const letters = new Map<string, MailMessage>();
      for (const message of mail.getAll({ to: OPERATOR })) letters.set(message.id, message);
      for (const message of mail.getAll({ from: OPERATOR })) letters.set(message.id, message);
      for (const message of mail.getAll({ state: 'dead' })) letters.set(message.id, message);
      const settings = new Map(control.listAgentSettings().map((one) => [one.agentName, one] as const));
      return {
        mail: [...letters.values()],
        agents: sessions
          .getAll()
          .map((session) => ({ ...session, reason: settings.get(session.agentName)?.reason ?? null })),
        holds: options.holds().all(),
        gates: [...options.governor().gates(), ...(options.engine().troubles?.items() ?? [])],
        merges: options.merges(),
        collisions: options.collisions?.() ?? [],
        // A finding speaks of one turn: the next one has had its chance.
        findings: options.stores.watchdog
          .openFindings()
          .filter(({ agentName, turnId }) => turns.latestForAgent(agentName)?.turnId === turnId),
        dismissed: control.dismissed(),
      };
    },

    newestEvents: (limit) => events.tail({ limit }),
    eventsAfter: (id, limit) => events.after(id, limit),

    status() {
      const current = options.currentRun();
      const queued = [...mail.queuedCounts()]
        .filter(([name]) => name !== OPERATOR)
        .reduce((sum, [, count]) => sum + count, 0);
      // Between runs the last run's spend stays in view.
      const spent = current ?? runs.listRuns({ limit: 1 })[0]?.id;
      const cost = spent === undefined ? undefined : turns.costByRun().get(spent);
      return {
        ...options.status(),
        runId: current,
        activity: [...recentActivity()],
        terminals: options.terminals().length,
        mailQueued: queued,
        mergesWaiting: mergeQueue.list().filter((entry) => entry.status === 'pending' || entry.status === 'merging')
          .length,
        spendUsd: cost?.costUsd ?? null,
        paused: options.governor().fleetPaused(),
        governor: options.governor().view(),
      };
    },
  };

  /** Every agent's rows by one statement a table: a look at many costs a fraction of as many looks at one. */
  function allRows(): AgentRows {
    const known = new Map(sessions.getAll().map((session) => [session.agentName, session] as const));
    const settings = new Map(control.listAgentSettings().map((one) => [one.agentName, one] as const));
    const latest = turns.latestByAgent();
    const costs = turns.costByAgent();
    const titles = new Map(control.listTasks().map((task) => [task.id, task.title] as const));
    return {
      session: (name) => known.get(name) ?? null,
      settings: (name) => settings.get(name) ?? null,
      latestTurn: (name) => latest.get(name) ?? null,
      cost: (name) => costs.get(name)?.costUsd ?? null,
      taskTitle: (id) => titles.get(id) ?? null,
    };
  }

  function childrenByParent(): ReadonlyMap<string, AgentFacts['liveChildren']> {
    const children = new Map<string, { readonly name: string; readonly capability: string }[]>();
    for (const { parentAgent, agentName: name, capability } of sessions.getActive()) {
      if (parentAgent === null) continue;
      const known = children.get(parentAgent);
      if (known === undefined) children.set(parentAgent, [{ name, capability }]);
      else known.push({ name, capability });
    }
    return children;
  }

  /** Counting an hour of events is the one read here that grows with history: at most every two seconds. */
  function recentActivity(): readonly number[] {
    const now = performance.now();
    if (now - activityAt >= ACTIVITY_MS) {
      activityAt = now;
      activity = events.activityPerMinute(ACTIVITY_MINUTES);
    }
    return activity;
  }

  function retryOf(agentName: string): AgentFacts['retry'] {
    for (const message of mail.getUnread(agentName)) {
      const { delivery } = message;
      if (delivery?.state !== 'queued' || delivery.attempts === 0) continue;
      return {
        attempt: delivery.attempts,
        nextAttemptAt: delivery.nextAttemptAt ?? timestamp(0),
        reason: mail.deliveryReason(message.id) ?? 'the last turn failed',
      };
    }
    return null;
  }
}
