import { CAPABILITIES } from '../../../contract/agents.ts';
import type { SettingsReader } from './settingsReader.ts';

/** `controlRoom.guards`: a project's own rules for tool calls, beside those of the roles (docs/guards.md). */
export interface GuardSettings {
  /** Beginnings of commands that are refused to every role, such as `terraform apply`. */
  readonly refuse: readonly string[];
  /** Beginnings of commands that roles which only read may run although they write. */
  readonly allow: readonly string[];
  /** Files and folders, relative to the worktree, that no agent writes. */
  readonly protect: readonly string[];
}

export const NO_GUARD_RULES: GuardSettings = { refuse: [], allow: [], protect: [] };

/** `controlRoom.sandbox`: whether turns run inside bubblewrap. `on` where it is there, `require` or not at all. */
export type SandboxMode = 'off' | 'on' | 'require';

/** Reads the section. A path that leads out of the worktree protects nothing, so it is refused. */
export function readGuardSettings(reader: SettingsReader, defaults: GuardSettings): GuardSettings {
  const protect = reader.texts('controlRoom.guards.protect', defaults.protect);
  for (const [index, path] of protect.entries()) {
    if (path.startsWith('/') || path.split('/').includes('..'))
      reader.reject(
        `controlRoom.guards.protect[${index}]`,
        path,
        'it must be a path inside of the project, such as "infra"',
      );
  }
  return {
    refuse: reader.texts('controlRoom.guards.refuse', defaults.refuse),
    allow: reader.texts('controlRoom.guards.allow', defaults.allow),
    protect,
  };
}

/** Roles whose sandbox has no network; their model must be reachable without one. */
export function readSandboxOffline(reader: SettingsReader): readonly string[] {
  const roles = reader.texts('controlRoom.sandboxOffline', []);
  const known: readonly string[] = CAPABILITIES;
  for (const [index, role] of roles.entries()) {
    if (!known.includes(role))
      reader.reject(`controlRoom.sandboxOffline[${index}]`, role, `it must be a role: ${known.join(', ')}`);
  }
  return roles;
}

export function readSandboxMode(reader: SettingsReader, fallback: SandboxMode): SandboxMode {
  // In YAML a bare `off` or `on` may have been read as a truth value.
  const value = reader.raw('controlRoom.sandbox');
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return reader.choice('controlRoom.sandbox', fallback, ['off', 'on', 'require']);
}
