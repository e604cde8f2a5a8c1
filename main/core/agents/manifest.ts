import { join } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { isMapping } from '../config/yamlText.ts';
import { errorLine, pathExists, readTextIfPresent } from '../util/files.ts';

/** What the manifest says about one role (spec 02 §3.8). */
export interface RoleDefinition {
  /** Name of the role file in `agents.baseDir`. */
  readonly file: string;
  readonly model: string;
  /** Informational. */
  readonly tools: readonly string[];
  readonly capabilities: readonly string[];
  readonly canSpawn: boolean;
  readonly constraints: readonly string[];
}

/** `.overstory/agent-manifest.json`. */
export interface AgentManifest {
  readonly version: string;
  readonly agents: Readonly<Record<string, RoleDefinition>>;
  /** Role names per capability; always rebuilt, whatever the file holds. */
  readonly capabilityIndex: Readonly<Record<string, readonly string[]>>;
}

const READ_TOOLS = ['Read', 'Glob', 'Grep', 'Bash'];
const WRITE_TOOLS = ['Read', 'Write', 'Edit', 'Glob', 'Grep', 'Bash'];
const COORDINATION = ['coordinate', 'dispatch', 'escalate'];

function role(
  name: string,
  model: string,
  capabilities: readonly string[],
  extra: Partial<Pick<RoleDefinition, 'tools' | 'canSpawn' | 'constraints'>> = {},
): RoleDefinition {
  return { file: `${name}.md`, model, tools: READ_TOOLS, capabilities, canSpawn: false, constraints: [], ...extra };
}

/** The manifest `ov init` writes: eight roles; the deprecated supervisor is not among them (spec 02 §3.8). */
export const DEFAULT_MANIFEST: AgentManifest = buildManifest('1.0', {
  scout: role('scout', 'haiku', ['explore', 'research'], { constraints: ['read-only'] }),
  builder: role('builder', 'sonnet', ['implement', 'refactor', 'fix'], { tools: WRITE_TOOLS }),
  reviewer: role('reviewer', 'sonnet', ['review', 'validate'], { constraints: ['read-only'] }),
  lead: role('lead', 'opus', ['coordinate', 'implement', 'review'], { canSpawn: true }),
  merger: role('merger', 'sonnet', ['merge', 'resolve-conflicts'], { tools: WRITE_TOOLS }),
  coordinator: role('coordinator', 'opus', COORDINATION, {
    canSpawn: true,
    constraints: ['read-only', 'no-worktree'],
  }),
  orchestrator: role('orchestrator', 'opus', ['orchestrate', ...COORDINATION], {
    canSpawn: true,
    constraints: ['read-only', 'no-worktree'],
  }),
  monitor: role('monitor', 'sonnet', ['monitor', 'patrol'], { constraints: ['read-only', 'no-worktree'] }),
});

/** Text of a manifest file: indented by tabs, with a final newline. */
export function formatManifest(manifest: AgentManifest): string {
  return `${JSON.stringify(manifest, null, '\t')}\n`;
}

/** Reads the text of a manifest; every fault of every role is named in one line (spec 02 §3.8). */
export function parseManifest(text: string, label: string): Result<AgentManifest> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    // JSON.parse throws for any malformed text; its reason becomes part of the line a person reads.
    return fail('agent', `Failed to parse ${label}: ${errorLine(error)}; correct it or run "ov init --force"`);
  }
  if (!isMapping(data)) return fail('agent', `${label} must hold an object; run "ov init --force" to write a new one`);
  const problems: string[] = [];
  if (typeof data.version !== 'string' || data.version === '') problems.push('version must be non-empty text');
  if (!isMapping(data.agents)) {
    problems.push('agents must be an object');
    return invalid(label, problems);
  }
  const agents: Record<string, RoleDefinition> = {};
  for (const [name, definition] of Object.entries(data.agents)) {
    const read = readRole(name, definition, problems);
    if (read !== null) agents[name] = read;
  }
  if (problems.length > 0 || typeof data.version !== 'string') return invalid(label, problems);
  return ok(buildManifest(data.version, agents));
}

/**
 * Loads and checks the manifest of a project, role files included.
 * @param manifestPath and baseDir as in the config, relative to the root.
 */
