/**
 * The variables a runtime is set up with on this machine. A child's environment starts from an allow-list that holds none of
 * them, so what is not matched here stays behind, keys of other vendors included.
 */
export function ownSettings(
  environment: Readonly<Record<string, string | undefined>>,
  wanted: readonly RegExp[],
): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && wanted.some((pattern) => pattern.test(name))) settings[name] = value;
  }
  return settings;
}

/**
 * Variables the project names for its agents, `controlRoom.environment` of config.yaml: lists under `all`, a role or a
 * runtime. Only names are in the file; values come from the machine, and a name without a value is left out.
 */
export function namedVariables(
  lists: Readonly<Record<string, readonly string[]>>,
  agent: { readonly capability: string; readonly runtime: string },
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const named: Record<string, string> = {};
  for (const key of ['all', agent.capability, agent.runtime]) {
    for (const name of Object.hasOwn(lists, key) ? (lists[key] ?? []) : []) {
      const value = environment[name];
      if (value !== undefined) named[name] = value;
    }
  }
  return named;
}
