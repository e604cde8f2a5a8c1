import type { Capability } from '../../../contract/agents.ts';
import type { ModelGateway } from './models.ts';

/** What a runtime's output says, in one shape for every runtime (spec 01 §3.3, extended by design/real-agents.md). */
export type AgentEvent =
  | { readonly type: 'status'; readonly sessionId: string | null; readonly subtype: string; readonly model?: string }
  | { readonly type: 'assistant_message'; readonly text: string; readonly model?: string }
  | {
      readonly type: 'tool_use';
      readonly callId: string;
      readonly name: string;
      readonly input: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'tool_result'; readonly toolUseId: string; readonly content: string; readonly isError: boolean }
  | {
      readonly type: 'result';
      readonly sessionId: string | null;
      readonly result: string;
      /** Decides the outcome; the subtype never does (real-agents.md, first rule). */
      readonly isError: boolean;
      readonly durationMs: number | null;
      readonly numTurns: number | null;
      /** US dollars of this process so far, when the runtime says. */
      readonly costUsd: number | null;
      readonly usage: TokenUsage | null;
      readonly errors: readonly string[];
      readonly apiErrorStatus: number | null;
    }
  | {
      readonly type: 'retry';
      readonly attempt: number;
      readonly maxRetries: number;
      readonly delayMs: number;
      readonly status: number | null;
      readonly error: string;
    }
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'other'; readonly name: string };

export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheCreationTokens: number;
}

/** Facts a launch plan is made of. Pure data. */
export interface TurnRequest {
  readonly agentName: string;
  readonly capability: Capability;
  readonly taskId: string;
  readonly worktree: string;
  readonly projectRoot: string;
  /** Absolute path of the agent's state folder, `.overstory/agents/<name>`. */
  readonly agentDirectory: string;
  readonly specPath: string | null;
  /** Text of the user turn: mail, beacon, nudge. */
  readonly prompt: string;
  readonly model: string | null;
  /** Conversation to resume; null starts a fresh one. */
  readonly resumeId: string | null;
  /** Environment the model needs, such as a gateway's base address (models.ts). */
  readonly modelEnv?: Readonly<Record<string, string>>;
  /** Settings file with the guards of this launch, handed over as `--settings` (real-agents.md, third rule). */
  readonly settingsFile?: string | null;
  /** Role instructions of agents that work in the project root and so have no instruction file of their own there. */
  readonly systemPromptFile?: string | null;
  /** Gateway the model is reached through, for runtimes that are told by arguments and not by environment (models.ts). */
  readonly gateway?: ModelGateway | null;
  /** Parent agent; null or absent for one that a person started. */
  readonly parent?: string | null;
  /** Depth in the hierarchy; 0 for the coordinator. */
  readonly depth?: number;
}

/** A process to start: arguments as an array, never a shell string. */
export interface LaunchPlan {
  readonly argv: readonly string[];
  /** Added to the allow-listed environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Whole content of the process's standard input, given as a file. */
  readonly stdin: string;
}

/** Turns the lines of one turn's log into events. Holds only what batching needs; same lines, same events. */
export interface TurnParser {
  /** One line without its line feed; blank and unparseable lines give no event. */
  push(line: string): readonly AgentEvent[];
  /** The log is complete: whatever was held back. */
  end(): readonly AgentEvent[];
}

/** Why a turn failed in a way that trying again does not mend. `detail` is one line for a person. */
export type RuntimeFailure =
  | { readonly kind: 'needsLogin'; readonly detail: string }
  /** `until` is milliseconds since the epoch; null when the runtime did not say. */
  | { readonly kind: 'quotaExhausted'; readonly until: number | null; readonly detail: string }
  /** The conversation to resume is not known to the runtime. */
  | { readonly kind: 'unknownConversation'; readonly detail: string };

