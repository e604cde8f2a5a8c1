/** What the model answers, in words of no wire. */
export type Answer =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly name: string; readonly input: object }
  | { readonly kind: 'refuse'; readonly status: number; readonly type: string; readonly message: string };

/** A tool as a request offers it, in whichever shape its wire has. */
type OfferedTool = Readonly<Record<string, unknown>>;

/** What the agents call their shell, and how it is told the command. */
const SHELLS: Readonly<Record<string, (command: string) => object>> = {
  Bash: (command) => ({ command, description: 'scripted' }),
  bash: (command) => ({ command, description: 'scripted' }),
  run_shell_command: (command) => ({ command, description: 'scripted' }),
  // Newer models of codex run shells under the first name, older ones under the second.
  exec_command: (command) => ({ cmd: command, yield_time_ms: 30_000 }),
  shell: (command) => ({ command: ['bash', '-lc', command] }),
};

/** The call of the shell that an agent offers in its request. */
export function shellCall(offered: readonly OfferedTool[], command: string): Answer {
  const names = new Set(offered.flatMap(namesOf));
  for (const [name, input] of Object.entries(SHELLS))
    if (names.has(name)) return { kind: 'call', name, input: input(command) };
  throw new Error(`the agent offers no shell, only ${[...names].join(', ')}`);
}

function namesOf(tool: OfferedTool): readonly string[] {
  const { name, function: wrapped, functionDeclarations: declared } = tool;
  if (typeof name === 'string') return [name];
  if (Array.isArray(declared)) return declared.flatMap((each: OfferedTool) => namesOf(each));
  return typeof wrapped === 'object' && wrapped !== null ? namesOf(wrapped as OfferedTool) : [];
}
