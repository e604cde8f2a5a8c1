import { join } from 'node:path';
import { ok, type Result } from '../../contract/result.ts';
import { type ControlStore, openControl } from './control/controlStore.ts';
import { type Connection, openDatabase } from './db/openDatabase.ts';
import { type EventStore, openEvents } from './events/eventStore.ts';
import { openUsage, type UsageStore } from './governor/usageStore.ts';
import { type MailStore, openMail } from './mail/mailStore.ts';
import { type MergeQueueStore, openMergeQueue } from './merge/mergeQueueStore.ts';
import { type MetricsStore, openMetrics } from './metrics/metricsStore.ts';
import { type HistoryStore, openHistory } from './recordings/historyStore.ts';
import { openRuns, type RunStore } from './runs/runStore.ts';
import { importLegacySessions } from './sessions/importSessions.ts';
import { openSessions, type SessionStore } from './sessions/sessionStore.ts';
import { openTurnLocks, type TurnLocks } from './turns/turnLock.ts';
import { openTurns, type TurnStore } from './turns/turnStore.ts';
import { openWatchdog, type WatchdogStore } from './watchdog/watchdogStore.ts';

/** Every store of a project, one connection a file. */
export interface Stores {
  readonly sessions: SessionStore;
  readonly runs: RunStore;
  readonly mail: MailStore;
  readonly events: EventStore;
  readonly turns: TurnStore;
  /** What turns used, read from the same rows. */
  readonly usage: UsageStore;
  readonly metrics: MetricsStore;
  readonly mergeQueue: MergeQueueStore;
  readonly control: ControlStore;
  readonly watchdog: WatchdogStore;
  readonly locks: TurnLocks;
  readonly history: HistoryStore;
  /** For noticing commits of other processes. */
  readonly connections: Readonly<Record<'sessions' | 'mail' | 'events' | 'mergeQueue' | 'control', Connection>>;
  close(): void;
}

/** Opens all databases of `.overstory`, migrating older ones. Fails with the first file's line; nothing stays open then. */
export async function openStores(overstoryDirectory: string): Promise<Result<Stores>> {
  const opened: Connection[] = [];
  const connect = (file: string): Result<Connection> => {
    const connection = openDatabase(join(overstoryDirectory, file));
    if (connection.ok) opened.push(connection.value);
    return connection;
  };
  const giveUp = <Failure>(failure: Failure): Failure => {
    for (const connection of opened) connection.close();
    return failure;
  };

  const sessionsFile = connect('sessions.db');
  if (!sessionsFile.ok) return giveUp(sessionsFile);
  const mailFile = connect('mail.db');
  if (!mailFile.ok) return giveUp(mailFile);
  const eventsFile = connect('events.db');
  if (!eventsFile.ok) return giveUp(eventsFile);
  const queueFile = connect('merge-queue.db');
  if (!queueFile.ok) return giveUp(queueFile);
  const controlFile = connect('control-room.db');
  if (!controlFile.ok) return giveUp(controlFile);

  const sessions = openSessions(sessionsFile.value);
  if (!sessions.ok) return giveUp(sessions);
  await importLegacySessions(overstoryDirectory, sessions.value, sessionsFile.value.write);
  const runs = openRuns(sessionsFile.value);
  if (!runs.ok) return giveUp(runs);
  const mail = openMail(mailFile.value);
  if (!mail.ok) return giveUp(mail);
  const events = openEvents(eventsFile.value);
  if (!events.ok) return giveUp(events);
  const turns = openTurns(eventsFile.value);
  if (!turns.ok) return giveUp(turns);
  const mergeQueue = openMergeQueue(queueFile.value);
  if (!mergeQueue.ok) return giveUp(mergeQueue);
  const control = openControl(controlFile.value);
  if (!control.ok) return giveUp(control);
  const watchdog = openWatchdog(controlFile.value);
  if (!watchdog.ok) return giveUp(watchdog);
  const usage = openUsage(eventsFile.value);
  if (!usage.ok) return giveUp(usage);
  const metricsFile = connect('metrics.db');
  if (!metricsFile.ok) return giveUp(metricsFile);
  const metrics = openMetrics(metricsFile.value);
  if (!metrics.ok) return giveUp(metrics);
  const locks = openTurnLocks(overstoryDirectory);
  if (!locks.ok) return giveUp(locks);

  const connections = {
    sessions: sessionsFile.value,
    mail: mailFile.value,
    events: eventsFile.value,
    mergeQueue: queueFile.value,
    control: controlFile.value,
  };
  const history = openHistory(connections);
  if (!history.ok) {
    locks.value.close();
    return giveUp(history);
  }

  return ok({
    sessions: sessions.value,
    runs: runs.value,
    mail: mail.value,
    events: events.value,
    turns: turns.value,
    usage: usage.value,
    metrics: metrics.value,
    mergeQueue: mergeQueue.value,
    control: control.value,
    watchdog: watchdog.value,
    locks: locks.value,
    history: history.value,
    connections,
    close() {
      locks.value.close();
      for (const connection of opened) connection.close();
    },
  });
}
