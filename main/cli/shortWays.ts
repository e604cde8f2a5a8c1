/** The agent of a call that is exactly `ov guard --agent <name>`; null for every other, which the whole command line reads. */
export function guardedAgent(args: readonly string[]): string | null {
  const [command, option, name] = args;
  if (command !== 'guard' || option !== '--agent' || args.length !== 3) return null;
  return name === undefined || name === '' || name.startsWith('-') ? null : name;
}

/** First words of the calls that quickCalls.ts answers where they are plain. */
export const QUICK_WORDS = [['status'], ['mail', 'send']] as const;

/** True for a call that may be answered without the whole command line. */
export function isQuickCall(args: readonly string[]): boolean {
  return QUICK_WORDS.some((words) => words.every((word, index) => args[index] === word));
}
