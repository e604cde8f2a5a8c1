import { ok, type Result } from '../../../contract/result.ts';
import { ensurePtyHost } from '../../pty-host/client.ts';
import { childrenOf, type ProcessSample, readProcesses, treeOf } from '../watchdog/probes/processTable.ts';

/** Milliseconds an agent stays stopped at most: longer than any drill lasts. */
const MOST_MS = 600_000;

/** What is seen of an agent that was frozen. */
export interface FrozenView {
  /** Process of the turn; null before its terminal was seen. */
  readonly pid: number | null;
  /** Processes of that turn that are stopped now. */
  readonly stopped: number;
  /** Processes of that turn that live, stopped or not. */
  readonly alive: number;
  /** Bytes of output of its terminal, and whether they were the same at the look before, while all of it was stopped. */
  readonly bytes: number;
  readonly still: boolean;
  /** Why it could not be frozen, in one line. */
  readonly problem: string | null;
}

/** An agent's processes, stopped in the middle of a turn. */
export interface Freeze {
  look(): Promise<FrozenView>;
  /** Lets all of them go on. The end of this process does the same: the pty host watches the connection. */
  end(): void;
}

/** Stops everything that runs on an agent's terminal through the pty host (SIGSTOP): alive, and silent. */
export async function freezeAgent(projectRoot: string, agentName: string): Promise<Result<Freeze>> {
  const connected = await ensurePtyHost({ projectRoot });
  if (!connected.ok) return connected;
  const { client } = connected.value;
  const id = `agent:${agentName}`;
  const abort = new AbortController();
  let problem: string | null = null;
  void client
    .call('terminals.freeze', { id, maxMs: MOST_MS }, { signal: abort.signal, timeoutMs: 2 * MOST_MS })
    .then((frozen) => {
      if (!frozen.ok && !abort.signal.aborted) problem = frozen.error.message;
    });

  /** Process of the turn that was frozen, and all that were seen stopped below it: the next turn has others. */
  let leader: number | null = null;
  const held = new Map<number, ProcessSample>();
  let before = -1;
  return ok({
    async look() {
      const [listed, table] = await Promise.all([client.call('terminals.list', {}), readProcesses()]);
      const row = listed.ok ? listed.value.terminals.find((terminal) => terminal.id === id) : undefined;
      leader ??= row?.pid ?? null;
      if (table !== null && leader !== null && held.size === 0) {
        const tree = treeOf(leader, table, childrenOf(table));
        if (tree.length > 0 && tree.every(({ stopped }) => stopped === true))
          for (const sample of tree) held.set(sample.pid, sample);
      }
      const living = [...held.values()].flatMap(({ pid, startTime }) => {
        const now = table?.get(pid);
        return now?.startTime === startTime ? [now] : [];
      });
      const stopped = living.filter((sample) => sample.stopped === true).length;
      const bytes = row?.bytes ?? 0;
      const still = stopped > 0 && bytes === before;
      before = stopped > 0 ? bytes : -1;
      return { pid: leader, stopped, alive: living.length, bytes, still, problem };
    },
    end() {
      abort.abort();
      client.close();
    },
  });
}
