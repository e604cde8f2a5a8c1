import type { ProcessSample } from './processTable.ts';

/** What two looks at one tree say. */
export interface TreeChange {
  /** The tree used the processor noticeably since the last look. */
  readonly busy: boolean;
  /** A process below the leader did, or is new. */
  readonly childBusy: boolean;
}

/** Share of one processor below which a process counts as idle: runtimes tick a little even when they hang. */
const IDLE_SHARE = 0.005;
/** Hundredths of a second in a millisecond. */
const TICKS_PER_MS = 0.1;

/** Compares a tree with its last look. Processes are told apart by pid and start time, since pids are given away again. */
export class ProcessWatch {
  #last = new Map<string, number>();
  #lastAt: number | null = null;
  #leader: string | null = null;

  /** True when the leader is another process than at the last look although its pid is the same. */
  isStranger(leader: ProcessSample): boolean {
    return this.#leader !== null && this.#leader !== name(leader) && this.#leader.startsWith(`${leader.pid} `);
  }

  /** @param at monotonic milliseconds. The first look finds nothing busy: there is nothing to compare with. */
  look(tree: readonly ProcessSample[], at: number): TreeChange {
    const [leader] = tree;
    const first = this.#lastAt === null || leader === undefined || this.#leader !== name(leader);
    const needed = Math.max(1, (at - (this.#lastAt ?? at)) * TICKS_PER_MS * IDLE_SHARE);
    let busy = false;
    let childBusy = false;
    for (const sample of tree) {
      const before = this.#last.get(name(sample));
      const grew = before === undefined || sample.ticks - before >= needed;
      if (!grew) continue;
      busy = true;
      if (sample !== leader) childBusy = true;
    }
    this.#last = new Map(tree.map((sample) => [name(sample), sample.ticks] as const));
    this.#lastAt = at;
    this.#leader = leader === undefined ? null : name(leader);
    return first ? { busy: false, childBusy: false } : { busy, childBusy };
  }
}

function name(sample: ProcessSample): string {
  return `${sample.pid} ${sample.startTime}`;
}
