import { fail, ok } from '../../contract/result.ts';
import { findTree, freezeTree, signalAll, signalProcess } from './processSignals.ts';
import type { HostInfo, PtyHostHandlers } from './protocol.ts';
import { checkFolder, prepareRunFiles } from './runFiles.ts';
import { type Terminals, terminalMarkers } from './terminals.ts';
import { turnCommand } from './turnCommand.ts';

export interface HandlerOptions {
  readonly terminals: Terminals;
  readonly hostKey: string;
  info(): HostInfo;
  /** Ends the process soon, after the answer has left. */
  shutDown(): void;
}

/** The pty host's procedures (main/pty-host/protocol.ts says what each does). */
export function createHandlers(options: HandlerOptions): PtyHostHandlers {
  const { terminals, hostKey } = options;

  const environmentOf = (
    env: Readonly<Record<string, string>>,
    id: string,
    tag: string | null,
  ): Readonly<Record<string, string>> => {
    // A tag inherited from a turn that opened a shell would name the wrong run.
    const { OVERSTORY_TURN: _inherited, ...rest } = env;
    return { TERM: 'xterm-256color', ...rest, ...terminalMarkers(hostKey, id, tag) };
  };

  return {
    'terminals.open': (input) => terminals.open(input),

    'terminals.run': async (input) => {
      const terminal = terminals.get(input.id);
      if (!terminal.ok) return terminal;
      const command = turnCommand(input, process.platform);
      if (command === null) return fail('unavailable', 'turns cannot run on Windows yet; use Linux, macOS or WSL');
      const { cwd, tag, stderrFile, exitFile } = input;
      const env = environmentOf(input.env, input.id, tag);
      return terminal.value.start({ ...command, cwd, env, tag, stderrFile, exitFile }, () => prepareRunFiles(input));
    },

    'terminals.shell': async (input) => {
      const terminal = terminals.get(input.id);
      if (!terminal.ok) return terminal;
      const tag = input.tag ?? null;
      const env = environmentOf(input.env, input.id, tag);
      const fallback = process.platform === 'win32' ? (env.COMSPEC ?? 'cmd.exe') : '/bin/sh';
      const [file = fallback, ...args] = input.argv ?? loginShell(env.SHELL ?? fallback);
      return terminal.value.start(
        { file, args, cwd: input.cwd, env, tag, stderrFile: null, exitFile: null, interactive: true },
        () => checkFolder(input.cwd),
      );
    },

    'terminals.feed': (input) => {
      const terminal = terminals.get(input.id);
      if (!terminal.ok) return terminal;
      return ok(terminal.value.feed(input.source, input.offset, input.end, input.data));
    },

    'terminals.attach': (input, context) => {
      const terminal = terminals.get(input.id);
      if (!terminal.ok) return terminal;
      return terminal.value.attach(input, context.openStream, context.signal);
    },

    'terminals.screen': (input) => {
      const terminal = terminals.get(input.id);
      return terminal.ok ? terminal.value.screen() : terminal;
    },

    'recordings.configure': (input) => {
      terminals.recordings.configure(input);
      return ok({});
    },

    'recordings.flush': async (input) => {
      await terminals.flushRecordings(input.id);
      return ok({});
    },

    'terminals.write': (input) => {
      const terminal = terminals.get(input.id);
      return terminal.ok ? terminal.value.write(input.data) : terminal;
    },

    'terminals.resize': (input) => {
      const terminal = terminals.get(input.id);
      if (!terminal.ok) return terminal;
      terminal.value.resize(input.size);
      return ok({});
    },

    'terminals.signal': async (input) => {
      const terminal = terminals.get(input.id);
      if (!terminal.ok) return terminal;
      if (input.tree) {
        const tree = await findTree(terminals.treeOf(input.id, terminal.value));
        return ok({ signalled: await signalAll(tree, input.signal) });
      }
      const { leader, running } = terminal.value;
      const reached = running && leader !== null && signalProcess(leader, input.signal);
      return ok({ signalled: reached ? 1 : 0 });
    },

    'terminals.freeze': async (input, { signal }) => {
      const terminal = terminals.get(input.id);
      if (!terminal.ok) return terminal;
      const stopped = await freezeTree(terminals.treeOf(input.id, terminal.value), input.maxMs, signal);
      return stopped === 0 ? fail('invalidState', 'no process runs on this terminal') : ok({ stopped });
    },

    'terminals.terminate': (input) => terminals.terminate(input.id, input.graceMs, input.interruptMs ?? 0),

    'terminals.list': () => ok({ terminals: [...terminals.rows()] }),

    'terminals.close': (input) => terminals.close(input.id, input.force),

    'host.info': () => ok(options.info()),

    'host.shutdown': async (input) => {
      const { running } = terminals;
      if (running > 0 && !input.force) {
        return fail(
          'conflict',
          `${running} processes still run under the pty host; stop them first, or end it with force`,
        );
      }
      await terminals.terminateAll();
      options.shutDown();
      return ok({});
    },
  };
}

/** A shell as at login: `-l` is understood by every shell in use, where an argv[0] with a dash could not be passed on. */
function loginShell(shell: string): readonly string[] {
  return process.platform === 'win32' ? [shell] : [shell, '-l'];
}
