/** The agent of a call that is exactly `ov guard --agent <name>`; null for every other, which the whole command line reads. */
export function guardedAgent(args: readonly string[]): string | null {
  const [command, option, name] = args;
  if (command !== 'guard' || option !== '--agent' || args.length !== 3) return null;
  return name === undefined || name === '' || name.startsWith('-') ? null : name;
}
