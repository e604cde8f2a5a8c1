import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchCommand, rankCommands } from './commandMatch.ts';

const THEME = ['Theme: system (change)', 'View', 'dark light system colours appearance'];
const SHELL = ['Shell in the project', 'Terminal', 'bash command line root'];

describe('matching commands', () => {
  it('finds a command by the beginning of any word of its title or keywords', () => {
    expect(matchCommand('theme', THEME)).toBeGreaterThan(0);
    expect(matchCommand('sys', THEME)).toBeGreaterThan(0);
    expect(matchCommand('dark', THEME)).toBeGreaterThan(0);
    expect(matchCommand('BS-4', ['builder-BS-4', 'builder', 'BS-4'])).toBeGreaterThan(0);
  });
  it('does not take scattered letters or the middle of a word for a match', () => {
    expect(matchCommand('theme', SHELL)).toBe(0);
    expect(matchCommand('heme', THEME)).toBe(0);
  });
  it('wants every word that was typed', () => {
    expect(matchCommand('shell root', SHELL)).toBeGreaterThan(0);
    expect(matchCommand('shell dark', SHELL)).toBe(0);
  });
  it('puts a title that begins with it before one that has it later, and both before keywords', () => {
    const begins = matchCommand('mail', ['Mail', 'Go to', '']);
    const later = matchCommand('mail', ['Write mail…', 'Mail', '']);
    const keyword = matchCommand('mail', ['Compose', 'Agent', 'mail']);
    expect(begins).toBeGreaterThan(later);
    expect(later).toBeGreaterThan(keyword);
  });
  it('shows everything while nothing is typed', () => {
    expect(matchCommand('  ', SHELL)).toBe(1);
  });
});

describe('ranking commands', () => {
  const group = (heading: string, ...titles: readonly string[]) => ({
    heading,
    commands: titles.map((title) => ({ keywords: [title, heading] })),
  });
  const GROUPS = [
    group('Go to', 'Fleet', 'Mail', 'Merge'),
    group('Agent', 'Open terminal', 'Show mail', 'Merge its branch', 'Retry'),
    group('Merge', 'Merge all', 'Cancel the merge'),
    group('Agents', 'mailer', 'retry-loop'),
  ];
  const ranked = (typed: string) =>
    rankCommands(typed, GROUPS).map(
      ({ heading, commands }) => `${heading}: ${commands.map((one) => one.keywords[0]).join(', ')}`,
    );

  it.each<[string, readonly string[]]>([
    ['', GROUPS.map(({ heading, commands }) => `${heading}: ${commands.map((one) => one.keywords[0]).join(', ')}`)],
    // Equal matches keep the order of the groups, and within a group that of its commands.
    ['merge', ['Go to: Merge', 'Agent: Merge its branch', 'Merge: Merge all, Cancel the merge']],
    ['mail', ['Go to: Mail', 'Agents: mailer', 'Agent: Show mail']],
    ['branch', ['Agent: Merge its branch']],
    ['cancel', ['Merge: Cancel the merge']],
    ['retry', ['Agent: Retry', 'Agents: retry-loop']],
    // A heading is a keyword of its commands.
    ['agent', ['Agent: Open terminal, Show mail, Merge its branch, Retry', 'Agents: mailer, retry-loop']],
    ['merge all', ['Merge: Merge all']],
    ['zzz', []],
  ])('%o', (typed, expected) => {
    expect(ranked(typed)).toEqual(expected);
  });

  it('begins with the best match of all, and loses none', () => {
    const word = fc.constantFrom('merge', 'mail', 'open', 'agent', 'retry', 'all');
    const command = fc.record({
      keywords: fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => [words.join(' ')]),
    });
    const groups = fc.array(fc.record({ heading: fc.string(), commands: fc.array(command, { maxLength: 5 }) }));
    fc.assert(
      fc.property(word, groups, (typed, all) => {
        const score = ({ keywords }: { readonly keywords: readonly string[] }) => matchCommand(typed, keywords);
        const given = all.flatMap(({ commands }) => commands);
        const found = rankCommands(typed, all).flatMap(({ commands }) => commands);
        expect(new Set(found)).toEqual(new Set(given.filter((one) => score(one) > 0)));
        const [first] = found;
        if (first !== undefined) expect(score(first)).toBe(Math.max(...given.map(score)));
      }),
    );
  });
});
