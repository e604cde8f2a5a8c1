import { describe, expect, it } from 'vitest';
import { readSettings } from './validate.ts';

const read = (acpAgents: unknown) => readSettings({ controlRoom: { acpAgents } } as never, '/p');

describe('agents of the Agent Client Protocol in the config', () => {
  it('are a command, or one for turns and one for a person', () => {
    const { config, problems } = read({
      line: 'my-agent --acp',
      list: ['my agent', '--acp'],
      both: { headless: 'a --acp', interactive: ['a', '--resume={conversation}'] },
      turns: { headless: ['b'] },
    });
    expect(problems).toEqual([]);
    expect(config.controlRoom.acpAgents).toEqual({
      line: { headless: ['my-agent', '--acp'], interactive: null },
      list: { headless: ['my agent', '--acp'], interactive: null },
      both: { headless: ['a', '--acp'], interactive: ['a', '--resume={conversation}'] },
      turns: { headless: ['b'], interactive: null },
    });
  });

  it.each([
    [{ 'my agent': 'x' }, 'controlRoom.acpAgents.my agent', 'letters'],
    [{ a: ' ' }, 'controlRoom.acpAgents.a', 'give the command'],
    [{ a: [1] }, 'controlRoom.acpAgents.a', 'give the command'],
    [{ a: { interactive: 'a {conversation}' } }, 'controlRoom.acpAgents.a.headless', 'give the command'],
    [{ a: { headless: 'a', interactive: 'a --continue' } }, 'controlRoom.acpAgents.a.interactive', '{conversation}'],
    [{ a: { headless: 'a', screen: 'x' } }, 'controlRoom.acpAgents.a.screen', 'headless'],
  ])('%j names its key and the remedy', (acpAgents, key, remedy) => {
    const text = JSON.stringify(read(acpAgents).problems);
    expect(text).toContain(key);
    expect(text).toContain(remedy);
  });
});
