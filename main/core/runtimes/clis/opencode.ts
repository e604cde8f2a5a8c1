import { loginOfOpencode } from '../login.ts';
import { type CliDefinition, LOADING, modelFlag } from './definition.ts';

/** Everything is asked for, except tools that only read; what would start helpers or wait for a person is refused. */
const PERMISSION = {
  '*': 'ask',
  bash: 'ask',
  edit: 'ask',
  webfetch: 'ask',
  external_directory: 'ask',
  read: 'allow',
  glob: 'allow',
  grep: 'allow',
  list: 'allow',
  todoread: 'allow',
  todowrite: 'allow',
  task: 'deny',
  question: 'deny',
} as const;

/** OpenCode (spec 01 §3.5), through the Agent Client Protocol (1.18.33). Its screen has no known sign of readiness. */
export const opencode: CliDefinition = {
  id: 'opencode',
  product: 'OpenCode',
  command: 'opencode',
  stability: 'beta',
  instructionPath: 'AGENTS.md',
  takesManifestModel: false,
  settings: /^OPENCODE_/,
  login: loginOfOpencode,
  output: 'acp',
  bridgeOptions: ['--usage', 'opencode'],
  modelByProtocol: true,
  cost: 'process',
  guards: 'enforced',
  guardNote: 'it asks for each call but reading, and does nothing without an answer',
  turn: () => ['opencode', 'acp'],
  environment: (modelEnv) => ({
    ...modelEnv,
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_PERMISSION: JSON.stringify(PERMISSION),
  }),
  // `opencode --prompt`, as the reference has it, opens the screen.
  print: (prompt, model) => ['opencode', 'run', ...modelFlag('--model', model), prompt],
  interactive: ({ model, resumeId }) => [
    ...['opencode', ...modelFlag('--model', model)],
    ...(resumeId ? ['--session', resumeId] : []),
  ],
  detectReady: () => LOADING,
};
