import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fail, ok, type Result } from '../../../../contract/result.ts';
import { errorLine, isMissing } from '../../util/files.ts';
import { SeedsIssue } from './seedsRules.ts';

/** Folder and file of the tracker overstory comes with. */
export const SEEDS_FOLDER = '.seeds';
const ISSUES_FILE = 'issues.jsonl';

/** How the file is locked, by the tracker's own figures: a lock file beside it, given up after this many milliseconds. */
const LOCK_STALE_MS = 30_000;
const LOCK_WAIT_MS = 30_000;
const LOCK_RETRY_MS = 100;

/** A file of issues. Lines that are no issue are kept where they are: they may be a newer version's. */
export interface IssueFile {
  readonly issues: readonly SeedsIssue[];
  /** Lines as they stand, with the issue each holds; null for one that is kept as text. */
  readonly lines: readonly { readonly text: string; readonly id: string | null }[];
}

/** Reads JSON lines; of several with one id the last counts, as git's union merge leaves them. */
export function parseIssues(text: string): IssueFile {
  const issues = new Map<string, SeedsIssue>();
  const lines: { text: string; id: string | null }[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const issue = parseLine(line);
    if (issue === null) lines.push({ text: line, id: null });
    else {
      if (!issues.has(issue.id)) lines.push({ text: line, id: issue.id });
      issues.set(issue.id, issue);
    }
  }
  return { issues: [...issues.values()], lines };
}

/** Writes them again: known issues in their place, new ones at the end. */
export function formatIssues(file: IssueFile, issues: readonly SeedsIssue[]): string {
  const byId = new Map(issues.map((issue) => [issue.id, issue]));
  const lines: string[] = [];
  for (const { text, id } of file.lines) {
    const issue = id === null ? undefined : byId.get(id);
    lines.push(issue === undefined ? text : JSON.stringify(issue));
    if (id !== null) byId.delete(id);
  }
  for (const issue of byId.values()) lines.push(JSON.stringify(issue));
  return `${lines.join('\n')}\n`;
}

function parseLine(line: string): SeedsIssue | null {
  try {
    const read = SeedsIssue.safeParse(JSON.parse(line));
    return read.success ? read.data : null;
  } catch {
    // No JSON: kept as it is.
    return null;
  }
}

/** Path of the project's issues. */
export function issuesPath(projectRoot: string): string {
  return join(projectRoot, SEEDS_FOLDER, ISSUES_FILE);
}

/** The issues as they stand; none when there is no file. */
export async function readIssues(projectRoot: string): Promise<Result<IssueFile>> {
  try {
    return ok(parseIssues(await readFile(issuesPath(projectRoot), 'utf8')));
  } catch (error) {
    if (isMissing(error)) return ok(parseIssues(''));
    return fail('unavailable', `${SEEDS_FOLDER}/${ISSUES_FILE} cannot be read: ${errorLine(error)}`);
  }
}

/**
 * Changes the file under its lock, so that another program's writers and ours take turns: read, change, replaced as a
 * whole. `change` returns null to leave it.
 * @returns whether it was written.
 */
export async function changeIssues(
  projectRoot: string,
  change: (issues: readonly SeedsIssue[]) => readonly SeedsIssue[] | null,
): Promise<Result<boolean>> {
  const path = issuesPath(projectRoot);
  const locked = await lock(`${path}.lock`);
  if (!locked.ok) return locked;
  try {
    const file = await readIssues(projectRoot);
    if (!file.ok) return file;
    const changed = change(file.value.issues);
    if (changed === null) return ok(false);
    const temporary = `${path}.tmp.${randomBytes(4).toString('hex')}`;
    await writeFile(temporary, formatIssues(file.value, changed));
    await rename(temporary, path);
    return ok(true);
  } catch (error) {
    return fail('unavailable', `${SEEDS_FOLDER}/${ISSUES_FILE} cannot be written: ${errorLine(error)}`);
  } finally {
    await rm(`${path}.lock`, { force: true });
  }
}

async function lock(path: string): Promise<Result<null>> {
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      await (await open(path, 'wx')).close();
      return ok(null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        return fail('unavailable', `${SEEDS_FOLDER} cannot be locked: ${errorLine(error)}`);
    }
    if (await reclaimed(path)) continue;
    if (performance.now() > deadline)
      return fail('unavailable', `${path} is held by another program: end it, or remove the lock`);
    await delay(LOCK_RETRY_MS + Math.random() * LOCK_RETRY_MS);
  }
}

/**
 * Takes away the lock of a writer that died. It is moved aside first, which only one of several can do, and put back when
 * it turns out to be a fresh one.
 */
async function reclaimed(path: string): Promise<boolean> {
  try {
    const seen = await stat(path);
    if (Date.now() - seen.mtimeMs <= LOCK_STALE_MS) return false;
    const aside = `${path}.stale.${randomBytes(8).toString('hex')}`;
    await rename(path, aside);
    const moved = await stat(aside);
    if (moved.ino === seen.ino && moved.mtimeMs === seen.mtimeMs) await rm(aside, { force: true });
    else await rename(aside, path);
    return true;
  } catch (error) {
    // Gone meanwhile: free, or another one's.
    if (isMissing(error)) return true;
    throw error;
  }
}