/** What is known of a failed turn when its failure is classified. */
export interface FailureFacts {
  readonly result: Extract<AgentEvent, { type: 'result' }> | null;
  /** The newest announced retry, null when there was none. */
  readonly retry: Extract<AgentEvent, { type: 'retry' }> | null;
  /** Messages of `error` events, oldest first. */
  readonly errors: readonly string[];
  /** The end of what the process wrote to its terminal, without control sequences. */
  readonly terminalText: string;
  readonly resumeId: string | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Facts of a conversation that is opened on a terminal for a person (take over, B7). */
export type InteractiveRequest = Omit<TurnRequest, 'prompt'> & {
  /** Id a fresh conversation is to get when there is none to resume; a runtime that cannot name one ignores it. */
  readonly newConversationId: string;
  /** First message of a fresh conversation; absent: the person begins. */
  readonly openingPrompt?: string;
};

/** An interactive program to start on a terminal. */
export interface InteractivePlan {
  readonly argv: readonly string[];
  /** Added to the allow-listed environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Id of the conversation that is open then; null when a fresh one is begun that the runtime names itself. */
  readonly conversationId: string | null;
}

/** Whether a runtime can be used on this machine, in one line for a person. */
export interface Readiness {
  readonly ready: boolean;
  readonly detail: string;
  readonly version: string | null;
  /** What works but should be known, one line; absent or null: nothing. */
  readonly warning?: string | null;
  /** False: installed, but no account was found; null or absent: cannot be told without asking the account's server. */
  readonly loggedIn?: boolean | null;
}

/** What a runtime can do. Decides what the engine expects of it and what a face offers. */
export interface RuntimeFeatures {
  /** `structured`: the turn prints events. `text`: a one-shot command whose words are all that is seen of it. */
  readonly turns: 'structured' | 'text';
  /** A later turn continues the conversation; otherwise each turn begins a new one with the whole introduction. */
  readonly resume: boolean;
  /** The span a result's token counts cover. */
  readonly usage: 'turn' | 'thread' | 'none';
  /** The span a result's cost covers. */
  readonly cost: 'process' | 'none';
  readonly guards: GuardLevel;
  /** In a few words, how: what asks the guard, and what a runtime does without an answer. */
  readonly guardNote: string;
}

/**
 * How far a role's limits hold (contract/runtimes.ts). `enforced`: no call that changes anything runs without the guard's yes, and none without an
 * answer. `advisory`: the guard is asked, or the runtime is told, but whether it obeys is up to it. `absent`: only the
 * instructions say so.
 */
export type GuardLevel = 'enforced' | 'advisory' | 'absent';

/** What a runtime's screen shows when it is opened on a terminal (spec 01 §3.1 `detectReady`). */
export type ScreenPhase =
  | { readonly phase: 'loading' }
  /** `keys` answers the dialog: `Enter`, or `type:<text>` for a text and then Enter. */
  | { readonly phase: 'dialog'; readonly keys: string }
  | { readonly phase: 'ready' };

/** Tokens of a conversation, read from the file the runtime keeps of it (spec 01 §3.1 `parseTranscript`). */
export interface TranscriptUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Empty when the file names none. */
  readonly model: string;
}

/** A file that tells a runtime its agent's limits. */
export interface GuardFile {
  /** Relative to the worktree. */
  readonly path: string;
  readonly content: string;
}

/** Facts guard files are written from. */
export interface GuardFileFacts {
  readonly agentName: string;
  readonly capability: Capability;
  readonly worktree: string;
  /** Commands of the project's quality gates. */
  readonly qualityGates: readonly string[];
}

/** A runtime, as pure functions plus one probe. */
export interface RuntimeAdapter {
  readonly id: string;
  readonly stability: 'stable' | 'beta' | 'experimental';
  /** Instruction file relative to the worktree. */
  readonly instructionPath: string;
  /** True when the model names of the agent manifest (haiku, sonnet, opus) mean something to this runtime. */
  readonly takesManifestModel: boolean;
  readonly features: RuntimeFeatures;
  /** True when its lines are claude's, with the usage of each model message (turnMeter.ts). */
  readonly countsMessages?: boolean;
  planTurn(request: TurnRequest): LaunchPlan;
  createParser(): TurnParser;
  /** Recognises failures that trying again does not mend; null for all others. Absent: none is recognised. */
  classifyFailure?(facts: FailureFacts): RuntimeFailure | null;
  /** Opens a conversation for a person. Absent: this runtime has no interactive mode that can be taken over. */
  planInteractive?(request: InteractiveRequest): InteractivePlan;
  /** Arguments of a one-shot question whose answer is printed (triage, merge resolution); null where there is no such mode. */
  planPrint(prompt: string, model: string | null): readonly string[] | null;
  /** What the screen of its interactive mode shows, from the visible text. */
  detectReady(screen: string): ScreenPhase;
  /** Tokens of a conversation's own file; null when it says nothing, absent when the runtime keeps none that is known. */
  readTranscript?(text: string): TranscriptUsage | null;
  /** Folder of those files for a project; null when the home folder is unknown. */
  transcriptFolder?(projectRoot: string, home: string | null): string | null;
  /** Files to write beside the instruction file. Absent: none. */
  guardFiles?(facts: GuardFileFacts): readonly GuardFile[];
  /** May start a process such as `claude --version`; bounded to 3 s. */
  probe(environment: Readonly<Record<string, string | undefined>>): Promise<Readiness>;
}
