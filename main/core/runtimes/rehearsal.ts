import { entryCommand, entryPath } from '../../platform/entries.ts';
import type { InteractivePlan, InteractiveRequest, LaunchPlan, RuntimeAdapter, TurnRequest } from './adapter.ts';
import { headlessFlags, interactiveFlags } from './claude.ts';
import { claudeFailure } from './failures.ts';
import { createStreamJsonParser } from './streamJson.ts';
import { encodeUserTurn } from './userTurn.ts';

/** What the rehearsal agent is told beyond a turn's own facts. */
export interface RehearsalOptions {
  /** Multiplier of its pauses, as in `OVERSTORY_REHEARSAL_PACE`; absent leaves its own default of 1. */
  readonly pace?: string | undefined;
  /** What it answers to every question, as in `OVERSTORY_REHEARSAL_ANSWER`; absent: `extend`. */
  readonly answer?: string | undefined;
  /** File of prepared answers, as in `OVERSTORY_REHEARSAL_ANSWERS`; what fits none of them gets `answer`. */
  readonly answers?: string | undefined;
}

/**
 * The bundled rehearsal agent: claude's flags and claude's output, with its script in the task's spec (docs/rehearsal.md).
 * Needs no account and no network.
 */
export function createRehearsalAdapter(options: RehearsalOptions = {}): RuntimeAdapter {
  return {
    id: 'rehearsal',
    stability: 'stable',
    instructionPath: '.claude/CLAUDE.md',
    takesManifestModel: true,
    features: {
      turns: 'structured',
      resume: true,
      usage: 'turn',
      cost: 'process',
      guards: 'absent',
      guardNote: 'it does what its script says',
    },
    countsMessages: true,
    planTurn(request: TurnRequest): LaunchPlan {
      const entry = entryCommand('rehearsal');
      return {
        argv: [entry.command, ...entry.args, ...headlessFlags(request)],
        env: { ...entry.env, ...identityOf(request, options) },
        stdin: encodeUserTurn(request.prompt),
      };
    },
    createParser: createStreamJsonParser,
    classifyFailure: claudeFailure,
    planInteractive(request: InteractiveRequest): InteractivePlan {
      const entry = entryCommand('rehearsal');
      return {
        argv: [entry.command, ...entry.args, ...interactiveFlags(request)],
        env: { ...entry.env, ...identityOf(request, options) },
        conversationId: request.resumeId ?? request.newConversationId,
      };
    },
    // Its script is all it knows: what it answers to a question is given beforehand, and it has no screen to wait for.
    planPrint(prompt) {
      const entry = entryCommand('rehearsal');
      const script = options.answers === undefined ? [] : ['--script', options.answers];
      return [entry.command, ...entry.args, 'answer', ...script, options.answer ?? 'extend', prompt];
    },
    detectReady: () => ({ phase: 'ready' }),
    probe: async () => ({ ready: true, detail: `built in (${entryPath('rehearsal')})`, version: null }),
  };
}

/** Who the agent is, for its script. */
function identityOf(request: Omit<TurnRequest, 'prompt'>, options: RehearsalOptions): Readonly<Record<string, string>> {
  return {
    OVERSTORY_AGENT_NAME: request.agentName,
    OVERSTORY_CAPABILITY: request.capability,
    OVERSTORY_TASK_ID: request.taskId,
    OVERSTORY_WORKTREE_PATH: request.worktree,
    OVERSTORY_PROJECT_ROOT: request.projectRoot,
    OVERSTORY_SPEC_PATH: request.specPath ?? '',
    OVERSTORY_PARENT: request.parent ?? '',
    ...(request.depth === undefined ? {} : { OVERSTORY_DEPTH: String(request.depth) }),
    ...(options.pace === undefined ? {} : { OVERSTORY_REHEARSAL_PACE: options.pace }),
  };
}
