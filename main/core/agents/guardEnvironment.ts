/** Beginnings of addresses of other machines; a push to a path of this one, as tests of projects do, goes on. */
const REMOTE = ['https://', 'http://', 'ssh://', 'git://', 'git+ssh://', 'git@', 'ftp://', 'ftps://'];

/** What git is told to push to instead; no address that leads anywhere. */
const NOWHERE = 'url.refused-for-agents:.pushInsteadOf';

/**
 * Variables that hold `git push` back where no guard sees it, in scripts and programs an agent starts: addresses of other
 * machines are replaced by one that leads nowhere. A second line only; who means to can get around it (docs/guards.md).
 */
export function guardEnvironment(): Readonly<Record<string, string>> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(REMOTE.length) };
  for (const [index, address] of REMOTE.entries()) {
    variables[`GIT_CONFIG_KEY_${index}`] = NOWHERE;
    variables[`GIT_CONFIG_VALUE_${index}`] = address;
  }
  return variables;
}
