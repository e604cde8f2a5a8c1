import { describe, expect, it } from 'vitest';
import { childEnvironment, terminalEnvironment } from './childEnvironment.ts';

const PARENT = {
  HOME: '/home/ada',
  PATH: '/usr/bin',
  LANG: 'de_DE.UTF-8',
  LC_ALL: 'C',
  XDG_RUNTIME_DIR: '/run/user/1',
  SSH_AUTH_SOCK: '/run/agent',
  https_proxy: 'http://proxy',
  HTTP_PROXY: 'http://proxy',
  TERM: 'dumb',
  NODE_OPTIONS: '--inspect',
  ELECTRON_RUN_AS_NODE: '1',
  ELECTRON_NO_ASAR: '1',
  npm_config_registry: 'x',
  npm_lifecycle_event: 'start',
  ANTHROPIC_API_KEY: 'secret',
  GITHUB_TOKEN: 'secret',
  XDG_SECRET_TOKEN: 'secret',
  LC_API_KEY: 'secret',
  AWS_SECRET_ACCESS_KEY: 'secret',
  OVERSTORY_TERMINAL: 'agent:other',
  OVERSTORY_NODE: '/usr/bin/node',
  CLAUDECODE: '1',
  UNSET: undefined,
};

describe('childEnvironment', () => {
  it('hands down only what is on the list', () => {
    expect(Object.keys(childEnvironment(PARENT)).sort()).toEqual([
      'HOME',
      'HTTP_PROXY',
      'LANG',
      'LC_ALL',
      'PATH',
      'SSH_AUTH_SOCK',
      'XDG_RUNTIME_DIR',
      'https_proxy',
    ]);
  });

  it('adds what was chosen for this child, secrets included, and removes what was set to undefined', () => {
    const environment = childEnvironment(PARENT, { ANTHROPIC_API_KEY: 'given', LANG: undefined, EMPTY: '' });
    expect(environment).toMatchObject({ ANTHROPIC_API_KEY: 'given', EMPTY: '', PATH: '/usr/bin' });
    expect(environment).not.toHaveProperty('LANG');
  });
});

describe('terminalEnvironment', () => {
  it('says which terminal it is, whatever the parent ran in', () => {
    expect(terminalEnvironment(PARENT)).toMatchObject({ TERM: 'xterm-256color', COLORTERM: 'truecolor' });
    expect(terminalEnvironment(PARENT, { TERM: 'vt100' }).TERM).toBe('vt100');
  });
});
