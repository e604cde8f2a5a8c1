import { join } from 'node:path';
import { type HistoryEvent, type RoomMoment, stateAt } from '../../../contract/history.ts';
import type {
  ReadRecordingInput,
  RecordedPage,
  RecordedState,
  RecordingSettings,
  RecordingView,
} from '../../../contract/recordings.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { recordingsFolder, terminalFolder } from '../../platform/castFiles.ts';
import { type Clock, parseTimestamp, timestamp } from '../../platform/clock.ts';
import type { PtyHostClient } from '../../pty-host/protocol.ts';
import type { Log } from '../engineLog.ts';
import type { Git } from '../git/git.ts';
import { type HeadWatch, watchHeads } from './gitHeads.ts';
import type { HistoryStore } from './historyStore.ts';
import { screenAt } from './playedScreen.ts';
import { readPage } from './recordedRange.ts';
import { readRecordings, readTerminal, type TerminalRecording } from './segments.ts';

/** What was: terminals second by second, and agents, mail, tasks, merges and branches event by event. */
export interface Recordings {
  list(): Promise<Result<{ readonly recordings: RecordingView[]; readonly historyFrom: string | null }>>;
  state(terminalId: string, at: string): Promise<Result<RecordedState>>;
  read(input: ReadRecordingInput): Promise<Result<RecordedPage>>;
  /** Agents, mail, tasks, merges and branches at a moment. */
  room(at: string): Result<RoomMoment>;
  /** What changed between two moments, oldest first. */
  changes(from: string, to: string, limit: number): Result<{ readonly events: HistoryEvent[]; readonly more: boolean }>;
  /** A pty host was reached: it learns how much to record before anything runs on it. */
  onHost(client: PtyHostClient): Promise<void>;
  /** Looks where branches are once more. */
  lookAtHeads(): Promise<void>;
  close(): void;
}

export interface RecordingsOptions {
  readonly projectRoot: string;
  readonly history: HistoryStore;
  readonly git: Git;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: () => RecordingSettings;
}

const DAY_MS = 86_400_000;
/** Milliseconds between two looks for history that is too old. */
const FORGET_MS = 6 * 3_600_000;

/** Starts to keep the history; everything that changed while nobody did becomes events now. */
export async function createRecordings(options: RecordingsOptions): Promise<Recordings> {
  const { history, log, clock } = options;
  const folder = recordingsFolder(options.projectRoot);
  let host: PtyHostClient | null = null;

  history.catchUp();
  const forget = (): void => {
    history.forgetBefore(clock.now() - options.settings().maxAgeDays * DAY_MS);
  };
  forget();
  const forgetting = setInterval(forget, FORGET_MS);
  forgetting.unref();
  const heads: HeadWatch = await watchHeads(options.git, options.projectRoot, (found) => {
    try {
      history.putHeads(found);
    } catch (error) {
      // The next look stores the same difference; a full disk is told by everything else that writes.
      log('warn', 'branches could not be recorded', { error: String(error) });
    }
  });

  /** The recording as of now: what a living host still holds back is on the disk first. */
  async function recordingOf(terminalId: string): Promise<Result<TerminalRecording>> {
    await flush(terminalId);
    const found = await readTerminal(join(folder, terminalFolder(terminalId)));
    return found === null
      ? fail('notFound', `nothing is recorded of ${terminalId}: "ov recordings list" shows what is`)
      : ok(found);
  }

  async function flush(terminalId: string | null): Promise<void> {
    // A host that is gone, or of a version without recordings, has nothing to flush.
    await host?.call('recordings.flush', { id: terminalId });
  }

  return {
    async list() {
      await flush(null);
      const recordings = (await readRecordings(folder)).map(toView);
      const oldest = history.oldestAt();
      return ok({ recordings, historyFrom: oldest === null ? null : timestamp(oldest) });
    },
    async state(terminalId, at) {
      const moment = momentOf(at, 'at');
      if (!moment.ok) return moment;
      const recording = await recordingOf(terminalId);
      if (!recording.ok) return recording;
      const screen = await screenAt(recording.value.segments, moment.value);
      if (screen === null) return tooEarly(recording.value);
      const { snapshot, size, lastAt, exact } = screen;
      return ok({ snapshot, size, exact, lastOutputAt: lastAt === null ? null : timestamp(lastAt) });
    },
    async read(input) {
      const from = momentOf(input.from, 'from');
      if (!from.ok) return from;
      const to = momentOf(input.to, 'to');
      if (!to.ok) return to;
      const recording = await recordingOf(input.terminalId);
      return recording.ok ? readPage(recording.value.segments, from.value, to.value, input.cursor) : recording;
    },
    room(at) {
      const moment = momentOf(at, 'at');
      return moment.ok ? ok(stateAt(history.before(moment.value), moment.value)) : moment;
    },
    changes(from, to, limit) {
      const start = momentOf(from, 'from');
      if (!start.ok) return start;
      const end = momentOf(to, 'to');
      if (!end.ok) return end;
      const events = history.between(start.value, end.value, limit + 1);
      return ok({ events: events.slice(0, limit), more: events.length > limit });
    },
    async onHost(client) {
      host = client;
      const told = await client.call('recordings.configure', options.settings());
      // Agents go on under a host of an earlier version, which has no recordings; the next host has.
      if (!told.ok) log('warn', 'the pty host was not told what to record', { error: told.error.message });
    },
    lookAtHeads: () => heads.look(),
    close() {
      clearInterval(forgetting);
      heads.close();
    },
  };
}

/** A recording as faces see it. */
export function toView(recording: TerminalRecording): RecordingView {
  const first = recording.segments[0];
  const last = recording.segments.at(-1);
  if (first === undefined || last === undefined) throw new Error('a recording without segments');
  const { terminal, kind, agent, startedAt, starts } = first.header.overstory;
  return {
    terminalId: terminal,
    kind,
    agent,
    title: last.header.title,
    from: timestamp(startedAt),
    to: timestamp(Math.max(...recording.segments.map((segment) => segment.writtenAt))),
    bytes: recording.segments.reduce((sum, segment) => sum + segment.bytes, 0),
    segments: recording.segments.length,
    fromBeginning: starts === 'blank',
  };
}

function momentOf(at: string, field: string): Result<number> {
  const milliseconds = parseTimestamp(at);
  return Number.isNaN(milliseconds)
    ? fail('validation', `${field} must be a time such as 2026-01-31T12:00:00.000Z`, { field })
    : ok(milliseconds);
}

/** Why a moment cannot be shown: the recording begins after it. */
export function tooEarly(recording: TerminalRecording): Result<never> {
  const { from } = toView(recording);
  return fail('notFound', `the recording of ${recording.terminal} begins at ${from}: ask for a later moment`, {
    data: { from },
  });
}
