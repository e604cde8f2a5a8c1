import { fail, type Result } from '../../contract/result.ts';
import type { RoomHandlers } from '../../contract/room.ts';
import { createDeploy } from './agents/deploy.ts';
import { launchFactsOf } from './agents/launchFacts.ts';
import { createLifecycle } from './agents/lifecycle.ts';
import { createSlingService } from './agents/slingService.ts';
import { createTakeOvers } from './agents/takeOver.ts';
import type { Changes } from './changes.ts';
import type { Config } from './config/schema.ts';
import { createCoordinatorService } from './coordinator/coordinatorService.ts';
import type { ServicesOptions } from './engineServicesOptions.ts';
import { createGit } from './git/git.ts';
import { createGovernor } from './governor/governor.ts';
import { createGroups } from './groups/groups.ts';
import { createMailService } from './mail/mailService.ts';
import { createMergeService } from './merge/mergeService.ts';
import { createRecordings } from './recordings/recordingsService.ts';
import { agentTerminalId } from './room/agentViewRules.ts';
import { watchProjectHead } from './room/projectHead.ts';
import { createRoomHandlers } from './room/roomHandlers.ts';
import { createRoomPublisher } from './room/roomPublisher.ts';
import { createRoomReader } from './room/roomReader.ts';
import { readCurrentRun } from './runs/currentRun.ts';
import { createRuntimeRegistry } from './runtimes/registry.ts';
import { createHostLink } from './terminals/hostLink.ts';
import { createTerminals } from './terminals/terminals.ts';
import { costByTask } from './tracker/taskCosts.ts';
import { createTaskService } from './tracker/taskService.ts';
import { openAgentHolds } from './turns/agentHolds.ts';
import { Dispatcher } from './turns/dispatcher.ts';
import { recoverTurns } from './turns/recoverTurns.ts';
import { offerResumes } from './turns/resumeOffers.ts';
import { checkScope } from './turns/scopeCheck.ts';
import { TurnEngine } from './turns/turnEngine.ts';
import { vaultEventData } from './vault/vaultRules.ts';
import { createVault, type Vault, worktreeFolderOf } from './vault/vaultService.ts';
import { askModelOf } from './watchdog/askModel.ts';
import { heldBy, questionsOf, terminalFacts } from './watchdog/roomFacts.ts';
import { createWatchdog, type Watchdog } from './watchdog/watchdogService.ts';
import { createWorktreeRemoval } from './worktrees/worktreeRemoval.ts';
import { createWorktrees } from './worktrees/worktrees.ts';

/** Milliseconds a card may lag behind its agent. */
const FOLLOW_MS = 50;

/** The engine's services, put together. */
export interface Services {
  readonly handlers: RoomHandlers;
  /** Another process wrote into the databases. */
  onForeignCommit(): void;
  setBrowserLink(make: () => Promise<Result<{ url: string }>>): void;
  /** Completes or takes back the slings an earlier engine was in the middle of. Comes before the first call is answered: a caller
   *  that asks again for a cut-off sling must not meet its own half-made row. */
  recoverSlings(): Promise<void>;
  /** Adopts what an earlier engine left: merges, turns, mail; then fills the topics and starts to work. */
  recover(): Promise<void>;
  /** Lets go of running turns without ending them. */
  detach(): Promise<void>;
  close(): void;
}

