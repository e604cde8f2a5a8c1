import type {
  InteractivePlan,
  InteractiveRequest,
  LaunchPlan,
  RuntimeAdapter,
  ScreenPhase,
  TurnRequest,
} from './adapter.ts';
import { claudeUsage } from './clis/transcripts.ts';
import { ownSettings } from './environment.ts';
import { claudeFailure } from './failures.ts';
import { loginOfClaude } from './login.ts';
import { probeVersion } from './probe.ts';
import { createStreamJsonParser } from './streamJson.ts';
import { encodeUserTurn } from './userTurn.ts';

/** Facts of the machine the claude adapter needs. */
export interface ClaudeOptions {
  /** User id of the process that launches; null where the system has none. */
  readonly uid: number | null;
  /** Environment claude's own settings are taken from; nothing else of it is. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Attempts claude makes against a failing API before its turn fails. Its own default of 10 takes 180 s; six end after about
 * 35 s of waiting, then our own bounded retry of the turn takes over (real-agents.md §5).
 */
const MAX_API_RETRIES = 6;

/** Claude's own settings: account, model names, gateway, config folder. */
const OWN_SETTINGS = /^(ANTHROPIC_|CLAUDE_)/;
/** Variables of a cloud account, wanted only when claude is told to use that cloud. */
const CLOUDS: Readonly<Record<string, RegExp>> = {
  CLAUDE_CODE_USE_BEDROCK: /^AWS_/,
  CLAUDE_CODE_USE_VERTEX: /^(GOOGLE_|GCLOUD_|CLOUD_ML_|VERTEX_)/,
};

/** Set by a claude that runs us; inherited, they make the started claude believe that it is nested (spec 01 D-13). */
export const NESTED_SESSION_MARKERS = ['CLAUDECODE', 'CLAUDE_CODE_SSE_PORT', 'CLAUDE_CODE_ENTRYPOINT'] as const;

/**
 * Flags of one headless turn after the command's name, in the reference's order (spec 01 §3.3). Beyond it: `--model` on
 * every turn when known, since a resumed conversation may otherwise fall back to a smaller context, and the optional files.
 */
export function headlessFlags(
  request: Pick<TurnRequest, 'model' | 'resumeId' | 'settingsFile' | 'systemPromptFile'>,
): readonly string[] {
  const flags = [
    '-p',
    '--output-format',
    'stream-json',
    '--input-format',
    'stream-json',
    '--verbose',
    '--strict-mcp-config',
    '--permission-mode',
    'bypassPermissions',
  ];
  if (present(request.settingsFile)) flags.push('--settings', request.settingsFile);
  if (present(request.systemPromptFile)) flags.push('--append-system-prompt-file', request.systemPromptFile);
  if (present(request.model)) flags.push('--model', request.model);
  if (present(request.resumeId)) flags.push('--resume', request.resumeId);
  return flags;
}

/**
 * Flags of a conversation that a person opens: the same files and model, the same conversation, and a person who is asked
 * (accepting edits needs no confirmation at start, also not as root; bypassing does, real-agents.md §6).
 */
export function interactiveFlags(request: InteractiveRequest): readonly string[] {
  const flags = ['--strict-mcp-config', '--permission-mode', 'acceptEdits'];
  if (present(request.settingsFile)) flags.push('--settings', request.settingsFile);
  if (present(request.systemPromptFile)) flags.push('--append-system-prompt-file', request.systemPromptFile);
  if (present(request.model)) flags.push('--model', request.model);
  if (present(request.resumeId)) flags.push('--resume', request.resumeId);
  else flags.push('--session-id', request.newConversationId);
  return flags;
}

/** Its hooks fail open: a hook that cannot be started, or is too slow, lets the call pass (real-agents.md, third rule). */
const HOOK_GUARDS = {
  guards: 'advisory',
  guardNote: 'a hook asks before each call; claude runs the call when the hook itself fails',
} as const;

/** Claude Code, one headless process a turn (spec 01 §3.3). */
export function createClaudeAdapter(options: ClaudeOptions): RuntimeAdapter {
  return {
    id: 'claude',
    stability: 'stable',
    instructionPath: '.claude/CLAUDE.md',
    takesManifestModel: true,
    features: { turns: 'structured', resume: true, usage: 'turn', cost: 'process', ...HOOK_GUARDS },
    countsMessages: true,
    planTurn(request: TurnRequest): LaunchPlan {
      return {
        argv: ['claude', ...headlessFlags(request)],
        env: launchEnvironment(options, request),
        stdin: encodeUserTurn(request.prompt),
      };
    },
    createParser: createStreamJsonParser,
    classifyFailure: claudeFailure,
    planInteractive(request: InteractiveRequest): InteractivePlan {
      return {
        argv: ['claude', ...interactiveFlags(request)],
        env: { ...launchEnvironment(options, request), CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: '1' },
        conversationId: present(request.resumeId) ? request.resumeId : request.newConversationId,
      };
    },
    planPrint: (prompt, model) => ['claude', '--print', '-p', prompt, ...(present(model) ? ['--model', model] : [])],
    detectReady: claudeScreen,
    readTranscript: claudeUsage,
    transcriptFolder: (projectRoot, home) =>
      present(home) ? `${home}/.claude/projects/${projectRoot.replaceAll('/', '-')}` : null,
    async probe(environment) {
      const version = await probeVersion('claude', 'Claude Code', environment);
      if (!version.ready) return version;
      const loggedIn = await loginOfClaude(environment);
      const detail =
        loggedIn === false ? `${version.detail}, not logged in: run "claude" once and log in` : version.detail;
      const warning =
        options.uid === 0
          ? 'runs as root: agents may change everything on this machine (IS_SANDBOX=1 is set for them)'
          : null;
      return { ...version, detail, loggedIn, warning };
    },
  };
}

function launchEnvironment(
  options: ClaudeOptions,
  request: Pick<TurnRequest, 'modelEnv'>,
): Readonly<Record<string, string>> {
  const env = claudeSettings(options.environment);
  for (const marker of NESTED_SESSION_MARKERS) env[marker] = '';
  env.CLAUDE_CODE_MAX_RETRIES ??= String(MAX_API_RETRIES);
  env.CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC = '1';
  // Root may bypass permissions only with exactly this value (real-agents.md §3).
  if (options.uid === 0) env.IS_SANDBOX = '1';
  return Object.assign(env, request.modelEnv ?? {});
}

/**
 * What claude's screen shows, first match wins (spec 01 §3.3 "Readiness", R6; the footer without bypass as observed,
 * real-agents.md §6). `shift+tab` is no sign: it is there before the prompt takes text.
 */
export function claudeScreen(screen: string): ScreenPhase {
  const all = (...texts: readonly string[]): boolean => texts.every((text) => screen.includes(text));
  if (all('WARNING: Claude Code running in Bypass Permissions mode', '1. No, exit', '2. Yes, I accept'))
    return { phase: 'dialog', keys: 'type:2' };
  if (screen.includes('trust this folder') || all('Quick safety check', '1. Yes'))
    return { phase: 'dialog', keys: 'Enter' };
  const prompt = screen.includes('❯') || screen.includes('Try "');
  const footer = ['bypass permissions', 'accept edits on', '? for shortcuts'].some((text) => screen.includes(text));
  return prompt && footer ? { phase: 'ready' } : { phase: 'loading' };
}

/** The variables claude is set up with on this machine. */
function claudeSettings(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const wanted = [OWN_SETTINGS];
  for (const [switchName, variables] of Object.entries(CLOUDS)) {
    if ((environment[switchName] ?? '') !== '') wanted.push(variables);
  }
  return ownSettings(environment, wanted);
}

function present(text: string | null | undefined): text is string {
  return text !== null && text !== undefined && text !== '';
}
