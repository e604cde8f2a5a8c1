import { z } from 'zod';
import { Preflight, SlingInput, SlingReply, StoppedAgent } from './agents.ts';
import { AgentChanges, FileDiff, FileDiffInput } from './changes.ts';
import {
  CleanAgentInput,
  CleanAgentReply,
  CleanInput,
  CleanReply,
  CleanWorktreesInput,
  CleanWorktreesReply,
} from './cleanup.ts';
import { ConfigView, WriteConfigInput, WriteConfigReply } from './config.ts';
import { ConflictList, FileConflict, RadarFileInput, RadarPairInput } from './conflicts.ts';
import {
  CompletionCheck,
  CoordinatorStatus,
  StartCoordinatorInput,
  StartCoordinatorReply,
  StopCoordinatorReply,
} from './coordinator.ts';
import { CostOverview, CostOverviewInput, PastCosts, PastCostsInput } from './costs.ts';
import { AgentEvidence, RuleMode, TriageMeter, WatchdogAction, WatchdogRule, WatchdogRuleView } from './evidence.ts';
import {
  CapsInput,
  CapView,
  CostsInput,
  CostTotals,
  LiveCost,
  LiveCostsInput,
  LiveTotals,
  PauseInput,
  RaiseInput,
  SessionCost,
} from './governor.ts';
import { AddToGroupInput, CreateGroupInput, GroupProgress, GroupView, RemoveFromGroupInput } from './groups.ts';
import { healthProcedures } from './healthProcedures.ts';
import { HistoryEvent, RoomMoment } from './history.ts';
import { AgentName, MailId, OPERATOR, RunId, TaskId, TerminalId, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';
import { LossAudit } from './lossAudit.ts';
import { ListMailInput, MailMessage, SendMailInput, SendMailReply } from './mail.ts';
import { mailProcedures } from './mailProcedures.ts';
import { GateLog, MergeDetail } from './mergeDetail.ts';
import { MergePrediction, MergeResult, MergeView } from './merges.ts';
import { MonitorStatus } from './monitor.ts';
import { PastNotices } from './notices.ts';
import { BrowserLinkInput, OpenedProject, ProjectId, ProjectPath, ProjectView, WallLink } from './projects.ts';
import { PlannedCollision, RadarView } from './radar.ts';
import { ReadRecordingInput, RecordedPage, RecordedState, RecordingView } from './recordings.ts';
import { ReplayOverview, ReplayOverviewInput, ReplayWindow, ReplayWindowInput } from './replay.ts';
import { RunReport } from './runReport.ts';
import { RuntimesInput, RuntimeView } from './runtimes.ts';
import { CreateTaskInput, TaskView, UpdateTaskInput } from './tasks.ts';
import { AttachTerminalInput, AttachTerminalReply, TerminalSize, TerminalView } from './terminals.ts';
import { TimelineItem, TimelinePageInput } from './timeline.ts';
import { TranscriptPage, TranscriptPageInput } from './transcripts.ts';
import { RestoreInput, RestoreReply, SnapshotFile, SnapshotId, SnapshotView, TakeSnapshotReply } from './vault.ts';
import { PastWatchdog } from './watchdogPolicy.ts';
import { procedure } from './wire/definition.ts';

const Nothing = z.object({});

/** Everything a face can ask of the engine. Errors are `CallError` values. */
export const procedures = {
  // Agents
  'agents.preflight': procedure('read', SlingInput, Preflight),
  'agents.sling': procedure('control', SlingInput, SlingReply),
  /** Ends the agent: its running turn is terminated and the session becomes `completed`. */
  /** Every runtime with what is missing for it, from probes of the last minute. */
  'agents.runtimes': procedure('read', RuntimesInput, z.object({ runtimes: z.array(RuntimeView) })),
  'agents.stop': procedure('control', z.object({ agentName: AgentName }), StoppedAgent),
  /** Wakes an agent with a text of its own, outside the mail (spec 02 §4.2). */
  'agents.nudge': procedure(
    'control',
    z.object({
      agentName: AgentName,
      message: z.string().min(1).max(LIMITS.bodyLength),
      from: z.string().max(64).default('operator'),
    }),
    z.object({ delivered: z.boolean(), queued: z.boolean(), reason: z.string().nullable() }),
  ),
  /**
   * Ends the running turn cleanly and opens the agent's conversation interactively in its terminal: until it is handed
   * back, its mail waits and nobody but the person types (B7).
   */
  'agents.takeOver': procedure('control', z.object({ agentName: AgentName }), z.object({ terminalId: TerminalId })),
  /** Ends the interactive program; the next turn goes on with the same conversation. A message wakes the agent at once. */
  'agents.handBack': procedure(
    'control',
    z.object({ agentName: AgentName, message: z.string().min(1).max(LIMITS.bodyLength).optional() }),
    Nothing,
  ),
  /** Lets an agent whose turns failed, or that died, try again at once on the same conversation; ends a hold too. */
  'agents.retry': procedure('control', z.object({ agentName: AgentName }), Nothing),

  /** What an agent changed since its branch left the target, uncommitted work included; also of one that has ended. */
  'agents.changes': procedure('read', z.object({ agentName: AgentName }), AgentChanges),
  /** The difference of one of these files. */
  'agents.diff': procedure('read', FileDiffInput, FileDiff),

  // Coordinator and runs
  'coordinator.start': procedure('control', StartCoordinatorInput, StartCoordinatorReply),
  /** Ends a coordinator or orchestrator, and completes the run it leads; its agents go on (spec 03 §4.3). */
  'coordinator.stop': procedure('control', z.object({ agentName: AgentName }), StopCoordinatorReply),
  'coordinator.status': procedure('read', z.object({ agentName: AgentName }), CoordinatorStatus),
  /** Whether the exit triggers of the config say that the coordinator may stop (spec 03 §4.4). */
  'coordinator.checkComplete': procedure('read', Nothing, CompletionCheck),
  /** The watchdog's tier 2: an agent that is told of changed verdicts. Refused while `watchdog.tier2Enabled` is false. */
  'monitor.start': procedure(
    'control',
    z.object({ runtime: z.string().max(64).optional() }),
    z.object({ agentName: AgentName, sessionId: z.string() }),
  ),
  'monitor.stop': procedure('control', Nothing, z.object({ agentName: AgentName, sessionId: z.string() })),
  'monitor.status': procedure('read', Nothing, MonitorStatus),
  /** What a run was: agents, turns, merges, money, questions, the watchdog (B10). */
  'runs.report': procedure('read', z.object({ runId: RunId }), RunReport),
  'runs.complete': procedure('control', z.object({ runId: RunId.optional() }), z.object({ runId: RunId })),

  // Mail
  'mail.send': procedure('control', SendMailInput, SendMailReply),
  'mail.reply': procedure(
    'control',
    z.object({
      messageId: MailId,
      body: z.string().min(1, 'body must not be empty').max(LIMITS.bodyLength),
      from: z.string().min(1).max(64).default('orchestrator'),
      /** As in `mail.send`. */
      id: MailId.optional(),
    }),
    z.object({ id: MailId }),
  ),
  /** Claims and returns the unread mail of one mailbox: two checkers never get the same mail. */
  'mail.check': procedure(
    'control',
    z.object({ agentName: z.string().min(1).max(64) }),
    z.object({ messages: z.array(MailMessage) }),
  ),
  'mail.list': procedure('read', ListMailInput, z.object({ messages: z.array(MailMessage) })),
  'mail.markRead': procedure(
    'control',
    z.object({ messageId: MailId }),
    z.object({ message: MailMessage, alreadyRead: z.boolean() }),
  ),
  /** Puts a dead letter back into its queue. */
  'mail.resend': procedure('control', z.object({ messageId: MailId }), Nothing),
  ...mailProcedures,

  // Attention
  'attention.answer': procedure(
    'control',
    z.object({ id: z.string().max(300), answer: z.string().min(1).max(LIMITS.bodyLength) }),
    Nothing,
  ),
  'attention.dismiss': procedure('control', z.object({ id: z.string().max(300) }), Nothing),

  // Tasks and groups
  'tasks.create': procedure('control', CreateTaskInput, TaskView),
  'tasks.update': procedure('control', UpdateTaskInput, TaskView),
  'tasks.delete': procedure('control', z.object({ id: TaskId }), Nothing),
  'tasks.readSpec': procedure(
    'read',
    z.object({ id: TaskId }),
    z.object({ path: z.string().nullable(), body: z.string() }),
  ),
  'tasks.writeSpec': procedure(
    'control',
    z.object({
      id: TaskId,
      body: z.string().min(1, 'spec body is required').max(LIMITS.bodyLength),
      agent: z.string().max(64).optional(),
    }),
    z.object({ path: z.string() }),
  ),
  'groups.list': procedure('read', Nothing, z.object({ groups: z.array(GroupView) })),
  'groups.create': procedure('control', CreateGroupInput, GroupView),
  'groups.add': procedure('control', AddToGroupInput, GroupView),
  'groups.remove': procedure('control', RemoveFromGroupInput, GroupView),
  /** Of one group, or of all active ones; a group whose last task is done is closed. */
  'groups.progress': procedure(
    'read',
    z.object({ group: z.string().min(1).max(200).optional() }),
    z.object({ groups: z.array(GroupProgress) }),
  ),

  // Merges
  'merges.run': procedure(
    'control',
    z.object({
      branch: z.string().min(1).max(255).optional(),
      all: z.boolean().default(false),
      into: z.string().max(255).optional(),
      /** The agent that asks, which is told by the answer and not by mail. */
      requestedBy: AgentName.optional(),
    }),
    z.object({ results: z.array(MergeResult) }),
  ),
  'merges.predict': procedure(
    'read',
    z.object({
      branch: z.string().min(1).max(255).optional(),
      all: z.boolean().default(false),
      into: z.string().max(255).optional(),
    }),
    z.object({ entries: z.array(z.object({ entry: MergeView, prediction: MergePrediction })) }),
  ),
  /** How the last attempt went, its commit, and what conflicts. */
  'merges.detail': procedure('read', z.object({ id: z.number().int() }), MergeDetail),
  /** The hunks of one conflicting file of a merge. */
  'merges.conflict': procedure(
    'read',
    z.object({ id: z.number().int(), path: z.string().min(1).max(4_096) }),
    FileConflict,
  ),
  /** Output of one gate of the last attempt, by its place among those that ran. */
  'merges.gateLog': procedure('read', z.object({ id: z.number().int(), gate: z.number().int().min(0) }), GateLog),
  'merges.skip': procedure('control', z.object({ id: z.number().int() }), Nothing),

  // Collision radar
  /** Looks at every worktree now. What has not changed costs nothing; the topic has the same view after each look of its own. */
  'radar.look': procedure('read', Nothing, RadarView),
  /** Files two worktrees, or a worktree and the target, would conflict in, as of the last look. */
  'radar.pair': procedure('read', RadarPairInput, ConflictList),
  /** The hunks of one of these files. */
  'radar.conflict': procedure('read', RadarFileInput, FileConflict),
  /** Running agents a task with these files would collide with: paths, folders or globs, as of the last look (B6). */
  'radar.planned': procedure(
    'read',
    z.object({ files: z.array(z.string().min(1).max(4_096)).max(1_000) }),
    z.object({ collisions: z.array(PlannedCollision) }),
  ),
  /** Lets a held merge in: a person has looked at what is lost, or at the check that fails. */
  'merges.accept': procedure(
    'control',
    z.object({
      id: z.number().int(),
      what: z.enum(['loss', 'gates']),
      by: z.string().min(1).max(100).default(OPERATOR),
    }),
    MergeResult,
  ),
  /** What the loss auditor found in a held merge. */
  'merges.audit': procedure('read', z.object({ id: z.number().int() }), LossAudit),
  /** Ends a merge that asks a model or runs gates; nothing has changed then. */
  'merges.cancel': procedure('control', z.object({ id: z.number().int() }), Nothing),

  // Terminals
  'terminals.attach': procedure('read', AttachTerminalInput, AttachTerminalReply),
  'terminals.write': procedure(
    'control',
    z.object({ terminalId: TerminalId, data: z.string().max(LIMITS.terminalWriteBytes) }),
    Nothing,
  ),
  'terminals.resize': procedure('control', z.object({ terminalId: TerminalId, size: TerminalSize }), Nothing),
  /** Opens a plain shell in an agent's worktree, or in the project root when no agent is named. */
  'terminals.openShell': procedure(
    'control',
    z.object({ agentName: AgentName.optional(), size: TerminalSize }),
    TerminalView,
  ),
  'terminals.close': procedure('control', z.object({ terminalId: TerminalId }), Nothing),

  // History
  'timeline.page': procedure('read', TimelinePageInput, z.object({ items: z.array(TimelineItem) })),
  /** What an agent said and did, turn by turn, to be read. */
  'transcripts.page': procedure('read', TranscriptPageInput, TranscriptPage),

  // Worktrees
  /** Removes the worktree of an agent that has ended; what is in it is kept in the vault first. */
  'worktrees.remove': procedure(
    'control',
    z.object({
      agentName: AgentName,
      /** Goes on with uncommitted work in it, and deletes an unmerged branch. */
      force: z.boolean().default(false),
      /** Goes on although it holds what no snapshot can. */
      acceptLoss: z.boolean().default(false),
    }),
    z.object({ worktree: z.string(), branch: z.string(), branchDeleted: z.boolean() }),
  ),
  /** Removes worktrees that have served their turn, with their branches and their agents' rows (spec 02 §4.6). */
  'worktrees.clean': procedure('control', CleanWorktreesInput, CleanWorktreesReply),

  // Clean-up
  /** Takes away what the targets name; whatever holds work is in the vault first (spec 02 §4.3). */
  'cleanup.run': procedure('admin', CleanInput, CleanReply),
  'cleanup.agent': procedure('control', CleanAgentInput, CleanAgentReply),

  // Vault
  /** Without an agent, of the project's own checkout. */
  'vault.snapshot': procedure(
    'control',
    z.object({ agentName: AgentName.optional(), detail: z.string().max(200).default('by hand') }),
    TakeSnapshotReply,
  ),
  /** Newest first. `checkout` leaves out the agents', a name everybody else's. */
  'vault.list': procedure(
    'read',
    z.object({ agentName: AgentName.optional(), checkout: z.boolean().default(false) }),
    z.object({ snapshots: z.array(SnapshotView) }),
  ),
  'vault.show': procedure(
    'read',
    z.object({ id: SnapshotId }),
    z.object({ snapshot: SnapshotView, files: z.array(SnapshotFile), fileCount: z.number().int() }),
  ),
  /** Patch to the snapshot's files from its `head`, from the files as they are `now`, or from another snapshot. */
  'vault.diff': procedure(
    'read',
    z.object({ id: SnapshotId, from: z.union([z.literal('head'), z.literal('now'), SnapshotId]).default('head') }),
    z.object({ patch: z.string(), truncated: z.boolean() }),
  ),
  'vault.restore': procedure('control', RestoreInput, RestoreReply),
  'vault.drop': procedure(
    'control',
    z.object({ ids: z.array(SnapshotId).min(1).max(LIMITS.pageRows) }),
    z.object({ dropped: z.array(SnapshotId) }),
  ),

  // Watchdog
  /** The five signals behind an agent's verdict, what comes next, and what was done before. Looks, and changes nothing. */
  'watchdog.why': procedure(
    'read',
    z.object({ agentName: AgentName }),
    z.object({ evidence: AgentEvidence, actions: z.array(WatchdogAction) }),
  ),
  'watchdog.rules': procedure(
    'read',
    Nothing,
    z.object({ rules: z.array(WatchdogRuleView), triage: TriageMeter, recent: z.array(WatchdogAction) }),
  ),
  /** Lets a rule act, has it only record what it would do, or switches it off. */
  'watchdog.setRule': procedure('control', z.object({ rule: WatchdogRule, mode: RuleMode }), Nothing),

  // Health
  ...healthProcedures,

  // Recordings
  /** What is recorded of terminals, and since when the history of everything else is kept. */
  'recordings.list': procedure(
    'read',
    Nothing,
    z.object({ recordings: z.array(RecordingView), historyFrom: Timestamp.nullable() }),
  ),
  /** A terminal as it was at a moment, drawn from the nearest kept screen. */
  'recordings.state': procedure('read', z.object({ terminalId: TerminalId, at: Timestamp }), RecordedState),
  /** What was written to a terminal between two moments, a page at a time. */
  'recordings.read': procedure('read', ReadRecordingInput, RecordedPage),
  /** Agents, mail, tasks, merges and branches as they were at a moment (`stateAt` in contract/history.ts). */
  'recordings.room': procedure('read', z.object({ at: Timestamp }), RoomMoment),
  /** What changed between two moments: applied to the state at the first they give the state at any moment up to the second. */
  'recordings.changes': procedure(
    'read',
    z.object({ from: Timestamp, to: Timestamp, limit: z.number().int().min(1).max(5_000).default(1_000) }),
    z.object({ events: z.array(HistoryEvent), more: z.boolean() }),
  ),
  /** The room as it was from a moment on, in the deltas of its topics: what a face replays. */
  'replay.window': procedure('read', ReplayWindowInput, ReplayWindow),
  /** The course of a merge as far as it had come at a moment, from the same parts as `merges.detail`. */
  'replay.merge': procedure('read', z.object({ id: z.number().int(), at: Timestamp }), MergeDetail),
  /** What everything had cost at a moment. */
  'replay.costs': procedure('read', PastCostsInput, PastCosts),
  /** The watchdog's policy at a moment, and what it had done. */
  'replay.watchdog': procedure('read', z.object({ at: Timestamp }), PastWatchdog),
  /** Where something happened in a stretch of time, and where a person was needed. */
  'replay.overview': procedure('read', ReplayOverviewInput, ReplayOverview),

  // Fleet and engine
  /** Pauses or resumes one agent, task or run; running turns end by themselves. */
  'governor.pause': procedure('control', PauseInput, Nothing),
  'governor.raise': procedure('control', RaiseInput, Nothing),
  /** Every cap with how near it is: of the run, the day, living agents and their tasks. */
  'governor.caps': procedure('read', CapsInput, z.object({ caps: z.array(CapView) })),
  'costs.live': procedure('read', LiveCostsInput, z.object({ agents: z.array(LiveCost), totals: LiveTotals })),
  'costs.list': procedure('read', CostsInput, z.object({ sessions: z.array(SessionCost), totals: CostTotals })),
  /** Sums by agent, task, role, model, runtime or run, the last hour, every cap, and what caps did (product.md B4). */
  'costs.overview': procedure('read', CostOverviewInput, CostOverview),
  /** What would have rung in so many hours, by the rules of the desktop and the settings of now. */
  'notices.past': procedure('read', z.object({ hours: z.number().int().min(1).max(168).default(24) }), PastNotices),
  /** The project's settings with their origin; reading them has a changed file take effect. */
  'config.read': procedure('read', Nothing, ConfigView),
  /** Changes one file of settings: all changes together or none, comments kept, refused when the outcome cannot be used. */
  'config.write': procedure('control', WriteConfigInput, WriteConfigReply),
  'fleet.pause': procedure('control', z.object({ paused: z.boolean() }), Nothing),
  /** Ends this engine; agents and terminals go on under the pty host. */
  'engine.shutdown': procedure('admin', z.object({ reason: z.string().max(200) }), Nothing),
  /** Makes a fresh one-time link for the browser room, when this engine serves one. */
  'engine.browserLink': procedure('admin', BrowserLinkInput, z.object({ url: z.string() })),
  /** Wallboards that are signed in, over the end of the engine that let them in. */
  'engine.wallLinks': procedure('admin', Nothing, z.object({ links: z.array(WallLink) })),
  /** Takes a wallboard's link back, or with null all of them: its page is cut off at once and may not come again. */
  'engine.endWallLink': procedure(
    'admin',
    z.object({ id: z.string().max(20).nullable() }),
    z.object({ ended: z.number().int() }),
  ),

  // Projects of this machine
  /** The project of this engine first, then the others, the one opened last first. Not for those who only watch: folders are told. */
  'projects.list': procedure('control', Nothing, z.object({ projects: z.array(ProjectView) })),
  /** Makes sure that an engine holds a project of the list, given by its folder or one inside it. */
  'projects.open': procedure('admin', z.object({ path: ProjectPath }), OpenedProject),
  /** Takes a project off the list; nothing of it is touched. */
  'projects.forget': procedure('admin', z.object({ id: ProjectId }), Nothing),
  /** Makes a rehearsal project of its own and starts the run in it. */
  'projects.createDemo': procedure('admin', Nothing, OpenedProject),
} as const;
