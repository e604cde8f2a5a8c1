import type {
  GuardFile,
  GuardFileFacts,
  GuardLevel,
  InteractiveRequest,
  RuntimeAdapter,
  ScreenPhase,
  TranscriptUsage,
} from '../adapter.ts';

/** What one turn's command is made of. */
export interface CliTurn {
  readonly prompt: string;
  readonly model: string | null;
  /** File with the agent's instructions, absolute or relative to the worktree. */
  readonly instructions: string;
  readonly worktree: string;
  /** Conversation to go on with; null begins one. Only for a CLI whose own command names it. */
  readonly resumeId: string | null;
  /** Role instructions of an agent that works in the project root, and so has no files of ours there; null in a worktree. */
  readonly systemPromptFile: string | null;
}

/**
 * What a turn's process prints. `text`: words. `json`: lines whose rough shape is known. `pi`: Pi's lines. `acp`: it speaks the
 * Agent Client Protocol, which tells everything and asks for permissions.
 */
export type CliOutput = 'text' | 'json' | 'pi' | 'acp';

/** What the engine knows of a CLI beyond claude and codex: arguments in, words out (spec 01 §3.5). */
export interface CliDefinition {
  readonly id: string;
  readonly product: string;
  /** The command's name on the PATH. */
  readonly command: string;
  readonly stability: RuntimeAdapter['stability'];
  readonly instructionPath: string;
  /** True when haiku, sonnet and opus mean something to it. */
  readonly takesManifestModel: boolean;
  /** Variables of the machine that are its own settings and so are handed on. */
  readonly settings: RegExp;
  readonly output: CliOutput;
  /** Further options of the bridge (main/turn-bridge). */
  readonly bridgeOptions?: readonly string[];
  /** The model is chosen through the protocol instead of by a flag of the command. */
  readonly modelByProtocol?: boolean;
  /** What it tells of money: the turn's own dollars, or nothing. */
  readonly cost: 'process' | 'none';
  readonly guards: GuardLevel;
  readonly guardNote: string;
  /** The whole command of one turn: the prompt is delivered as an argument, or by the protocol. */
  turn(request: CliTurn): readonly string[];
  /** The whole command of a one-shot question. */
  print(prompt: string, model: string | null): readonly string[];
  interactive(request: InteractiveRequest): readonly string[];
  detectReady(screen: string): ScreenPhase;
  readonly readTranscript?: (text: string) => TranscriptUsage | null;
  readonly transcriptFolder?: (projectRoot: string, home: string | null) => string | null;
  readonly guardFiles?: (facts: GuardFileFacts) => readonly GuardFile[];
  /** Whether an account is there, without asking its server; null when that cannot be told. Absent: it never can. */
  readonly login?: (environment: Readonly<Record<string, string | undefined>>) => Promise<boolean | null>;
  /** What to do without one, in a few words. */
  readonly loginRemedy?: string;
  /** Changes the environment a model needs into the form this CLI knows. */
  readonly environment?: (modelEnv: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
}

/** `[flag, model]`, or nothing without a model. */
export function modelFlag(flag: string, model: string | null): readonly string[] {
  return model === null || model === '' ? [] : [flag, model];
}

export const LOADING: ScreenPhase = { phase: 'loading' };
export const READY: ScreenPhase = { phase: 'ready' };
