/** Where each runtime keeps its conversations and settings: it does not start without writing there. */
const BELOW_HOME: Readonly<Record<string, readonly string[]>> = {
  aider: ['.aider'],
  amp: ['.config/amp', '.local/share/amp', '.cache/amp'],
  claude: ['.claude', '.claude.json'],
  codex: ['.codex'],
  copilot: ['.copilot'],
  cursor: ['.cursor', '.config/cursor'],
  gemini: ['.gemini'],
  goose: ['.config/goose', '.local/share/goose', '.local/state/goose'],
  opencode: ['.config/opencode', '.local/share/opencode', '.local/state/opencode'],
  pi: ['.pi'],
  sapling: ['.sapling'],
};

/** Variables that name such a folder instead. */
const BY_VARIABLE: Readonly<Record<string, string>> = { claude: 'CLAUDE_CONFIG_DIR', codex: 'CODEX_HOME' };

/** Places a runtime writes to on this machine, whether they exist or not. */
export function runtimePlaces(
  runtime: string,
  environment: Readonly<Record<string, string | undefined>>,
  overstoryDirectory: string,
): readonly string[] {
  if (runtime === 'rehearsal') return [`${overstoryDirectory}/rehearsal`];
  const name = runtime.replace(/^acp:/, '');
  const variable = Object.hasOwn(BY_VARIABLE, name) ? BY_VARIABLE[name] : undefined;
  const named = variable === undefined ? '' : (environment[variable] ?? '');
  if (named !== '') return [named];
  const home = environment.HOME ?? '';
  const places = Object.hasOwn(BELOW_HOME, name) ? (BELOW_HOME[name] ?? []) : [];
  return home === '' ? [] : places.map((place) => `${home}/${place}`);
}
