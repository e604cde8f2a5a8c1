import { loginOfGemini } from '../login.ts';
import { type CliDefinition, LOADING, modelFlag, READY } from './definition.ts';
import { geminiUsage } from './transcripts.ts';

/** Where Gemini finds the policy that makes it ask; kept out of commits. */
const POLICY = '.gemini/overstory-guard.toml';

/**
 * Everything is asked for, except tools that only read; what would start helpers of its own is refused. Given as the
 * administrator's policy, it outranks what a person once allowed for good.
 */
const POLICY_TEXT = `# Written by the control room: "ov guard" answers what is asked here.
[[rule]]
toolName = "*"
decision = "ask_user"
priority = 100

[[rule]]
toolName = ["read_file", "read_many_files", "list_directory", "glob", "grep_search", "update_topic", "write_todos"]
decision = "allow"
priority = 200

[[rule]]
toolName = ["invoke_agent", "enter_plan_mode", "ask_user"]
decision = "deny"
priority = 300
`;

/** Gemini CLI (spec 01 §3.5), through the Agent Client Protocol (0.61.0). */
export const gemini: CliDefinition = {
  id: 'gemini',
  product: 'Gemini CLI',
  command: 'gemini',
  stability: 'beta',
  instructionPath: 'GEMINI.md',
  takesManifestModel: false,
  settings: /^(GEMINI_|GOOGLE_)/,
  login: loginOfGemini,
  loginRemedy: 'run "gemini" once and log in, or set GEMINI_API_KEY',
  output: 'acp',
  bridgeOptions: ['--keep-gemini-history'],
  cost: 'none',
  guards: 'enforced',
  guardNote: 'it asks for each call but plain reading, and does nothing without an answer',
  turn: ({ model, systemPromptFile }) => [
    ...['gemini', '--acp', '--skip-trust', '--approval-mode', 'default', ...modelFlag('-m', model)],
    ...(systemPromptFile === null ? ['--admin-policy', POLICY] : []),
  ],
  print: (prompt, model) => ['gemini', '-p', prompt, '--yolo', ...modelFlag('-m', model)],
  interactive: ({ model, resumeId }) => [
    ...['gemini', ...modelFlag('-m', model), '--approval-mode', 'yolo', '--skip-trust'],
    ...(resumeId ? ['--resume', resumeId] : []),
  ],
  detectReady(screen) {
    const prompt = /type your message/i.test(screen) || /^> /m.test(screen) || screen.includes('❯');
    return prompt && /gemini/i.test(screen) ? READY : LOADING;
  },
  readTranscript: geminiUsage,
  guardFiles: () => [{ path: POLICY, content: POLICY_TEXT }],
};