export async function loadManifest(
  root: string,
  manifestPath: string,
  baseDir: string,
): Promise<Result<AgentManifest>> {
  let text: string | null;
  try {
    text = await readTextIfPresent(join(root, manifestPath));
  } catch (error) {
    return fail('agent', `${manifestPath} cannot be read (${errorLine(error)}); check its permissions`);
  }
  if (text === null) return fail('agent', `${manifestPath} not found; run "ov init" first`);
  const manifest = parseManifest(text, manifestPath);
  if (!manifest.ok) return manifest;
  const missing: string[] = [];
  for (const definition of Object.values(manifest.value.agents)) {
    const path = join(root, baseDir, definition.file);
    if (!(await pathExists(path))) missing.push(`${baseDir}/${definition.file} does not exist`);
  }
  return missing.length === 0 ? manifest : invalid(manifestPath, missing);
}

/** Text of a role's file. */
export async function readRoleFile(root: string, baseDir: string, definition: RoleDefinition): Promise<Result<string>> {
  try {
    const text = await readTextIfPresent(join(root, baseDir, definition.file));
    if (text !== null) return ok(text);
    return fail(
      'agent',
      `role file ${baseDir}/${definition.file} does not exist; "ov init --force" writes the role files again and keeps what it replaces`,
    );
  } catch (error) {
    return fail('agent', `role file ${baseDir}/${definition.file} cannot be read (${errorLine(error)})`);
  }
}

/**
 * Text of a profile, which stands between role and assignment (spec 02 §3.2 step 26): `<name>.md` beside the role files.
 * No name is no profile; a name nobody has written a file for is refused, or an agent would work without what was meant.
 */
export async function readProfile(root: string, baseDir: string, name: string): Promise<Result<string>> {
  if (name === '') return ok('');
  const path = `${baseDir}/${name}.md`;
  try {
    const text = /^[A-Za-z0-9._-]+$/.test(name) ? await readTextIfPresent(join(root, path)) : null;
    if (text !== null) return ok(text);
    return fail('agent', `profile ${path} does not exist: write it, or name another`, { field: 'profile' });
  } catch (error) {
    return fail('agent', `profile ${path} cannot be read (${errorLine(error)})`, { field: 'profile' });
  }
}

/** Roles that have a capability, in the manifest's order. */
export function findByCapability(manifest: AgentManifest, capability: string): readonly string[] {
  return Object.hasOwn(manifest.capabilityIndex, capability) ? (manifest.capabilityIndex[capability] ?? []) : [];
}

function buildManifest(version: string, agents: Readonly<Record<string, RoleDefinition>>): AgentManifest {
  const index = new Map<string, string[]>();
  for (const [name, definition] of Object.entries(agents)) {
    for (const capability of definition.capabilities) index.set(capability, [...(index.get(capability) ?? []), name]);
  }
  return { version, agents, capabilityIndex: Object.fromEntries(index) };
}

function readRole(name: string, value: unknown, problems: string[]): RoleDefinition | null {
  if (!isMapping(value)) {
    problems.push(`${name}: definition must be an object`);
    return null;
  }
  const { file, model, tools, capabilities, canSpawn, constraints } = value;
  const before = problems.length;
  if (typeof file !== 'string' || file === '') problems.push(`${name}: file must be non-empty text`);
  else if (/[\\/]/.test(file) || file.startsWith('.')) problems.push(`${name}: file must be a plain file name`);
  if (typeof model !== 'string' || model === '') problems.push(`${name}: model must be non-empty text`);
  if (!isTextList(tools)) problems.push(`${name}: tools must be a list of texts`);
  if (!isTextList(capabilities)) problems.push(`${name}: capabilities must be a list of texts`);
  if (typeof canSpawn !== 'boolean') problems.push(`${name}: canSpawn must be true or false`);
  if (!isTextList(constraints)) problems.push(`${name}: constraints must be a list of texts`);
  if (problems.length > before) return null;
  return { file, model, tools, capabilities, canSpawn, constraints } as RoleDefinition;
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function invalid(label: string, problems: readonly string[]): Result<never> {
  return fail('agent', `${label} is not valid: ${problems.join('; ')}`, { data: { problems } });
}
