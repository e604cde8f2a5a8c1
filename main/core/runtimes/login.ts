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

/** The same for Gemini: a key, a cloud, or the file of a login. Null when a server of one's own is asked. */
export async function loginOfGemini(environment: Environment): Promise<boolean | null> {
  if (named(environment, ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GENAI_USE_VERTEXAI', 'GOOGLE_GENAI_USE_GCA']))
    return true;
  const folder = folderOf(undefined, environment.GEMINI_CLI_HOME || environment.HOME, '.gemini');
  if (folder === null) return null;
  if ((await exists(join(folder, 'oauth_creds.json'))) || (await exists(join(folder, '.env')))) return true;
  const settings = await textOf(join(folder, 'settings.json'));
  // A chosen way to log in may keep its account where nobody but Gemini looks.
  const elsewhere = named(environment, ['GOOGLE_GEMINI_BASE_URL']) || /"selectedType"/.test(settings ?? '');
  return elsewhere ? null : false;
}

/** The same for Copilot, which keeps its account in the system's key chain: only a token or a provider of one's own can be seen. */
export async function loginOfCopilot(environment: Environment): Promise<boolean | null> {
  return named(environment, ['COPILOT_GITHUB_TOKEN', 'COPILOT_PROVIDER_BASE_URL']) ? true : null;
}

/** The same for OpenCode, which has models that need no account. */
export async function loginOfOpencode(environment: Environment): Promise<boolean | null> {
  const folder = folderOf(environment.XDG_DATA_HOME, environment.HOME, join('.local', 'share'));
  return folder !== null && (await exists(join(folder, 'opencode', 'auth.json'))) ? true : null;
}

/** The same for Pi: a key that is handed on to it, a login, or models of one's own. */
export async function loginOfPi(environment: Environment): Promise<boolean | null> {
  if (named(environment, ['ANTHROPIC_API_KEY', 'ANTHROPIC_OAUTH_TOKEN', 'OPENAI_API_KEY'])) return true;
  const folder = folderOf(environment.PI_CODING_AGENT_DIR, environment.HOME, join('.pi', 'agent'));
  if (folder === null) return null;
  if (await exists(join(folder, 'auth.json'))) return true;
  return (await exists(join(folder, 'models.json'))) ? null : false;
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
