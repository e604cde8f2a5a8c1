import type { AttentionItem } from '../../../contract/attention.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { RoomContract, RoomHandlers } from '../../../contract/room.ts';
import type { TopicHub } from '../../../contract/wire/topicHub.ts';
import { systemClock } from '../../platform/clock.ts';
import type { Lifecycle } from '../agents/lifecycle.ts';
import type { SlingService } from '../agents/slingService.ts';
import type { TakeOvers } from '../agents/takeOver.ts';
import type { CleanService } from '../cleanup/cleanService.ts';
import type { WorktreeClean } from '../cleanup/worktreeClean.ts';
import type { ConfigService } from '../config/configService.ts';
import type { CoordinatorService } from '../coordinator/coordinatorService.ts';
import type { MakeBrowserLink } from '../engineServicesOptions.ts';
import { costOverview } from '../governor/costOverview.ts';
import { listCosts } from '../governor/costs.ts';
import type { Governor } from '../governor/governor.ts';
import { listLiveCosts } from '../governor/liveCosts.ts';
import type { GroupKeeper } from '../groups/groupKeeper.ts';
import type { Groups } from '../groups/groups.ts';
import type { healthHandlers } from '../health/healthHandlers.ts';
import type { mailHandlers } from '../mail/mailHandlers.ts';
import type { MailService } from '../mail/mailService.ts';
import { mergeHandlers } from '../merge/mergeHandlers.ts';
import type { MergeService } from '../merge/mergeService.ts';
import type { MonitorService } from '../monitor/monitorService.ts';
import type { Projects } from '../projects/projectsService.ts';
import { radarHandlers } from '../radar/radarHandlers.ts';
import type { Radar } from '../radar/radarService.ts';
import { recordingHandlers } from '../recordings/recordingHandlers.ts';
import type { Recordings } from '../recordings/recordingsService.ts';
import { pastNotices } from '../replay/pastNotices.ts';
import type { Replay } from '../replay/replayService.ts';
import type { AgentChangesService } from '../review/agentChanges.ts';
import type { createRunReports } from '../runs/runReportReader.ts';
import type { RuntimeInventory } from '../runtimes/inventory.ts';
import type { Stores } from '../stores.ts';
import type { Terminals } from '../terminals/terminals.ts';
import type { TaskService } from '../tracker/taskService.ts';
import { vaultHandlers } from '../vault/vaultHandlers.ts';
import type { Vault } from '../vault/vaultService.ts';
import type { Watchdog } from '../watchdog/watchdogService.ts';
import type { createWorktreeRemoval } from '../worktrees/worktreeRemoval.ts';
import { toTimelineItem } from './timelineRules.ts';
import { toTranscriptItem } from './transcriptRules.ts';
import type { WallLinks } from './wallLinks.ts';

export interface RoomHandlerOptions {
  readonly projectRoot: string;
  readonly hub: TopicHub<RoomContract>;
  readonly stores: Stores;
  readonly sling: SlingService;
  readonly lifecycle: Lifecycle;
  readonly takeOvers: TakeOvers;
  readonly governor: Governor;
  readonly config: ConfigService;
  readonly runtimes: RuntimeInventory;
  readonly coordinator: CoordinatorService;
  readonly monitor: MonitorService;
  readonly mail: MailService;
  readonly mailHandlers: ReturnType<typeof mailHandlers>;
  readonly healthHandlers: ReturnType<typeof healthHandlers>;
  readonly tasks: TaskService;
  readonly groups: Groups;
  readonly groupKeeper: GroupKeeper;
  readonly merges: MergeService;
  readonly terminals: Terminals;
  readonly watchdog: Watchdog;
  readonly vault: Vault;
  readonly removeWorktree: ReturnType<typeof createWorktreeRemoval>;
  readonly worktreeClean: WorktreeClean;
  readonly cleanup: CleanService;
  readonly recordings: Recordings;
  readonly replay: Replay;
  readonly radar: Radar;
  readonly agentChanges: AgentChangesService;
  readonly runReport: ReturnType<typeof createRunReports>;
  readonly onDismissed: () => void;
  readonly shutdown: (reason: string) => void;
  readonly browserLink: MakeBrowserLink;
  readonly wallLinks: WallLinks;
  readonly projects: Projects['handlers'];
}

