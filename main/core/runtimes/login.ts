import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

const named = (environment: Environment, names: readonly string[]): boolean =>
  names.some((name) => (environment[name] ?? '') !== '');

/** Variables that stand for an account of claude. */
const CLAUDE_ACCOUNTS = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
  'CLAUDE_CODE_USE_FOUNDRY',
];

/**
 * Whether claude has an account here, without asking a server: a key in the environment or its credentials file. Null where
 * it may keep them in the system's key chain, which nobody but claude should open.
 */
export async function loginOfClaude(environment: Environment, platform = process.platform): Promise<boolean | null> {
  if (named(environment, CLAUDE_ACCOUNTS)) return true;
  const folder = folderOf(environment.CLAUDE_CONFIG_DIR, environment.HOME, '.claude');
  if (folder === null) return null;
  if (await exists(join(folder, '.credentials.json'))) return true;
  const settings = await textOf(join(folder, 'settings.json'));
  // A command that gives keys is an account, and so are variables that its settings set.
  if (settings !== null && /"apiKeyHelper"|ANTHROPIC_(?:API_KEY|AUTH_TOKEN)/.test(settings)) return true;
  return platform === 'darwin' ? null : false;
}

/** The same for codex; null when its config names a provider of its own, whose account nobody can judge. */
export async function loginOfCodex(environment: Environment): Promise<boolean | null> {
  if (named(environment, ['OPENAI_API_KEY', 'CODEX_API_KEY'])) return true;
  const folder = folderOf(environment.CODEX_HOME, environment.HOME, '.codex');
  if (folder === null) return null;
  if (await exists(join(folder, 'auth.json'))) return true;
  const config = await textOf(join(folder, 'config.toml'));
  return config !== null && /^\s*(?:model_provider|cli_auth_credentials_store)\s*=/m.test(config) ? null : false;
}

function folderOf(own: string | undefined, home: string | undefined, name: string): string | null {
  if (own !== undefined && own !== '') return own;
  return home === undefined || home === '' ? null : join(home, name);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // Missing or not readable by us: for the question the same.
    return false;
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // No settings, nothing said.
    return null;
  }
}
