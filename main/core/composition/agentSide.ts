import { join } from 'node:path';
import { noteCompletion } from '../agents/completion.ts';
import { createDeploy } from '../agents/deploy.ts';
import { createGuardCanary, type GuardCanary } from '../agents/guardCanary.ts';
import { launchFactsOf } from '../agents/launchFacts.ts';
import { createLifecycle, type Lifecycle } from '../agents/lifecycle.ts';
import { secureLaunchOf } from '../agents/secureLaunch.ts';
import { createSlingService, type SlingService } from '../agents/slingService.ts';
import { createTakeOvers, type TakeOvers } from '../agents/takeOver.ts';
import type { Config } from '../config/schema.ts';
import { type CoordinatorService, createCoordinatorService } from '../coordinator/coordinatorService.ts';
import type { ServicesOptions } from '../engineServicesOptions.ts';
import type { Git } from '../git/git.ts';
import { createGovernor, type Governor } from '../governor/governor.ts';
import { withDefaults } from '../metrics/pricing.ts';
import type { Radar } from '../radar/radarService.ts';
import type { RuntimeRegistry } from '../runtimes/registry.ts';
import { createSandbox } from '../sandbox/sandbox.ts';
import type { Terminals } from '../terminals/terminals.ts';
import type { TaskService } from '../tracker/taskService.ts';
import { type AgentHolds, openAgentHolds } from '../turns/agentHolds.ts';
import { Dispatcher } from '../turns/dispatcher.ts';
import { checkScope } from '../turns/scopeCheck.ts';
import { TurnEngine } from '../turns/turnEngine.ts';
import type { Vault } from '../vault/vaultService.ts';
import type { Watchdog } from '../watchdog/watchdogService.ts';
import type { Worktrees } from '../worktrees/worktrees.ts';
import type { MailSide } from './mailSide.ts';
import type { RoomSide } from './roomSide.ts';

/** Agents of a role whose costs say what the next one may cost: enough for a middle, few enough to follow prices and models. */
const PAST_AGENTS = 20;

/** What the agents' side is put together from. Tasks and watchdog are made after it, hence asked for when needed. */
export interface AgentSideParts {
  readonly roomSide: RoomSide;
  readonly git: Git;
  readonly config: () => Config;
  readonly registry: RuntimeRegistry;
  readonly worktrees: Worktrees;
  readonly vault: Vault;
  readonly terminals: Terminals;
  readonly mailSide: MailSide;
  readonly tasks: () => TaskService;
  readonly watchdog: () => Watchdog;
  readonly radar: () => Radar;
}

/** Agents: how they start, what holds them, their turns and ends. */
export interface AgentSide {
  readonly guardCanary: GuardCanary;
  readonly holds: AgentHolds;
  readonly governor: Governor;
  readonly engine: TurnEngine;
  readonly dispatcher: Dispatcher;
  /** There may be work for somebody. */
  readonly wake: () => void;
  readonly launchFacts: ReturnType<typeof launchFactsOf>;
  readonly sling: SlingService;
  readonly takeOvers: TakeOvers;
  readonly lifecycle: Lifecycle;
  readonly coordinator: CoordinatorService;
}