/** The contract's procedures over the services; nothing is decided here. */
export function createRoomHandlers(options: RoomHandlerOptions): RoomHandlers {
  const { stores, sling, lifecycle, coordinator, mail, tasks, merges, terminals } = options;

  function attention(id: string): Result<AttentionItem> {
    const item = options.hub.state('attention').byId[id];
    return item === undefined ? fail('notFound', 'that is settled already') : ok(item);
  }

  return {
    'agents.preflight': (input) => sling.preflight(input),
    'agents.sling': (input) => sling.sling(input),
    'agents.runtimes': async (input) => ok({ runtimes: [...(await options.runtimes.list(input.refresh))] }),
    'agents.stop': (input) => lifecycle.stop(input.agentName),
    'agents.nudge': (input) => lifecycle.nudge(input.agentName, input.message, input.from),
    'agents.retry'(input) {
      options.governor.onRetry(input.agentName);
      return lifecycle.retry(input.agentName);
    },
    'agents.changes': (input, context) => options.agentChanges.changes(input.agentName, context.signal),
    'agents.diff': (input, context) => options.agentChanges.diff(input, context.signal),
    'agents.takeOver': (input) => options.takeOvers.takeOver(input.agentName),
    'agents.handBack': (input) => options.takeOvers.handBack(input.agentName, input.message),

    'coordinator.start': (input) => coordinator.start(input),
    'monitor.start': (input) => options.monitor.start(input),
    'monitor.stop': () => options.monitor.stop(),
    'monitor.status': () => ok(options.monitor.status()),
    'coordinator.stop': (input) => coordinator.stop(input.agentName),
    'coordinator.status': (input) => ok(coordinator.status(input.agentName)),
    async 'coordinator.checkComplete'() {
      return ok(await coordinator.checkComplete());
    },
    'runs.report': (input) => options.runReport(input.runId),
    'runs.complete': (input) => coordinator.completeRun(input.runId),

    'mail.send': (input) => mail.send(input),
    'mail.reply': (input) => mail.reply(input.messageId, input.body, input.from, input.id),
    'mail.check': (input) => ok({ messages: [...mail.check(input.agentName)] }),
    'mail.list'(input) {
      const { before, limit, ...filter } = input;
      const page = stores.mail.page({ ...defined(filter), limit, ...(before === undefined ? {} : { before }) });
      return page.ok ? ok({ messages: [...page.value] }) : page;
    },
    'mail.markRead': (input) => mail.markRead(input.messageId),
    'mail.resend': (input) => mail.resend(input.messageId),
    ...options.mailHandlers,

    async 'attention.answer'(input) {
      const item = attention(input.id);
      if (!item.ok) return item;
      const asked = item.value.agent;
      if (item.value.mailId === null && asked !== null && options.watchdog.closeQuestion(input.id) !== null) {
        const sent = await mail.send({
          to: asked,
          from: OPERATOR,
          subject: `Answer: ${item.value.title}`.slice(0, 200),
          body: input.answer,
          type: 'status',
          priority: 'high',
        });
        return sent.ok ? ok({}) : sent;
      }
      const capped = options.governor.answer(item.value.id, input.answer);
      if (capped !== null) return capped;
      if (item.value.mailId === null)
        return fail('invalidState', `${item.value.title} cannot be answered by text: use its actions`);
      const replied = await mail.reply(item.value.mailId, input.answer, OPERATOR);
      return replied.ok ? ok({}) : replied;
    },
    'attention.dismiss'(input) {
      const item = attention(input.id);
      if (!item.ok) return item;
      stores.control.dismiss(input.id);
      options.onDismissed();
      return ok({});
    },

    'tasks.create': (input) => tasks.create(input),
    'tasks.update': (input) => tasks.update(input),
    'tasks.delete': (input) => tasks.delete(input.id),
    'tasks.readSpec': (input) => tasks.readSpec(input.id),
    'tasks.writeSpec': (input) => tasks.writeSpec(input.id, input.body, input.agent),
    async 'groups.list'() {
      const groups = await options.groups.list();
      return groups.ok ? ok({ groups: [...groups.value] }) : groups;
    },
    'groups.create': (input) => options.groupKeeper.create(input.name, input.issueIds, input.skipValidation),
    'groups.add': (input) => options.groupKeeper.add(input.group, input.issueIds, input.skipValidation),
    'groups.remove': (input) => options.groupKeeper.remove(input.group, input.issueIds),
    async 'groups.progress'(input) {
      const groups = await options.groupKeeper.progress(input.group);
      return groups.ok ? ok({ groups: [...groups.value] }) : groups;
    },

    ...mergeHandlers(merges),

    'terminals.attach': (input, context) => terminals.attach(input, context),
    'terminals.write': (input) => terminals.write(input.terminalId, input.data),
    'terminals.resize': (input) => terminals.resize(input.terminalId, input.size),
    'terminals.openShell'(input) {
      if (input.agentName === undefined) return terminals.openShell(null, options.projectRoot, input.size);
      const session = stores.sessions.getByName(input.agentName);
      if (session === null) return fail('notFound', `there is no agent ${input.agentName}`);
      return terminals.openShell(input.agentName, session.worktreePath, input.size);
    },
    'terminals.close': (input) => terminals.close(input.terminalId),

    'timeline.page'(input) {
      const rows = stores.events.tail({
        limit: input.limit,
        ...(input.agent === undefined ? {} : { agentName: input.agent }),
        ...(input.runId === undefined ? {} : { runId: input.runId }),
        ...(input.before === undefined ? {} : { before: input.before }),
      });
      return ok({ items: rows.map(toTimelineItem) });
    },

    'transcripts.page'(input) {
      const { agentName, before, limit } = input;
      const rows = stores.events.tail({ agentName, limit, ...(before === undefined ? {} : { before }) });
      const items = rows.map(toTranscriptItem).filter((item) => item !== null);
      return ok({ items, before: rows.length < limit ? null : (rows[0]?.id ?? null) });
    },

    'worktrees.remove': (input) => options.removeWorktree(input),
    'worktrees.clean': (input) => options.worktreeClean.clean(input),
    'cleanup.run': (input) => options.cleanup.clean(input),
    'cleanup.agent': (input) => options.cleanup.cleanAgent(input),
    ...vaultHandlers(options.vault),
    ...radarHandlers(options.radar),
    ...recordingHandlers(options.recordings, options.replay),

    'watchdog.why': (input) => options.watchdog.why(input.agentName),
    'watchdog.rules': () => ok(options.watchdog.rules()),
    'watchdog.setRule'(input) {
      options.watchdog.setRule(input.rule, input.mode);
      return ok({});
    },

    ...options.healthHandlers,

    'governor.pause': (input) => options.governor.pause(input),
    'governor.raise': (input) => options.governor.raise(input),
    'governor.caps'({ agentName }) {
      const caps = options.governor.caps();
      if (agentName === undefined) return ok({ caps: [...caps] });
      const taskId = stores.sessions.getByName(agentName)?.taskId;
      const holds = { agent: agentName, task: taskId } as const;
      return ok({
        caps: caps.filter(({ scope, id }) => (scope === 'agent' || scope === 'task') && holds[scope] === id),
      });
    },
    'costs.live': (input) => ok(listLiveCosts(stores, input, systemClock.now())),
    'costs.list': (input) => ok(listCosts(stores, input, options.governor.view().burnUsdPerMinute)),
    'costs.overview': (input) =>
      ok(
        costOverview(
          { stores, governor: options.governor, triage: () => options.watchdog.rules().triage },
          input,
          systemClock.now(),
        ),
      ),
    'notices.past'(input) {
      const now = systemClock.now();
      const settings = options.config.current().controlRoom.notifications;
      return pastNotices(options.replay, settings, now - input.hours * 3_600_000, now);
    },
    'config.read': () => options.config.read(),
    'config.write': (input) => options.config.write(input),
    'fleet.pause'(input) {
      options.governor.pauseFleet(input.paused);
      return ok({});
    },
    'engine.shutdown'(input) {
      options.shutdown(input.reason);
      return ok({});
    },
    'engine.browserLink': (input) => options.browserLink(input),
    'engine.wallLinks': () => ok({ links: [...options.wallLinks.list()] }),
    'engine.endWallLink': (input) => options.wallLinks.end(input.id),
    ...options.projects,
  };
}

/** Drops undefined fields, which an exact optional type does not take. */
function defined<Shape extends object>(shape: Shape): { [Key in keyof Shape]: Exclude<Shape[Key], undefined> } {
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Shape]: Exclude<Shape[Key], undefined>;
  };
}
