import type {
  GuardFile,
  GuardFileFacts,
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
}

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
  /** `json` when a turn prints lines of JSON, `text` when it prints words. */
  readonly output: 'json' | 'text';
  /** The whole command of one turn: the prompt is delivered as an argument. */
  turn(request: CliTurn): readonly string[];
  /** The whole command of a one-shot question. */
  print(prompt: string, model: string | null): readonly string[];
  interactive(request: InteractiveRequest): readonly string[];
  detectReady(screen: string): ScreenPhase;
  readonly readTranscript?: (text: string) => TranscriptUsage | null;
  readonly transcriptFolder?: (projectRoot: string, home: string | null) => string | null;
  readonly guardFiles?: (facts: GuardFileFacts) => readonly GuardFile[];
  /** Changes the environment a model needs into the form this CLI knows. */
  readonly environment?: (modelEnv: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
}

/** `[flag, model]`, or nothing without a model. */
export function modelFlag(flag: string, model: string | null): readonly string[] {
  return model === null || model === '' ? [] : [flag, model];
}

export const LOADING: ScreenPhase = { phase: 'loading' };
export const READY: ScreenPhase = { phase: 'ready' };
