import { loginOfPi } from '../login.ts';
import { type CliDefinition, LOADING, modelFlag, READY } from './definition.ts';
import { guardExtension } from './piGuard.ts';
import { piUsage } from './transcripts.ts';

/** `runtime.pi` of config.yaml. */
export interface PiSettings {
  readonly provider: string;
  readonly modelMap: Readonly<Record<string, string>>;
}

/** A model's name as Pi wants it: with its provider (spec 01 §3.5, R22). */
export function expandPiModel(model: string, settings: PiSettings): string {
  if (model.includes('/')) return model;
  const mapped = Object.hasOwn(settings.modelMap, model) ? settings.modelMap[model] : undefined;
  return mapped ?? `${settings.provider}/${model}`;
}

/** Folder of Pi's conversations of a project: separators become dashes, colons go (spec 01 §3.5, R22). */
export function piTranscriptFolder(projectRoot: string, home: string | null): string | null {
  if (home === null || home === '') return null;
  return `${home}/.pi/agent/sessions/--${projectRoot.replaceAll(':', '').replaceAll(/[\\/]/g, '-')}--`;
}

/** Pi (spec 01 §3.5), by its JSON lines (0.73.1). */
export function createPi(settings: PiSettings): CliDefinition {
  const named = (model: string | null): readonly string[] =>
    modelFlag('--model', model === null || model === '' ? null : expandPiModel(model, settings));
  return {
    id: 'pi',
    product: 'Pi',
    command: 'pi',
    stability: 'beta',
    instructionPath: 'AGENTS.md',
    takesManifestModel: true,
    settings: /^(PI_|ANTHROPIC_|OPENAI_)/,
    login: loginOfPi,
    loginRemedy: 'run "pi" and its command /login, or set the key of a provider',
    output: 'pi',
    cost: 'process',
    guards: 'enforced',
    guardNote: 'an extension asks before each call; Pi does not start without it',
    turn: ({ prompt, model, resumeId, systemPromptFile }) => [
      ...['pi', '--mode', 'json', '--print', ...named(model)],
      ...(resumeId === null ? [] : ['--session', resumeId]),
      ...(systemPromptFile === null ? [] : ['--append-system-prompt', systemPromptFile]),
      // The blank keeps a text that begins with a dash or an @ from being an option or a file.
      ` ${prompt}`,
    ],
    print: (prompt, model) => ['pi', '--print', ...named(model), prompt],
    interactive: ({ model, resumeId, systemPromptFile }) => [
      'pi',
      ...named(model),
      ...(resumeId ? ['--session', resumeId] : []),
      // Pi reads a path given here as a file.
      ...(systemPromptFile ? ['--append-system-prompt', systemPromptFile] : []),
    ],
    detectReady: (screen) =>
      screen.includes('pi v') && /\d+(?:\.\d+)?%\/\d+(?:\.\d+)?[kM]/.test(screen) ? READY : LOADING,
    readTranscript: piUsage,
    transcriptFolder: piTranscriptFolder,
    guardFiles: (facts) => [
      { path: '.pi/extensions/overstory-guard.ts', content: guardExtension(facts) },
      { path: '.pi/settings.json', content: `${JSON.stringify({ extensions: ['./extensions'] }, null, 2)}\n` },
    ],
  };
}
