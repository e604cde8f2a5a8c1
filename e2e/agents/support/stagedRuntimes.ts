import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Reply, refuse } from './scriptedModel.ts';

/** What a stage needs to know of a CLI to run it in a home of its own, without an account, against the scripted model. */
export interface StagedRuntime {
  /** Its name in the product. */
  readonly name: string;
  /** Settings of the project beside the runtime's name. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Writes its state into the home folder and gives the variables it is set up with. */
  prepare(stage: { readonly home: string; readonly project: string; readonly url: string }): Promise<Variables>;
  /** The answer of a server that does not know the account. */
  readonly unauthorized: Reply;
  /** A failure that passes, and that the CLI itself tries again within one turn; null when it does not. */
  readonly overloaded: Reply | null;
  /** Takes an agent's conversation away, as if the CLI had lost it. */
  lose(home: string, conversationId: string): Promise<void>;
  /** True when the guard is asked before its calls. */
  readonly guarded: boolean;
  /** Name of the model its requests are expected to carry. */
  readonly model: string | null;
  /**
   * What its screen shows before it takes text from a person, and the keys that answer it; null for one that has a test of its
   * own or no screen that was tried.
   */
  readonly takenOver: readonly (readonly [seen: string, keys: string])[] | null;
}

type Variables = Readonly<Record<string, string>>;

const KEY = 'dummy';
const OVERLOADED = refuse(529, 'overloaded_error', 'Overloaded');
const UNAUTHORIZED = refuse(401, 'authentication_error', 'invalid x-api-key');

/** Files below a folder whose name holds some text. */
async function forget(folder: string, part: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && entry.name.includes(part)) await rm(join(entry.parentPath, entry.name));
}

export const claude: StagedRuntime = {
  name: 'claude',
  config: {},
  async prepare({ home, project, url }) {
    const folder = join(home, 'claude');
    await mkdir(folder);
    const known = {
      hasCompletedOnboarding: true,
      customApiKeyResponses: { approved: [KEY], rejected: [] },
      projects: { [project]: { hasTrustDialogAccepted: true } },
    };
    await writeFile(join(folder, '.claude.json'), JSON.stringify(known));
    await writeFile(join(folder, 'settings.json'), JSON.stringify({ skipDangerousModePermissionPrompt: true }));
    return { CLAUDE_CONFIG_DIR: folder, ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: KEY };
  },
  unauthorized: UNAUTHORIZED,
  overloaded: OVERLOADED,
  lose: (home, id) => forget(join(home, 'claude', 'projects'), id),
  guarded: true,
  model: null,
  takenOver: null,
};

export const codex: StagedRuntime = {
  name: 'codex',
  config: { models: { builder: 'gpt-5.5' }, controlRoom: { environment: { codex: ['SCRIPTED_KEY'] } } },
  async prepare({ home, project, url }) {
    const folder = join(home, 'codex');
    await mkdir(folder);
    await writeFile(
      join(folder, 'config.toml'),
      `model = "gpt-5.5"
model_provider = "scripted"

[model_providers.scripted]
name = "scripted"
base_url = "${url}/v1"
wire_api = "responses"
env_key = "SCRIPTED_KEY"

[projects."${project}"]
trust_level = "trusted"

[features]
daemon_auto_start = false
`,
    );
    return { CODEX_HOME: folder, SCRIPTED_KEY: KEY };
  },
  unauthorized: refuse(401, 'invalid_request_error', 'Incorrect API key provided'),
  overloaded: OVERLOADED,
  lose: (home) => rm(join(home, 'codex', 'sessions'), { recursive: true, force: true }),
  guarded: false,
  model: 'gpt-5.5',
  takenOver: null,
};

export const gemini: StagedRuntime = {
  name: 'gemini',
  config: { models: { builder: 'gemini-2.5-flash' } },
  prepare: async ({ url }) => ({ GEMINI_API_KEY: KEY, GOOGLE_GEMINI_BASE_URL: url }),
  unauthorized: UNAUTHORIZED,
  overloaded: refuse(503, 'UNAVAILABLE', 'Overloaded'),
  lose: (home, id) => forget(join(home, '.gemini', 'tmp'), id.slice(0, 8)),
  guarded: true,
  model: 'gemini-2.5-flash',
  takenOver: null,
};

export const copilot: StagedRuntime = {
  name: 'copilot',
  config: {},
  prepare: async ({ home, url }) => ({
    COPILOT_HOME: join(home, 'copilot'),
    COPILOT_OFFLINE: 'true',
    COPILOT_PROVIDER_TYPE: 'anthropic',
    COPILOT_PROVIDER_BASE_URL: url,
    COPILOT_PROVIDER_API_KEY: KEY,
  }),
  unauthorized: UNAUTHORIZED,
  overloaded: OVERLOADED,
  lose: (home, id) => rm(join(home, 'copilot', 'session-state', id), { recursive: true, force: true }),
  guarded: true,
  model: null,
  takenOver: [
    ['Do you trust the files', '\r'],
    ['/ commands', ''],
  ],
};

export const opencode: StagedRuntime = {
  name: 'opencode',
  config: { models: { builder: 'scripted/second' }, providers: { scripted: { type: 'native' } } },
  prepare: async ({ url }) => {
    const price = { limit: { context: 100_000, output: 8_000 }, cost: { input: 1, output: 2 } };
    const scripted = {
      npm: '@ai-sdk/openai-compatible',
      options: { baseURL: `${url}/v1`, apiKey: KEY },
      models: { first: price, second: price },
    };
    return {
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_CONFIG_CONTENT: JSON.stringify({ model: 'scripted/first', provider: { scripted } }),
    };
  },
  unauthorized: UNAUTHORIZED,
  overloaded: OVERLOADED,
  lose: (home) => forget(join(home, '.local', 'share', 'opencode'), '.db'),
  guarded: true,
  model: 'second',
  takenOver: null,
};

export const pi: StagedRuntime = {
  name: 'pi',
  config: {},
  async prepare({ home, url }) {
    const folder = join(home, 'pi');
    await mkdir(folder);
    await writeFile(join(folder, 'models.json'), JSON.stringify({ providers: { anthropic: { baseUrl: url } } }));
    return { PI_CODING_AGENT_DIR: folder, PI_OFFLINE: '1', ANTHROPIC_API_KEY: KEY };
  },
  unauthorized: UNAUTHORIZED,
  overloaded: OVERLOADED,
  lose: (home, id) => forget(join(home, 'pi', 'sessions'), id),
  guarded: true,
  model: null,
  takenOver: [['[Extensions]', '']],
};
