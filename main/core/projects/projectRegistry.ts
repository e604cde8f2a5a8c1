import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { projectKey } from '../../platform/projectSockets.ts';
import { userFolder } from '../../platform/userFolder.ts';
import { CONFIG_FILE } from '../config/configFile.ts';
import { pathExists } from '../util/files.ts';

/** What is kept of a project: written by its engine, read by every face that offers others. */
export interface ProjectRecord {
  /** Real path. */
  readonly root: string;
  readonly name: string;
  /** When its engine was started last. */
  readonly openedAt: string;
  /** As of the last change while an engine ran. */
  readonly attention: number;
  readonly working: number;
}

/** Projects remembered; older ones give way. */
const REMEMBERED = 40;

/** Where the records lie, one file a project. The folder is ours alone. */
export function projectsFolder(): string {
  return join(userFolder(), 'projects');
}

/**
 * The projects of this machine: a folder with one small file each (0600). Engines write their own, so that no two ever
 * write the same file; a project whose folder is gone is left out.
 */
export interface ProjectRegistry {
  /** Newest first. */
  list(): Promise<readonly ProjectRecord[]>;
  /** The project of an id; null when none was registered or its folder is gone. */
  find(id: string): Promise<ProjectRecord | null>;
  save(record: ProjectRecord): Promise<void>;
  forget(id: string): Promise<void>;
}

/** Opens the registry; nothing is made before the first `save`. */
export function openProjectRegistry(folder: string = projectsFolder()): ProjectRegistry {
  const fileOf = (id: string): string => join(folder, `${id}.json`);

  async function read(id: string): Promise<ProjectRecord | null> {
    const record = parseRecord(await readFile(fileOf(id), 'utf8').catch(() => null));
    // A file under another project's name is not believed.
    return record !== null && projectKey(record.root) === id ? record : null;
  }

  async function find(id: string): Promise<ProjectRecord | null> {
    const record = await read(id);
    return record !== null && (await pathExists(join(record.root, CONFIG_FILE))) ? record : null;
  }

  return {
    find,
    async list() {
      // No folder yet: no project was ever opened here.
      const names = await readdir(folder).catch(() => [] as string[]);
      const ids = names.flatMap((name) => /^([0-9a-f]{16})\.json$/.exec(name)?.[1] ?? []);
      const found = await Promise.all(ids.map(async (id) => ({ id, record: await find(id) })));
      const records = found.flatMap(({ record }) => (record === null ? [] : [record]));
      records.sort((one, other) => other.openedAt.localeCompare(one.openedAt));
      return records.slice(0, REMEMBERED);
    },
    async save(record) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFileAtomic(fileOf(projectKey(record.root)), `${JSON.stringify(record)}\n`, 0o600);
    },
    forget: (id) => rm(fileOf(id), { force: true }),
  };
}

/** Reads a record; null for anything that is none. */
export function parseRecord(text: string | null): ProjectRecord | null {
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Damaged by hand: the project comes back with its next start.
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { root, name, openedAt, attention, working } = value as Readonly<Record<string, unknown>>;
  if (typeof root !== 'string' || root === '' || typeof openedAt !== 'string' || Number.isNaN(Date.parse(openedAt)))
    return null;
  const count = (number: unknown): number =>
    typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : 0;
  return {
    root,
    name: typeof name === 'string' && name !== '' ? name : basename(root),
    openedAt: new Date(Date.parse(openedAt)).toISOString(),
    attention: count(attention),
    working: count(working),
  };
}
