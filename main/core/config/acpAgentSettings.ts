import { type AcpAgent, CONVERSATION_PLACE } from '../runtimes/acp.ts';
import { isList, type SettingsReader } from './settingsReader.ts';
import { isMapping, type YamlValue } from './yamlText.ts';

const COMMAND = 'give the command, such as "my-agent --acp"';
const PLACE = `give the command that opens a conversation on a terminal, with ${CONVERSATION_PLACE} where its id belongs`;

/**
 * `controlRoom.acpAgents`: agents by name, each a command, or `headless` and `interactive` commands. A name is part of a
 * runtime's name and so has no blanks.
 */
export function readAcpAgents(reader: SettingsReader): Readonly<Record<string, AcpAgent>> {
  const agents: Record<string, AcpAgent> = {};
  for (const [name, value] of reader.entries('controlRoom.acpAgents') ?? []) {
    const key = `controlRoom.acpAgents.${name}`;
    if (!/^[A-Za-z0-9_-]{1,40}$/.test(name)) {
      reader.reject(key, value, 'a name has letters, digits, "-" and "_" only');
      continue;
    }
    if (!isMapping(value)) {
      const headless = wordsOf(value);
      if (headless === null) reader.reject(key, value, COMMAND);
      else agents[name] = { headless, interactive: null };
      continue;
    }
    const headless = wordsOf(value.headless);
    const interactive = value.interactive === undefined ? null : wordsOf(value.interactive);
    const known = interactive?.some((part) => part.includes(CONVERSATION_PLACE)) === true;
    const extra = Object.keys(value).find((field) => field !== 'headless' && field !== 'interactive');
    if (extra !== undefined)
      reader.reject(`${key}.${extra}`, value[extra], 'only "headless" and "interactive" are known here');
    else if (headless === null) reader.reject(`${key}.headless`, value.headless ?? '', COMMAND);
    else if (value.interactive !== undefined && !known) reader.reject(`${key}.interactive`, value.interactive, PLACE);
    else agents[name] = { headless, interactive };
  }
  return agents;
}

/** A command as one line of words or as a list; null when it is neither, or empty. */
function wordsOf(value: YamlValue | undefined): readonly string[] | null {
  const words =
    typeof value === 'string' ? value.split(/\s+/).filter((part) => part !== '') : isList(value) ? value : [];
  return words.length > 0 && words.every((word) => typeof word === 'string') ? words : null;
}
