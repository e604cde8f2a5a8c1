import type { InteractivePlan, InteractiveRequest, LaunchPlan, RuntimeAdapter, TurnRequest } from './adapter.ts';
import { createCodexJsonParser } from './codexJson.ts';
import { codexFailure } from './failures.ts';
import { probeVersion } from './probe.ts';

/** Names codex does not know; it then uses the model of its own config (spec 01 §3.5, R18). */
const CLAUDE_ALIASES: ReadonlySet<string> = new Set(['haiku', 'sonnet', 'opus']);

/** Codex's own settings: account and config folder. */
const OWN_SETTINGS = /^(OPENAI_|CODEX_)/;

/** Facts of the machine the codex adapter needs. */
export interface CodexOptions {
  /** Environment codex's own settings are taken from; nothing else of it is. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * codex, one `exec --json` process a turn (real-agents.md §7). Experimental: the argv follows what was observed, not what
 * this project has run. The prompt is an argument, so the system's limit for one argument (128 KiB on Linux) bounds it.
 */
export function createCodexAdapter(options: CodexOptions): RuntimeAdapter {
  return {
    id: 'codex',
    stability: 'experimental',
    instructionPath: 'AGENTS.md',
    takesManifestModel: false,
    planTurn(request: TurnRequest): LaunchPlan {
      const argv = ['codex', 'exec'];
      if (request.resumeId !== null && request.resumeId !== '') argv.push('resume', request.resumeId);
      argv.push('--json', '--dangerously-bypass-approvals-and-sandbox');
      // Without the first an unreachable server is waited for without end; the second looks a web address up at start.
      argv.push('--disable', 'unbounded_connection_retries', '--disable', 'plugins');
      const model = modelName(request.model);
      if (model !== null) argv.push('--model', model);
      argv.push(request.prompt);
      // An empty standard input: an open one is waited for even though the prompt is an argument.
      return { argv, env: { ...codexSettings(options.environment), ...request.modelEnv }, stdin: '' };
    },
    createParser: createCodexJsonParser,
    classifyFailure: codexFailure,
    planInteractive(request: InteractiveRequest): InteractivePlan {
      const resumed = request.resumeId !== null && request.resumeId !== '' ? request.resumeId : null;
      const argv = ['codex'];
      if (resumed !== null) argv.push('resume', resumed);
      // The first keeps a helper and an updater from outliving the program (real-agents.md §7).
      argv.push('-c', 'features.daemon_auto_start=false', '--disable', 'plugins');
      const model = modelName(request.model);
      if (model !== null) argv.push('--model', model);
      return { argv, env: { ...codexSettings(options.environment), ...request.modelEnv }, conversationId: resumed };
    },
    probe: (environment) => probeVersion('codex', 'codex', environment),
  };
}

function codexSettings(environment: CodexOptions['environment']): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && OWN_SETTINGS.test(name)) settings[name] = value;
  }
  return settings;
}

function modelName(model: string | null): string | null {
  if (model === null || model === '') return null;
  const name = model.slice(model.indexOf('/') + 1);
  return CLAUDE_ALIASES.has(name) ? null : name;
}
