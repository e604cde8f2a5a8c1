import { describe, expect, it } from 'vitest';
import { matchCommand } from './commandMatch.ts';

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
