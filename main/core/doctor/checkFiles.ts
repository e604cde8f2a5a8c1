import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIdentity } from '../agents/identity.ts';
import { loadManifest, parseManifest } from '../agents/manifest.ts';
import { SCAFFOLD_FOLDERS, STATE_GITIGNORE } from '../config/scaffold.ts';
import { folderBytes } from '../health/folderSize.ts';
import { gitProcessesIn } from '../merge/orphans.ts';
import { readEnd } from '../turns/turnFiles.ts';
import { isMissing, pathExists, readTextIfPresent } from '../util/files.ts';
import { type Category, type DoctorContext, type Finding, failure, fixing, pass, warning } from './doctorContext.ts';
import { brokenLines, bytesText, LOG_BYTES, STALE_FILE_MS } from './doctorRules.ts';

const REQUIRED_FILES = ['config.yaml', 'agent-manifest.json', 'hooks.json', '.gitignore'];
/** Logs whose end is looked at, and bytes of it. */
const LOGS_LOOKED_AT = 40;
const LOG_END_BYTES = 64 * 1024;
const LISTED = 10;

/** What must be in `.overstory` (spec 03 §5.7 row 3). */
export const checkStructure: Category = async (context) => {
  const { overstory } = context;
  if (!(await pathExists(overstory)))
    return [failure('.overstory/ directory', 'there is no .overstory here: run "ov init" first')];
  return [
    pass('.overstory/ directory', overstory),
    await requiredFiles(overstory),
    await requiredFolders(overstory),
    await ignoredFiles(overstory),
    ...(await leftovers(context)),
    await gitLocks(context),
  ];
};

async function missing(folder: string, names: readonly string[]): Promise<string[]> {
  const there = await Promise.all(names.map((name) => pathExists(join(folder, name))));
  return names.filter((_name, at) => there[at] === false);
}

async function requiredFiles(overstory: string): Promise<Finding> {
  const gone = await missing(overstory, REQUIRED_FILES);
  return gone.length === 0
    ? pass('Required files', REQUIRED_FILES.join(', '))
    : failure('Required files', 'files of the scaffold are missing: "ov init --force" writes them again', gone);
}

async function requiredFolders(overstory: string): Promise<Finding> {
  const gone = await missing(overstory, SCAFFOLD_FOLDERS);
  if (gone.length === 0) return pass('Required subdirectories', SCAFFOLD_FOLDERS.join(', '));
  const fix = fixing(`makes ${gone.join(', ')}`, async () => {
    for (const name of gone) await mkdir(join(overstory, name), { recursive: true });
    return `made ${gone.join(', ')}`;
  });
  return failure('Required subdirectories', 'folders of the scaffold are missing', gone, fix);
}

async function ignoredFiles(overstory: string): Promise<Finding> {
  const path = join(overstory, '.gitignore');
  const text = (await readTextIfPresent(path)) ?? '';
  const has = new Set(text.split('\n').map((line) => line.trim()));
  const wanted = STATE_GITIGNORE.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const gone = wanted.filter((line) => !has.has(line));
  if (gone.length === 0) return pass('.gitignore entries', `all ${wanted.length} are there`);
  const fix = fixing('adds the missing lines', async () => {
    await writeFile(path, `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${gone.join('\n')}\n`);
    return `added ${gone.length} lines to .overstory/.gitignore`;
  });
  return warning('.gitignore entries', "the machine's own files may end up in commits", gone, fix);
}

/** Files another program left, old enough to be nobody's. */
async function leftovers({ overstory, clock }: DoctorContext): Promise<Finding[]> {
  const old = async (pattern: RegExp): Promise<string[]> => {
    const names = (await readdir(overstory)).filter((name) => pattern.test(name));
    const ages = await Promise.all(names.map((name) => ageOf(join(overstory, name), clock.now())));
    return names.filter((_name, at) => (ages[at] ?? 0) > STALE_FILE_MS);
  };
  const remove = (names: readonly string[]) =>
    fixing(`deletes ${names.length === 1 ? names[0] : `these ${names.length} files`}`, async () => {
      for (const name of names) await rm(join(overstory, name), { force: true });
      return `deleted ${names.join(', ')}`;
    });
  const temporary = await old(/\.(?:tmp|bak)$/);
  const locks = await old(/\.lock$/);
  return [
    temporary.length === 0
      ? pass('Leftover temp files', 'none')
      : warning('Leftover temp files', 'a program was cut off while it wrote', temporary, remove(temporary)),
    locks.length === 0
      ? pass('Stale lock files', 'none')
      : warning(
          'Stale lock files',
          'locks older than five minutes hold up whoever waits for them',
          locks,
          remove(locks),
        ),
  ];
}

/** Locks a killed git left in the project's repository. */
async function gitLocks({ projectRoot, overstory, git, clock }: DoctorContext): Promise<Finding> {
  const names = ['index.lock', 'HEAD.lock', 'packed-refs.lock', 'config.lock'];
  const folder = await git(['rev-parse', '--absolute-git-dir']);
  if (folder.code !== 0)
    return failure('Git locks', 'git cannot read this repository: run "git status" to see what it says');
  const paths = names.map((name) => join(folder.stdout.trim(), name));
  const ages = await Promise.all(paths.map((path) => ageOf(path, clock.now())));
  const stale = paths.filter((_path, at) => (ages[at] ?? 0) > STALE_FILE_MS);
  if (stale.length === 0) return pass('Git locks', 'none is held');
  const fix = {
    does: 'deletes them, if no git runs in this project',
    async run() {
      const busy = await gitProcessesIn(projectRoot, overstory);
      if (busy !== 0)
        return {
          ok: false as const,
          error: {
            tag: 'conflict' as const,
            message:
              busy === null
                ? 'this system does not tell whether a git runs'
                : 'a git runs in this project: wait for it',
          },
        };
      for (const path of stale) await rm(path, { force: true });
      return { ok: true as const, value: `deleted ${stale.length} locks of git` };
    },
  };
  return warning('Git locks', 'a git that was killed left locks, and every later one stops at them', stale, fix);
}

