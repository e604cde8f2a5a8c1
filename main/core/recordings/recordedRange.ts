import { basename } from 'node:path';
import type { RecordedEvent, RecordedPage } from '../../../contract/recordings.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { segmentOf } from './playedScreen.ts';
import { readEvents, readIndex, type Segment } from './segments.ts';

/** Characters of the events of one page: half of what one frame of the wire takes, since escapes grow in JSON. */
const PAGE_CHARACTERS = 512 * 1024;
/** Milliseconds by which the times of two events may be off after their way through the file. */
const ROUNDING_MS = 0.0005;

/** An event with the place behind it. */
export interface RangeEvent extends RecordedEvent {
  readonly segment: Segment;
  readonly end: number;
  /** True for the first event of a segment that does not go on where the one before ended. */
  readonly breaks: boolean;
}

/** Events after `from` up to `to` (milliseconds since the epoch), over all segments. */
export async function* readRange(
  segments: readonly Segment[],
  from: number,
  to: number,
  start: { readonly index: number; readonly offset: number } | null = null,
): AsyncGenerator<RangeEvent> {
  const first = start?.index ?? Math.max(0, segmentOf(segments, from));
  for (let index = first; index < segments.length; index += 1) {
    const segment = segments[index];
    if (segment === undefined || segment.header.overstory.startedAt > to) return;
    const { startedAt, starts } = segment.header.overstory;
    const offset = start !== null && index === first ? start.offset : await placeBefore(segment, from - startedAt);
    let breaks = index > first && starts !== 'follows';
    for await (const { time, kind, data, end } of readEvents(segment, offset)) {
      const at = startedAt + time;
      if (at > to + ROUNDING_MS) break;
      if (at <= from + ROUNDING_MS) continue;
      yield { at, kind, data, segment, end, breaks };
      breaks = false;
    }
  }
}

/** Byte offset of a line before or at a time, near it as the index knows. */
async function placeBefore(segment: Segment, time: number): Promise<number> {
  if (time <= 0) return segment.headerBytes;
  const marks = await readIndex(segment);
  return marks.findLast((mark) => mark.time < time)?.offset ?? segment.headerBytes;
}

/** One page of events. A cursor names segment and place; one whose segment was dropped meanwhile is refused. */
export async function readPage(
  segments: readonly Segment[],
  from: number,
  to: number,
  cursor: string | undefined,
): Promise<Result<RecordedPage>> {
  let start: { readonly index: number; readonly offset: number } | null = null;
  if (cursor !== undefined) {
    const [name, offset] = cursor.split(':');
    const index = segments.findIndex((segment) => basename(segment.base) === name);
    if (index === -1 || !/^\d+$/.test(offset ?? ''))
      return fail('notFound', 'that part of the recording is gone: read it again from its beginning', {
        field: 'cursor',
      });
    start = { index, offset: Number(offset) };
  }
  const events: RecordedEvent[] = [];
  let characters = 0;
  for await (const { at, kind, data, segment, end } of readRange(segments, from, to, start)) {
    events.push({ at, kind, data });
    characters += data.length;
    if (characters >= PAGE_CHARACTERS) return ok({ events, next: `${basename(segment.base)}:${end}` });
  }
  return ok({ events, next: null });
}
