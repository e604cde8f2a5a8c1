import { join } from 'node:path';
import { fail, type Result } from '../../contract/result.ts';
import type { RoomHandlers } from '../../contract/room.ts';
import { nodeScheduler } from '../platform/scheduler.ts';
import { composeAgentSide } from './composition/agentSide.ts';
import { composeCleanup } from './composition/cleanupSide.ts';
import { composeHealth } from './composition/healthSide.ts';
import { composeMailSide } from './composition/mailSide.ts';
import { composeMergeSide } from './composition/mergeSide.ts';
import { composeMonitor } from './composition/monitorSide.ts';
import { composeAgentChanges, composeRadar } from './composition/radarSide.ts';
import { composeRoomSide } from './composition/roomSide.ts';
import { createConfigService } from './config/configService.ts';
import type { Config } from './config/schema.ts';
import type { MakeBrowserLink, ServicesOptions } from './engineServicesOptions.ts';
import { createGit } from './git/git.ts';
import { createGroupKeeper } from './groups/groupKeeper.ts';
import { createGroups } from './groups/groups.ts';
import { mailHandlers } from './mail/mailHandlers.ts';
import { createProjects } from './projects/projectsService.ts';
import { createRecordings } from './recordings/recordingsService.ts';
import { createRoomRecorder } from './recordings/roomRecorder.ts';
import { createReplay } from './replay/replayService.ts';
import { agentTerminalId } from './room/agentViewRules.ts';
import { createRoomHandlers } from './room/roomHandlers.ts';
import { openWallLinks, type WallLinks } from './room/wallLinks.ts';
import { createRunReports } from './runs/runReportReader.ts';
import { createRuntimeInventory } from './runtimes/inventory.ts';
import { createRuntimeRegistry } from './runtimes/registry.ts';
import { createHostLink } from './terminals/hostLink.ts';
import { createTerminals } from './terminals/terminals.ts';
import { createSeedsMirror } from './tracker/seeds/seedsMirror.ts';
import { createTaskService } from './tracker/taskService.ts';
import { recoverTurns } from './turns/recoverTurns.ts';
import { offerResumes } from './turns/resumeOffers.ts';
import { vaultEventData } from './vault/vaultRules.ts';
import { createVault, type Vault, worktreeFolderOf } from './vault/vaultService.ts';
import { askModelOf } from './watchdog/askModel.ts';
import { createWatchdogLimits } from './watchdog/limits.ts';
import { createPolicyRecord } from './watchdog/policyRecord.ts';
import { heldBy as heldByHold, questionsOf, terminalFacts } from './watchdog/roomFacts.ts';
import { createWatchdog, type Watchdog } from './watchdog/watchdogService.ts';
import { createWorktreeRemoval } from './worktrees/worktreeRemoval.ts';
import { createWorktrees } from './worktrees/worktrees.ts';

/** The engine's services, put together. */
export interface Services {
  readonly handlers: RoomHandlers;
  /** Another process wrote into the databases. */
  onForeignCommit(databases: readonly string[]): void;
  setBrowserLink(make: MakeBrowserLink): void;
  readonly wallLinks: WallLinks;
  /** Enters the project into the list of this machine's. */
  register(): Promise<void>;
  /** Completes or takes back the slings an earlier engine was in the middle of. Comes before the first call is answered: a caller
   *  that asks again for a cut-off sling must not meet its own half-made row. */
  recoverSlings(): Promise<void>;
  /** Adopts what an earlier engine left: merges, turns, mail; then fills the topics and starts to work. */
  recover(): Promise<void>;
  /** Lets go of running turns without ending them. */
  detach(): Promise<void>;
  /** Ends everything that runs under the pty host, and the host: the project is gone. */
  endProcesses(): Promise<Result<unknown>>;
  close(): void;
}