/** Milliseconds since a file was written; null when there is none. */
async function ageOf(path: string, now: number): Promise<number | null> {
  try {
    return now - (await stat(path)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Roles and identities (row 6). */
export const checkAgents: Category = async ({ projectRoot, overstory, config, loaded }) => {
  const { manifestPath, baseDir } = config.agents;
  const manifest = await loadManifest(projectRoot, manifestPath, baseDir);
  const findings: Finding[] = [];
  if (!manifest.ok) findings.push(failure('Manifest parsing', manifest.error.message));
  else {
    const roles = Object.keys(manifest.value.agents);
    findings.push(pass('Manifest parsing', `${roles.length} roles, each with its file`));
    findings.push(await capabilityIndex(join(projectRoot, manifestPath)));
  }
  const roles = manifest.ok ? new Set(Object.keys(manifest.value.agents)) : null;
  const folder = join(overstory, 'agents');
  const names = await readdir(folder).catch((error: unknown) => {
    // No agent has had an identity yet.
    if (isMissing(error)) return [];
    throw error;
  });
  const faulty: string[] = [];
  const stale: string[] = [];
  for (const name of names) {
    const identity = await readIdentity(folder, name);
    if (!identity.ok) faulty.push(identity.error.message);
    else if (identity.value !== null) {
      const { capability, created, sessionsCompleted } = identity.value;
      if (!/^[\w-]+$/.test(name) || sessionsCompleted < 0 || Number.isNaN(Date.parse(created)))
        faulty.push(`${name}: name, created or sessionsCompleted is not what it should be`);
      if (roles !== null && !roles.has(capability)) stale.push(`${name} is a ${capability}`);
    }
  }
  findings.push(
    faulty.length === 0
      ? pass('Identity validation', `${names.length} identities`)
      : warning(
          'Identity validation',
          'identities cannot be read: remove or correct their files',
          faulty.slice(0, LISTED),
        ),
  );
  if (loaded.ok)
    findings.push(
      stale.length === 0
        ? pass('Stale identities', 'every role is in the manifest')
        : warning('Stale identities', 'agents have roles the manifest does not know', stale.slice(0, LISTED)),
    );
  return findings;
};

/** The index a file holds, against the one its roles give; this product rebuilds it, the reference does not. */
async function capabilityIndex(path: string): Promise<Finding> {
  const text = (await readTextIfPresent(path)) ?? '';
  const manifest = parseManifest(text, path);
  if (!manifest.ok) return failure('Capability index', manifest.error.message);
  const held: unknown = (JSON.parse(text) as { readonly capabilityIndex?: unknown }).capabilityIndex;
  const same = JSON.stringify(sorted(held)) === JSON.stringify(sorted(manifest.value.capabilityIndex));
  return same
    ? pass('Capability index', 'fits the roles')
    : warning('Capability index', 'does not fit the roles; it is rebuilt here, overstory reads it as it stands');
}

function sorted(index: unknown): unknown {
  if (typeof index !== 'object' || index === null) return null;
  return Object.entries(index)
    .map(([name, roles]) => [name, Array.isArray(roles) ? [...roles].sort() : roles])
    .sort(([left], [right]) => String(left).localeCompare(String(right)));
}

/** Logs (row 8). */
export const checkLogs: Category = async ({ overstory }) => {
  const folder = join(overstory, 'logs');
  if (!(await pathExists(folder))) return [warning('logs/ directory', 'there is none yet: the first engine makes it')];
  const entries = await readdir(folder, { withFileTypes: true });
  const agents = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const sizes = await Promise.all(agents.map((name) => folderBytes(join(folder, name))));
  const bySize = agents.map((name, at) => [name, sizes[at] ?? 0] as const).toSorted((a, b) => b[1] - a[1]);
  const total = await folderBytes(folder);
  const listed = bySize.slice(0, LISTED).map(([name, bytes]) => `${name}: ${bytesText(bytes)}`);
  const broken: string[] = [];
  let looked = 0;
  for (const [name] of bySize) {
    const turns = (await readdir(join(folder, name))).toSorted().slice(-2);
    for (const turn of turns) {
      if (looked >= LOGS_LOOKED_AT) break;
      looked += 1;
      const end = await readEnd(join(folder, name, turn, 'stdout.ndjson'), LOG_END_BYTES);
      // The first line of an end may be the rest of one.
      const lines = brokenLines(end.length < LOG_END_BYTES ? end : end.slice(end.indexOf('\n') + 1));
      if (lines > 0) broken.push(`${name}/${turn}: ${lines} lines that are no JSON`);
    }
  }
  return [
    pass('logs/ directory', `${agents.length} agents`),
    total > LOG_BYTES
      ? warning(
          'Total disk usage',
          `logs take ${bytesText(total)}: "ov clean --logs" removes those of ended agents`,
          listed,
        )
      : pass('Total disk usage', bytesText(total)),
    pass('Per-agent log sizes', `${agents.length} agents`, listed),
    broken.length === 0
      ? pass('NDJSON integrity', `the ends of ${looked} logs are whole`)
      : warning(
          'NDJSON integrity',
          'a runtime printed what is no JSON; turns go on without it',
          broken.slice(0, LISTED),
        ),
  ];
};