export function composeAgentSide(options: ServicesOptions, parts: AgentSideParts): AgentSide {
  const { projectRoot, overstoryDirectory, stores, clock, log, environment } = options;
  const { git, config, registry, worktrees, vault, terminals } = parts;
  const { mail, wakes, chores } = parts.mailSide;
  const { room, changes, currentRun } = parts.roomSide;
  const deploy = createDeploy({
    projectRoot,
    overstoryDirectory,
    clock,
    config,
    manifest: () => options.manifest,
    registry,
    profile: environment.OVERSTORY_PROFILE,
  });
  const holds = openAgentHolds(stores.control, (agentName) => {
    changes.agent(agentName);
    room.attention();
  });
  const launchFacts = launchFactsOf({
    overstoryDirectory,
    stores,
    config,
    manifestModel: (capability) => options.manifest.agents[capability]?.model,
    adapter: (runtime) => registry.get(runtime),
    environment,
  });
  /** Tells of changes outside an agent's files once it has reported; nobody waits for it, and nothing follows by itself. */
  function observeScope(agentName: string): void {
    const session = stores.sessions.getByName(agentName);
    if (session === null) return;
    const asked = checkScope(
      {
        git,
        mail: stores.mail,
        events: stores.events,
        canonicalBranch: () => config().project.canonicalBranch,
        scopeOf: (name) => stores.control.getAgentSettings(name)?.files ?? [],
      },
      session,
    );
    asked.then(
      (violations) => {
        if (violations.length > 0) room.events();
      },
      (error: unknown) => log('warn', 'file scope could not be looked at', { agent: agentName, error: String(error) }),
    );
  }
  /** What the agent is over all its sessions has one more in it. */
  async function rememberCompletion(agentName: string): Promise<void> {
    const session = stores.sessions.getByName(agentName);
    if (session === null) return;
    const noted = await noteCompletion(join(overstoryDirectory, 'agents'), session, clock.now());
    // Its work counts all the same; an agent of another program has no identity to count in.
    if (!noted.ok) log('warn', 'a completed task could not be noted', { agent: agentName, error: noted.error.message });
  }
  const canary = createGuardCanary({ control: stores.control, clock, log, environment });
  const sandbox = createSandbox({ projectRoot, overstoryDirectory, git, config, environment, log });
  const governor = createGovernor({
    clock,
    stores,
    holds,
    config,
    currentRun,
    stopAgent: (agentName) => lifecycle.stop(agentName),
    room,
    wake: () => dispatcher.wake(),
  });
  const engine: TurnEngine = new TurnEngine({
    projectRoot,
    overstoryDirectory,
    clock,
    log,
    sessions: stores.sessions,
    mail: stores.mail,
    events: stores.events,
    turns: stores.turns,
    locks: stores.locks,
    terminals,
    holds,
    changes,
    commandFolder: options.commandFolder,
    environment,
    maxAttempts: () => config().controlRoom.maxTurnAttempts,
    prices: () => withDefaults(config().controlRoom.prices),
    launchFacts,
    adapter: (runtime) => registry.get(runtime),
    secure: secureLaunchOf(canary, sandbox),
    setReason: (agentName, reason) => stores.control.setAgentReason(agentName, reason),
    beforeKill: (agentName, why) => vault.beforeKill(agentName, why),
    async onTurnEnded(ended) {
      governor.onTurnEnded(ended);
      if (ended.outcome.kind !== 'done') return;
      observeScope(ended.turn.agentName);
      await rememberCompletion(ended.turn.agentName);
    },
    onStarted: () => parts.watchdog().turnStarted(),
    onSettled(agentName) {
      parts.watchdog().turnEnded(agentName);
      dispatcher.wake();
    },
  });
  const dispatcher = new Dispatcher({
    mail: stores.mail,
    sessions: stores.sessions,
    engine,
    holds,
    clock,
    log,
    governor,
    boxes: (now) => wakes.boxes(now),
    chores,
  });
  const wake = (): void => dispatcher.wake();
  const sling = createSlingService({
    guardOf: (runtime) => canary.state(runtime),
    projectRoot,
    overstoryDirectory,
    clock,
    log,
    config,
    capabilities: () => Object.keys(options.manifest.agents),
    asRoot: process.getuid?.() === 0,
    sessions: stores.sessions,
    runs: stores.runs,
    control: stores.control,
    mail: stores.mail,
    events: stores.events,
    worktrees,
    registry,
    environment,
    changes,
    deploy,
    onSlung: (taskId, agentName, capability) => parts.tasks().onSlung(taskId, agentName, capability),
    columnOf: (taskId) => stores.control.getTask(taskId)?.column ?? null,
    filesOf: (taskId) => stores.control.getTask(taskId)?.files ?? [],
    plannedCollisions: (files) => parts.radar().planned(files),
    pastCosts: (capability) => stores.usage.agentCosts(capability, PAST_AGENTS),
    refuse: (facts, ask) => governor.refuseSling(facts, ask),
    wake,
  });
  const takeOvers = createTakeOvers({
    projectRoot,
    overstoryDirectory,
    commandFolder: options.commandFolder,
    environment,
    clock,
    log,
    sessions: stores.sessions,
    events: stores.events,
    mailService: mail,
    locks: stores.locks,
    holds,
    terminals,
    engine,
    changes,
    launchFacts,
    adapter: (runtime) => registry.get(runtime),
    wake,
  });
  const lifecycle = createLifecycle({
    clock,
    log,
    sessions: stores.sessions,
    control: stores.control,
    mail: stores.mail,
    mailService: mail,
    events: stores.events,
    engine,
    beforeKill: (agentName, why) => vault.beforeKill(agentName, why),
    holds,
    takeOvers,
    changes,
    wake,
  });
  const coordinator = createCoordinatorService({
    projectRoot,
    overstoryDirectory,
    clock,
    config,
    sessions: stores.sessions,
    runs: stores.runs,
    control: stores.control,
    mail: stores.mail,
    events: stores.events,
    registry,
    changes,
    deploy,
    currentBranch: () => worktrees.currentBranch(),
    stopAgent: (agentName) => lifecycle.stop(agentName),
    columnOf: (taskId) => stores.control.getTask(taskId)?.column ?? null,
    onStarted: (taskId, agentName, capability) => parts.tasks().onSlung(taskId, agentName, capability),
    mergesWaiting: () =>
      stores.mergeQueue
        .list()
        .filter((entry) => entry.status === 'pending' || entry.status === 'merging')
        .map((entry) => entry.branchName),
    readyTasks: () => ({ ok: true, count: parts.tasks().ready().length }),
    wake,
  });
  return {
    guardCanary: canary,
    holds,
    governor,
    engine,
    dispatcher,
    wake,
    launchFacts,
    sling,
    takeOvers,
    lifecycle,
    coordinator,
  };
}
