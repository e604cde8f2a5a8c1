import type { RecordedEvent } from '../../../contract/recordings.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { AttachTerminalReply } from '../../../contract/terminals.ts';
import type { StreamReader, StreamSink } from '../../../contract/wire/definition.ts';
import type { RoomLink } from '../../client/link.ts';
import type { Player } from './player.ts';

/** Terminals as they were: screens at the moment shown, and the output that followed as the playhead moves on. */
export interface ReplayTerminals {
  attach(terminalId: string): Promise<Result<AttachTerminalReply>>;
  open(stream: number, sink: StreamSink): StreamReader;
  dispose(): void;
}

/** One watched terminal. */
interface Viewer {
  readonly terminalId: string;
  sink: StreamSink | null;
  /** Output up to here is on the screen. */
  at: number;
  offset: number;
  /** What was read ahead, oldest first. */
  waiting: readonly RecordedEvent[];
  /** Everything up to here has been read. */
  readTo: number;
  /** The rest of a stretch of which one page is here. */
  rest: { readonly from: number; readonly to: number; readonly cursor: string } | null;
  reading: boolean;
  /** The playhead jumped before somebody took the stream. */
  stale: boolean;
}

/** Milliseconds of the past read ahead for each unit of speed. */
const AHEAD_MS = 5_000;
/** Characters of one move above which the screen is drawn anew instead of fed. */
const REDRAW_CHARACTERS = 256 * 1024;
/** Characters that may wait, read ahead. */
const WAITING_CHARACTERS = 1024 * 1024;

const iso = (at: number): string => new Date(at).toISOString();

export function createReplayTerminals(link: Pick<RoomLink, 'call'>, player: Player): ReplayTerminals {
  const viewers = new Map<number, Viewer>();
  const encoder = new TextEncoder();
  let streams = 0;

  /** What it shows no longer leads to the moment shown: whoever watches attaches again and gets that moment's screen. */
  function redraw(stream: number, viewer: Viewer): void {
    if (viewer.sink === null) {
      viewer.stale = true;
      return;
    }
    viewers.delete(stream);
    viewer.sink.onEnd('lagging');
  }

  async function readAhead(stream: number, viewer: Viewer): Promise<void> {
    const { at, speed } = player.store.getState();
    const wanted = Math.floor(at) + AHEAD_MS * speed;
    const held = viewer.waiting.reduce((sum, event) => sum + event.data.length, 0);
    if (viewer.reading || viewer.readTo >= wanted || held > WAITING_CHARACTERS) return;
    viewer.reading = true;
    const { from, to, cursor } = viewer.rest ?? { from: viewer.readTo, to: wanted, cursor: undefined };
    const page = await link.call('recordings.read', {
      terminalId: viewer.terminalId,
      from: iso(from),
      to: iso(to),
      ...(cursor === undefined ? {} : { cursor }),
    });
    viewer.reading = false;
    // A recording that is gone or cannot be read has no more output; the screen stays as it is.
    const { events, next } = page.ok ? page.value : { events: [], next: null };
    viewer.waiting = [...viewer.waiting, ...events];
    viewer.rest = next === null ? null : { from, to, cursor: next };
    viewer.readTo = next === null ? to : (events.at(-1)?.at ?? viewer.readTo);
    if (viewers.get(stream) === viewer) feed(stream, viewer, player.store.getState().at);
  }

  function feed(stream: number, viewer: Viewer, at: number): void {
    const until = Math.min(at, viewer.readTo);
    const due = viewer.waiting.filter((event) => event.at <= until);
    viewer.at = Math.max(viewer.at, until);
    viewer.waiting = viewer.waiting.slice(due.length);
    if (due.length > 0 && viewer.sink !== null) {
      const text = due.map((event) => (event.kind === 'o' ? event.data : '')).join('');
      if (text.length > REDRAW_CHARACTERS || due.some((event) => event.kind === 'r')) {
        redraw(stream, viewer);
        return;
      }
      const bytes = encoder.encode(text);
      const start = viewer.offset;
      viewer.offset += bytes.byteLength;
      if (bytes.byteLength > 0) viewer.sink.onBytes(bytes, start);
    }
    void readAhead(stream, viewer);
  }

  const stopFollowing = player.onMove((_states, move) => {
    const { at, speed } = player.store.getState();
    for (const [stream, viewer] of [...viewers]) {
      const behind = at - viewer.at > AHEAD_MS * speed;
      if (move === 'jumped' || behind) redraw(stream, viewer);
      else if (viewer.sink !== null) feed(stream, viewer, at);
    }
  });

  return {
    async attach(terminalId) {
      const at = Math.floor(player.store.getState().at);
      const state = await link.call('recordings.state', { terminalId, at: iso(at) });
      if (!state.ok) {
        if (state.error.tag === 'notFound')
          return fail('notFound', 'Nothing of this terminal is recorded at this moment.');
        return state;
      }
      streams += 1;
      const { at: now, playing } = player.store.getState();
      viewers.set(streams, {
        terminalId,
        sink: null,
        at,
        offset: 0,
        waiting: [],
        readTo: at,
        rest: null,
        reading: false,
        // The playhead jumped while the screen was drawn; played on, the output that followed is fed.
        stale: now < at || (!playing && Math.floor(now) !== at),
      });
      return ok({
        stream: streams,
        anchor: { epoch: `replay ${streams}`, offset: 0 },
        snapshot: state.value.snapshot,
        size: state.value.size,
        running: true,
        fixedSize: true,
      });
    },
    open(stream, sink) {
      const viewer = viewers.get(stream);
      if (viewer === undefined) {
        queueMicrotask(() => sink.onEnd('lagging'));
        return { ack() {}, close() {} };
      }
      viewer.sink = sink;
      if (viewer.stale) {
        viewers.delete(stream);
        queueMicrotask(() => sink.onEnd('lagging'));
      } else feed(stream, viewer, player.store.getState().at);
      return { ack() {}, close: () => void viewers.delete(stream) };
    },
    dispose() {
      stopFollowing();
      viewers.clear();
    },
  };
}