export async function composeServices(options: ServicesOptions): Promise<Services> {
  const { projectRoot, overstoryDirectory, stores, hub, clock, log, environment } = options;
  const settings = createConfigService({
    projectRoot,
    initial: options.config,
    onChange: () => onSettings(),
    warn: (line) => log('warn', line),
  });
  const config = (): Config => settings.current();
  const git = createGit(projectRoot);
  let browserLink: MakeBrowserLink = async () =>
    fail('unavailable', 'this engine serves no browser room: start "ov serve"');
  const wallLinks = await openWallLinks(join(overstoryDirectory, 'run', 'wall-links.json'), clock, (line) =>
    log('warn', line),
  );

  const recorded = () => config().controlRoom.recordings;
  const recordings = await createRecordings({
    projectRoot,
    history: stores.history,
    git,
    clock,
    log,
    settings: recorded,
  });
  const roomSide = await composeRoomSide(options, git, () => ({
    engine,
    holds,
    governor,
    tasks,
    merges,
    terminals,
    watchdog,
    dispatcher,
    radar,
    settings,
    guardsOf: (runtime) => {
      const known = registry.get(runtime);
      return known.ok ? agents.guardCanary.state(known.value).level : null;
    },
  }));
  const { room, changes, currentRun } = roomSide;
  const recorder = createRoomRecorder({ hub, history: stores.history, clock, log });

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
  const heldBy = (agentName: string): string | null =>
    heldByHold(holds.get(agentName), clock.now()) ??
    heldByHold(governor.holdOf(agentName), clock.now()) ??
    governor.waitOf(agentName);
  const mailSide = composeMailSide(options, {
    roomSide,
    config,
    heldBy: (agentName) =>
      governor.fleetPaused() ? 'the fleet is paused: "ov resume" lets it go on' : heldBy(agentName),
  });
  const { mail } = mailSide;
  const agents = composeAgentSide(options, {
    roomSide,
    git,
    config,
    registry,
    worktrees,
    vault,
    terminals,
    mailSide,
    tasks: () => tasks,
    watchdog: () => watchdog,
    radar: () => radar,
  });
  const { holds, governor, engine, dispatcher, wake, launchFacts, sling, takeOvers, lifecycle, coordinator } = agents;
  const merges = composeMergeSide(options, { git, config, registry, vault, mail, changes, currentRun });
  const tasks = createTaskService({
    projectRoot,
    projectName: options.projectName,
    control: stores.control,
    sessions: stores.sessions,
    merges: () => merges.list(),
    questions: () => hub.state('attention').byId,
    costOf: roomSide.costOfTask,
    onChange: onTasks,
  });
  function onTasks(): void {
    room.tasks();
    groupKeeper.follow();
    seeds.follow();
  }
  const seeds = createSeedsMirror({
    projectRoot,
    clock,
    log,
    enabled: () => config().taskTracker.enabled && config().taskTracker.backend !== 'beads',
    control: stores.control,
    onChange: onTasks,
  });
  const radar = composeRadar(options, { git, config, changes });
  const agentChanges = composeAgentChanges(options, { git, config });
  const groups = createGroups(projectRoot, clock);
  const groupKeeper = createGroupKeeper({ groups, tasks: () => tasks.list(), sessions: stores.sessions, mail, log });
  const limits = createWatchdogLimits(stores.control, config, () => policy.note());
  const watchdog: Watchdog = createWatchdog({
    clock,
    log,
    config: limits.config,
    overstoryDirectory,
    projectRoot,
    stores,
    engine,
    terminal: (agentName) => terminalFacts(link.rows().get(agentTerminalId(agentName))),
    endTerminal: (agentName) => terminals.terminate(agentTerminalId(agentName), 2_000),
    takenOver: (agentName) => holds.get(agentName)?.kind === 'takenOver',
    held: heldBy,
    dueMail: (now) => mailSide.wakes.boxes(now),
    asks: questionsOf(() => hub.state('attention')),
    paused: () => governor.fleetPaused(),
    nudge: (agentName, message) => lifecycle.nudge(agentName, message, 'watchdog'),
    ask: askModelOf({ projectRoot, environment, launchFacts, adapter: (runtime) => registry.get(runtime) }),
    wake,
    changes,
    onFindings: () => changes.attention(),
    publish(put, remove) {
      hub.publish('evidence', { put: [...put], remove: [...remove] });
      monitor.look();
    },
    onPolicy: () => policy.note(),
    onTick() {
      policy.note();
      room.status();
    },
  });
  const policy = createPolicyRecord(stores.control, () => ({ rules: watchdog.policy(), limits: limits.views() }));

  const monitor = composeMonitor(options, { roomSide, agents, mail, registry, config });

  const projects = createProjects({
    projectRoot,
    projectName: options.projectName,
    startedAt: options.engine.startedAt,
    hub,
    scheduler: nodeScheduler,
    log,
    registry: options.registry,
  });

  const health = composeHealth(options, { git, link, watchdog, limits, worktrees, governor });
  const handlers = createRoomHandlers({
    projectRoot,
    hub,
    stores,
    sling,
    lifecycle,
    takeOvers,
    governor,
    config: settings,
    runtimes: createRuntimeInventory({
      registry,
      use: () => config().runtime,
      environment,
      guard: agents.guardCanary.state,
      now: () => clock.now(),
    }),
    coordinator,
    monitor,
    mail,
    tasks,
    groups,
    groupKeeper,
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
    ...composeCleanup(options, { git, worktrees, vault, agents, merges, config, onCleaned: () => afterCleaning() }),
    recordings,
    replay: createReplay({
      stores,
      recordings,
      clock,
      flush: recorder.flush,
      mergeThen: (moment) => merges.details.past(moment),
      project: () => ({
        project: {
          root: projectRoot,
          name: options.projectName,
          canonicalBranch: config().project.canonicalBranch,
        },
        engine: options.engine,
      }),
    }),
    radar,
    agentChanges,
    mailHandlers: mailHandlers({ ...mailSide, wake }),
    healthHandlers: health.handlers,
    runReport: createRunReports({ stores, git, clock }),
    onDismissed: () => room.merges(),
    shutdown: options.shutdown,
    browserLink: (wish) => browserLink(wish),
    wallLinks,
    projects: projects.handlers,
  });

  /** Caps, thresholds and names are read where they are used: whoever waits for one of them looks again. */
  function onSettings(): void {
    governor.settingsChanged();
    policy.note();
    room.everything();
  }

  function afterCleaning(): void {
    room.everything();
    void roomSide.refreshRun();
  }

  return {
    handlers,
    onForeignCommit(databases) {
      room.foreign(databases);
      watchdog.sawForeignCommit();
      void roomSide.refreshRun();
      wake();
    },
    setBrowserLink(make) {
      browserLink = make;
    },
    wallLinks,
    register: () => projects.start(),
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
      seeds.follow();
      watchdog.start();
      vault.start();
      radar.start();
      dispatcher.open();
      await settings.read();
      settings.follow();
      void health.drills.recover();
      await monitor.ensure();
    },
    async detach() {
      await health.drills.close();
      await projects.close();
      monitor.close();
      await watchdog.stop();
      await vault.stop();
      await radar.stop();
      await agentChanges.close();
      dispatcher.close();
      await merges.stop();
      await tasks.settled();
      await groupKeeper.settled();
      await seeds.settled();
      await engine.detach();
      takeOvers.detach();
    },
    endProcesses: () => link.endHost(),
    close() {
      settings.close();
      seeds.close();
      health.close();
      link.close();
      recorder.close();
      recordings.close();
      roomSide.close();
    },
  };
}
