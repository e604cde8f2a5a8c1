import { AgentView } from './agents.ts';
import { AttentionItem } from './attention.ts';
import { DrillsView } from './drills.ts';
import { AgentEvidence } from './evidence.ts';
import { LIMITS } from './limits.ts';
import { MailMessage } from './mail.ts';
import { MergeView } from './merges.ts';
import { RadarView } from './radar.ts';
import { collectionTopic } from './reducers/collection.ts';
import { logTopic } from './reducers/log.ts';
import { valueTopic } from './reducers/value.ts';
import { RunView } from './runs.ts';
import { RoomStatus } from './status.ts';
import { TaskView } from './tasks.ts';
import { TerminalView } from './terminals.ts';
import { TimelineItem } from './timeline.ts';

/** Everything a face can watch. */
export const topics = {
  status: valueTopic(RoomStatus),
  agents: collectionTopic(AgentView, (agent) => agent.name),
  runs: collectionTopic(RunView, (run) => run.id),
  /** The newest `LIMITS.mailWindow` mails; older ones come by `mail.list`. */
  mail: collectionTopic(MailMessage, (message) => message.id),
  tasks: collectionTopic(TaskView, (task) => task.id),
  merges: collectionTopic(MergeView, (merge) => String(merge.id)),
  /** Predicted conflicts between worktrees, as of the last look. */
  radar: valueTopic(RadarView),
  attention: collectionTopic(AttentionItem, (item) => item.id),
  terminals: collectionTopic(TerminalView, (terminal) => terminal.id),
  /** Why each agent is shown as it is. Ages tick in the face; a row comes only when a signal or the verdict changed. */
  evidence: collectionTopic(AgentEvidence, (evidence) => evidence.agentName),
  /** Fire drills: the one that runs, step by step, and the newest results. */
  drills: valueTopic(DrillsView),
  /** The newest `LIMITS.timelineWindow` items of all runs; older ones come by `timeline.page`. */
  timeline: logTopic(TimelineItem, LIMITS.timelineWindow),
} as const;
