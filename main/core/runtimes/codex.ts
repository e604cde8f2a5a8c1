import type { InteractivePlan, InteractiveRequest, LaunchPlan, RuntimeAdapter, TurnRequest } from './adapter.ts';
import { codexUsage } from './clis/transcripts.ts';
import { createCodexJsonParser } from './codexJson.ts';
import { ownSettings } from './environment.ts';
import { codexFailure } from './failures.ts';
import { loginOfCodex } from './login.ts';
import type { ModelGateway } from './models.ts';
import { probeVersion } from './probe.ts';

/** Names codex does not know; it then uses the model of its own config (spec 01 §3.5, R18). */
const CLAUDE_ALIASES: ReadonlySet<string> = new Set(['haiku', 'sonnet', 'opus']);

/** Codex's own settings: account and config folder. */
const OWN_SETTINGS = /^(OPENAI_|CODEX_)/;

/**
 * Commands run in a plain shell: a login shell takes its PATH from the system's profile (on Debian for root without anything
 * else), and the agent's `ov` is not found any more (seen with 0.169.0).
 */
const OWN_SHELL = ['-c', 'allow_login_shell=false'] as const;

/** Facts of the machine the codex adapter needs. */
export interface CodexOptions {
  /** Environment codex's own settings are taken from; nothing else of it is. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * codex, one `exec --json` process a turn (real-agents.md §7). The prompt comes on standard input, which has no length limit
 * as an argument has; it is a file, so that codex meets its end.
 */
export function createCodexAdapter(options: CodexOptions): RuntimeAdapter {
  const environmentOf = (request: Pick<TurnRequest, 'modelEnv' | 'gateway'>): Record<string, string> => {
    const env = { ...ownSettings(options.environment, [OWN_SETTINGS]), ...request.modelEnv };
    const token = request.gateway?.authTokenEnv ?? null;
    const value = token === null ? undefined : options.environment[token];
    if (token !== null && value !== undefined) env[token] = value;
    return env;
  };
  return {
    id: 'codex',
    stability: 'beta',
    instructionPath: 'AGENTS.md',
    takesManifestModel: false,
    features: {
      turns: 'structured',
      resume: true,
      usage: 'thread',
      cost: 'none',
      guards: 'absent',
      guardNote: 'nothing asks; its own sandbox is off, because it would keep agents from committing',
    },
    planTurn(request: TurnRequest): LaunchPlan {
      const argv = ['codex', 'exec'];
      if (request.resumeId !== null && request.resumeId !== '') argv.push('resume', request.resumeId);
      argv.push('--json', '--dangerously-bypass-approvals-and-sandbox');
      // Without the first an unreachable server is waited for without end; the second looks a web address up at start.
      argv.push('--disable', 'unbounded_connection_retries', '--disable', 'plugins');
      argv.push(...OWN_SHELL, ...modelFlags(request), '-');
      return { argv, env: environmentOf(request), stdin: request.prompt };
    },
    createParser: createCodexJsonParser,
    classifyFailure: codexFailure,
    planInteractive(request: InteractiveRequest): InteractivePlan {
      const resumed = request.resumeId !== null && request.resumeId !== '' ? request.resumeId : null;
      const argv = ['codex'];
      if (resumed !== null) argv.push('resume', resumed);
      // The first keeps a helper and an updater from outliving the program (real-agents.md §7).
      argv.push('-c', 'features.daemon_auto_start=false', '--disable', 'plugins');
      argv.push(...OWN_SHELL, ...modelFlags(request));
      if (request.openingPrompt) argv.push(request.openingPrompt);
      return { argv, env: environmentOf(request), conversationId: resumed };
    },
    planPrint(prompt, model) {
      const name = model === null || model === '' ? null : vendorless(model);
      return ['codex', 'exec', '--full-auto', '--ephemeral', ...(name === null ? [] : ['--model', name]), prompt];
    },
    // Its screen takes text as soon as it is drawn (spec 01 §3.5).
    detectReady: () => ({ phase: 'ready' }),
    readTranscript: codexUsage,
    async probe(environment) {
      const version = await probeVersion('codex', 'codex', environment);
      if (!version.ready) return version;
      const loggedIn = await loginOfCodex(environment);
      const detail = loggedIn === false ? `${version.detail}, not logged in: run "codex login"` : version.detail;
      return { ...version, detail, loggedIn };
    },
  };
}

/** Model and gateway as arguments: codex knows a gateway by its own settings and not by claude's variables. */
function modelFlags(request: Pick<TurnRequest, 'model' | 'gateway'>): readonly string[] {
  if (request.gateway) return [...gatewayFlags(request.gateway), '--model', request.gateway.model];
  if (request.model === null || request.model === '') return [];
  const name = vendorless(request.model);
  return CLAUDE_ALIASES.has(name) ? [] : ['--model', name];
}

function gatewayFlags(gateway: ModelGateway): readonly string[] {
  const key = `model_providers.${gateway.provider}`;
  const settings = [
    `model_provider=${JSON.stringify(gateway.provider)}`,
    `${key}.name=${JSON.stringify(gateway.provider)}`,
    `${key}.base_url=${JSON.stringify(gateway.baseUrl)}`,
    `${key}.wire_api="responses"`,
  ];
  if (gateway.authTokenEnv !== null) settings.push(`${key}.env_key=${JSON.stringify(gateway.authTokenEnv)}`);
  return settings.flatMap((setting) => ['-c', setting]);
}

/** `openai/gpt-5.4` is called `gpt-5.4` here (spec 01 §3.5, R18). */
function vendorless(model: string): string {
  return model.slice(model.indexOf('/') + 1);
}