export async function composeServices(options: ServicesOptions): Promise<Services> {
  const { projectRoot, overstoryDirectory, stores, hub, clock, log, environment, config: settings } = options;
  const config = (): Config => settings;
  const git = createGit(projectRoot);
  let currentRun = await readCurrentRun(overstoryDirectory);
  let browserLink = async (): Promise<Result<{ url: string }>> =>
    fail('unavailable', 'this engine serves no browser room: start "ov serve"');

  const recorded = () => config().controlRoom.recordings;
  const recordings = await createRecordings({
    projectRoot,
    history: stores.history,
    git,
    clock,
    log,
    settings: recorded,
  });
  // Watched before anything is published; told to the room once there is one.
  let onHead = (): void => {};
  const head = await watchProjectHead(git, projectRoot, () => onHead());

  const reader = createRoomReader({
    stores,
    engine: () => engine,
    holds: () => holds,
    governor: () => governor,
    tasks: () => tasks.list(),
    merges: () => merges.list(),
    terminals: () => terminals.views(),
    currentRun: () => currentRun,
    status: () => ({
      project: {
        root: projectRoot,
        name: options.projectName,
        canonicalBranch: config().project.canonicalBranch,
        ...head.current(),
      },
      engine: options.engine,
      watchdog: watchdog.status(),
    }),
  });
  const room = createRoomPublisher({ hub, reader, log });
  onHead = () => room.status();
  const changes: Changes = {
    ...room,
    mail(ids) {
      room.mail(ids);
      watchdog.sawMail(ids);
      // A question shows on its card.
      if (ids.length > 0) followSoon();
      dispatcher.wake();
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
  };
  let followTimer: NodeJS.Timeout | null = null;
  let closed = false;
  /** Read once for all cards of a look. */
  let taskCosts: ReadonlyMap<string, number> = new Map();
  /** Cards follow agents and merges; a streaming agent reports many times a second, a card need not. */
  function followSoon(): void {
    // A sling that ends while the engine closes still tells of its agent.
    if (closed) return;
    followTimer ??= setTimeout(() => {
      followTimer = null;
      taskCosts = costByTask(stores);
      tasks.followFacts();
    }, FOLLOW_MS);
  }
  async function refreshRun(): Promise<void> {
    currentRun = await readCurrentRun(overstoryDirectory);
    room.runs();
  }

  const registry = createRuntimeRegistry({
    uid: process.getuid?.() ?? null,
    environment,
    pi: () => config().runtime.pi,
    acpAgents: () => config().controlRoom.acpAgents,
  });
  const worktrees = createWorktrees(projectRoot, config().worktrees.baseDir, (path, how) =>
    vault.beforeRemoval(path, how),
  );
  const vault: Vault = createVault({
    projectRoot,
    worktreeFolder: worktreeFolderOf(projectRoot, config().worktrees.baseDir),
    git,
    clock,
    log,
    limits: () => config().controlRoom.vault,
    sessions: () => stores.sessions.getAll(),
    worktrees,
    isBusy: (agentName) => engine.isBusy(agentName),
    onIdleCheckout: (work) => merges.whileIdle(work),
    record(event) {
      const { agentName, runId, level } = event;
      stores.events.insert({ agentName, runId, eventType: 'custom', level, data: vaultEventData(event) });
      room.events();
    },
  });
  const link = createHostLink({
    projectRoot,
    log,
    hostArgs: options.hostArgs,
    onRow(row, previous) {
      if (!row.running && row.tag !== null && previous?.running !== false) {
        void engine.onRunEnded(row.tag);
        takeOvers.onRunEnded(row.tag);
      }
      if (previous === null || previous.running !== row.running) room.terminals();
    },
    onGone: () => room.terminals(),
    prepare: (client) => recordings.onHost(client),
    onConnected(first) {
      room.terminals();
      if (first) return;
      void engine.reconcile();
      void takeOvers.recover(false);
    },
  });
  const terminals = createTerminals({ link, log, environment, commandFolder: options.commandFolder, projectRoot });
  const mail = createMailService({
    overstoryDirectory,
    mail: stores.mail,
    sessions: stores.sessions,
    events: stores.events,
    changes,
  });
  const deploy = createDeploy({
    projectRoot,
    overstoryDirectory,
    clock,
    config,
    manifest: () => options.manifest,
    registry,
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
  const governor = createGovernor({
    clock,
    stores,
    holds,
    config,
    currentRun: () => currentRun,
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
    launchFacts,
    adapter: (runtime) => registry.get(runtime),
    setReason: (agentName, reason) => stores.control.setAgentReason(agentName, reason),
    beforeKill: (agentName, why) => vault.beforeKill(agentName, why),
    onTurnEnded(ended) {
      governor.onTurnEnded(ended);
      if (ended.outcome.kind === 'done') observeScope(ended.turn.agentName);
    },
    onSettled(agentName) {
      watchdog.turnEnded(agentName);
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
  });
  const wake = (): void => dispatcher.wake();
  const merges = createMergeService({
    site: { git, root: projectRoot, overstory: overstoryDirectory },
    queue: stores.mergeQueue,
    outcomes: stores.control,
    clock,
    canonicalBranch: () => config().project.canonicalBranch,
    beforeTouch: (what) => vault.beforeMerge(what),
    record(event) {
      stores.events.insert({
        agentName: event.agentName,
        runId: currentRun,
        eventType: 'custom',
        level: event.level,
        data: JSON.stringify({ type: 'merge', ...event }),
      });
      room.events();
    },
    onChange: () => changes.merges(),
  });
  const tasks = createTaskService({
    projectRoot,
    projectName: options.projectName,
    control: stores.control,
    sessions: stores.sessions,
    merges: () => merges.list(),
    questions: () => hub.state('attention').byId,
    costOf: (taskId) => taskCosts.get(taskId) ?? null,
    onChange: () => room.tasks(),
  });
  const sling = createSlingService({
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
    onSlung: (taskId, agentName, capability) => tasks.onSlung(taskId, agentName, capability),
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
    wake,
  });
  const watchdog: Watchdog = createWatchdog({
    clock,
    log,
    config,
    overstoryDirectory,
    projectRoot,
    stores,
    engine,
    terminal: (agentName) => terminalFacts(link.rows().get(agentTerminalId(agentName))),
    endTerminal: (agentName) => terminals.terminate(agentTerminalId(agentName), 2_000),
    takenOver: (agentName) => holds.get(agentName)?.kind === 'takenOver',
    held: (agentName) =>
      heldBy(holds.get(agentName), clock.now()) ??
      heldBy(governor.holdOf(agentName), clock.now()) ??
      governor.waitOf(agentName),
    asks: questionsOf(() => hub.state('attention')),
    paused: () => governor.fleetPaused(),
    nudge: (agentName, message) => lifecycle.nudge(agentName, message, 'watchdog'),
    ask: askModelOf({ projectRoot, environment, launchFacts, adapter: (runtime) => registry.get(runtime) }),
    wake,
    changes,
    onFindings: () => changes.attention(),
    publish: (put, remove) => hub.publish('evidence', { put: [...put], remove: [...remove] }),
    onTick: () => room.status(),
  });

  const handlers = createRoomHandlers({
    projectRoot,
    hub,
    stores,
    sling,
    lifecycle,
    takeOvers,
    governor,
    coordinator,
    mail,
    tasks,
    groups: createGroups(projectRoot, clock),
    merges,
    terminals,
    watchdog,
    vault,
    removeWorktree: createWorktreeRemoval({
      projectRoot,
      worktrees,
      sessions: stores.sessions,
      events: stores.events,
      changes,
      isBusy: (agentName) => engine.isBusy(agentName),
    }),
    recordings,
    onDismissed: () => room.merges(),
    shutdown: options.shutdown,
    browserLink: () => browserLink(),
  });

  return {
    handlers,
    onForeignCommit() {
      room.everything();
      watchdog.sawForeignCommit();
      void refreshRun();
      wake();
    },
    setBrowserLink(make) {
      browserLink = make;
    },
    async recoverSlings() {
      for (const line of await sling.recover()) log('warn', line);
    },
    async recover() {
      // A git that a killed engine left behind is waited for; agents need not wait with it.
      const merged = merges.recover().then((problems) => {
        for (const problem of problems) log('warn', problem);
      });
      room.everything();
      room.flush();
      await recoverTurns({ stores, engine, holds, rebooted: options.rebooted, clock, log });
      await takeOvers.recover(options.rebooted);
      if (options.rebooted) offerResumes({ mail: stores.mail, sessions: stores.sessions, holds, clock });
      void merged.catch((error: unknown) => {
        log('error', 'merges could not be recovered', { error: error instanceof Error ? error.stack : String(error) });
      });
      tasks.followFacts();
      watchdog.start();
      vault.start();
      dispatcher.open();
    },
    async detach() {
      await watchdog.stop();
      await vault.stop();
      dispatcher.close();
      await merges.drain();
      await tasks.settled();
      await engine.detach();
      takeOvers.detach();
    },
    close() {
      closed = true;
      if (followTimer !== null) clearTimeout(followTimer);
      link.close();
      head.close();
      recordings.close();
      room.close();
    },
  };
}
