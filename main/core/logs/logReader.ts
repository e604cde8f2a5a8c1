import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogCursor, LogEntry, LogPage, ReadLogInput } from '../../../contract/health.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { isMissing } from '../util/files.ts';
import { endOfLines, type FileLine, linesAfter, linesBefore } from './lineFiles.ts';
import { engineLine, type LogFilter, terminalLine, turnLine, wanted } from './logRules.ts';

/** Bytes one call reads at most, and at a time: a filter that nothing fits must not read gigabytes. */
const CALL_BYTES = 4 * 1024 * 1024;
const PART_BYTES = 256 * 1024;
/** Turns of an agent that can be paged through. */
const TURNS_AT_MOST = 500;

/** Reads logs page by page from their files. */
export interface LogReader {
  read(input: ReadLogInput): Promise<Result<LogPage>>;
  /** Agents that have logs of turns, the one written last first. */
  agents(): Promise<string[]>;
}

export function createLogReader(overstoryDirectory: string): LogReader {
  const folder = join(overstoryDirectory, 'logs');

  /** Files of a log, the oldest first, by path relative to the folder of logs. */
  async function filesOf(agent: string | null): Promise<readonly string[]> {
    if (agent === null) return ['engine.log.1', 'engine.log'];
    const turns = (await names(join(folder, agent))).filter((name) => /^\d{4}-/.test(name)).toSorted();
    return turns
      .slice(-TURNS_AT_MOST)
      .flatMap((turn) => [`${agent}/${turn}/stderr.log`, `${agent}/${turn}/stdout.ndjson`]);
  }

  function entriesOf(file: string, lines: readonly FileLine[], filter: LogFilter): LogEntry[] {
    const [agent = '', turn = '', name] = file.split('/');
    return lines.flatMap(({ offset, text }) => {
      const parts =
        name === undefined
          ? engineLine(text)
          : name === 'stdout.ndjson'
            ? turnLine(text, agent, turn)
            : terminalLine(text, agent, turn);
      return parts !== null && wanted(parts, filter) ? [{ id: `${file}:${offset}`, ...parts }] : [];
    });
  }

  async function older(
    files: readonly string[],
    from: LogCursor,
    filter: LogFilter,
    limit: number,
  ): Promise<Pick<LogPage, 'entries' | 'older'>> {
    let entries: LogEntry[] = [];
    let budget = CALL_BYTES;
    let at = files.indexOf(from.file);
    let end = from.offset;
    while (at >= 0) {
      const file = files[at] ?? '';
      if (end <= 0) {
        at -= 1;
        end = at < 0 ? 0 : await endOfLines(join(folder, files[at] ?? ''));
        continue;
      }
      if (budget <= 0 || entries.length >= limit) return { entries, older: { file, offset: end } };
      const { lines, start } = await linesBefore(join(folder, file), end, PART_BYTES);
      budget -= end - start;
      const found = entriesOf(file, lines, filter);
      const over = entries.length + found.length - limit;
      if (over > 0) {
        // The page is full within this part: the next one ends where the first line given begins.
        const kept = found.slice(over);
        return { entries: [...kept, ...entries], older: { file, offset: offsetOf(kept[0]) ?? start } };
      }
      entries = [...found, ...entries];
      // A file that shrank meanwhile is left for the one before it.
      end = start < end ? start : 0;
    }
    return { entries, older: null };
  }

  async function newer(
    files: readonly string[],
    from: LogCursor,
    filter: LogFilter,
    limit: number,
  ): Promise<Pick<LogPage, 'entries' | 'newer'>> {
    const entries: LogEntry[] = [];
    let budget = CALL_BYTES;
    let cursor = from;
    for (let at = files.indexOf(from.file); at >= 0 && at < files.length; at += 1) {
      const file = files[at] ?? '';
      let start = file === from.file ? from.offset : 0;
      for (;;) {
        if (budget <= 0 || entries.length >= limit) return { entries, newer: cursor };
        const { lines, end } = await linesAfter(join(folder, file), start, PART_BYTES);
        budget -= Math.abs(end - start);
        entries.push(...entriesOf(file, lines, filter));
        cursor = { file, offset: end };
        if (end <= start) break;
        start = end;
      }
    }
    return { entries, newer: cursor };
  }

  return {
    async read(input) {
      const files = await filesOf(input.agent);
      const filter: LogFilter = { level: input.level, about: input.about, search: input.search.trim() };
      const last = files.at(-1);
      if (last === undefined) return ok({ entries: [], older: null, newer: null });
      const given = input.after ?? input.before;
      if (given !== undefined && !files.includes(given.file))
        return fail('notFound', 'that part of the log is gone: look at it from its end again');
      if (input.after !== undefined) {
        const page = await newer(files, input.after, filter, input.limit);
        return ok({ ...page, older: null });
      }
      const end: LogCursor = { file: last, offset: await endOfLines(join(folder, last)) };
      const page = await older(files, input.before ?? end, filter, input.limit);
      return ok({ ...page, newer: end });
    },
    async agents() {
      const found = await Promise.all(
        (await names(folder)).map(async (name) => {
          const { isFolder, at } = await kindOf(join(folder, name));
          return isFolder ? [{ name, at }] : [];
        }),
      );
      return found
        .flat()
        .toSorted((left, right) => right.at - left.at)
        .map(({ name }) => name);
    },
  };
}

function offsetOf(entry: LogEntry | undefined): number | null {
  return entry === undefined ? null : Number(entry.id.slice(entry.id.lastIndexOf(':') + 1));
}

async function names(path: string): Promise<string[]> {
  return readdir(path).catch((error: unknown) => {
    // An agent without a turn has no folder yet.
    if (isMissing(error)) return [];
    throw error;
  });
}

async function kindOf(path: string): Promise<{ readonly isFolder: boolean; readonly at: number }> {
  try {
    const found = await stat(path);
    return { isFolder: found.isDirectory(), at: found.mtimeMs };
  } catch (error) {
    // Gone between the listing and this look.
    if (isMissing(error)) return { isFolder: false, at: 0 };
    throw error;
  }
}
