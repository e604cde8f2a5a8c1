import { control, type Fault, retried, STALLED, scripted } from './fault.ts';

/** Words for texts that differ by more than a number, which does not count as different. */
const EACH = 'for word in alpha beta gamma delta epsilon zeta eta theta';

/** Nothing goes wrong with these: no watchdog may end one. Each is longer than the stale threshold. */
export const CONTROLS: readonly Fault[] = [
  control(
    'tool-grows',
    'a long tool whose child works without a word',
    `init; tool "cargo build"; sh -c 'i=0; while [ $i -lt 40 ]; do n=0; while [ $n -lt 4000 ]; do n=$((n+1)); done; sleep 0.2; i=$((i+1)); done'; toolEnd built; result`,
  ),
  control(
    'parent-waits',
    'a parent that waits in its turn for a live child',
    'init; say "I wait for my builder"; sleep 10; result',
    { capability: 'lead' },
  ),
  control(
    'child-works',
    'the child it waits for',
    `init; ${EACH} iota kappa lambda; do say "$word"; sleep 1.2; done; result`,
    { parent: 'parent-waits' },
  ),
  control(
    'slow-words',
    'slow, but it says something new now and then',
    `init; ${EACH}; do say "$word"; sleep 1.2; done; result`,
  ),
  control(
    'slow-terminal',
    'only its terminal shows life',
    'init; i=0; while [ $i -lt 10 ]; do echo $i >&2; sleep 1; i=$((i+1)); done; result',
  ),
  control(
    'slow-files',
    'only its files change',
    'init; i=0; while [ $i -lt 10 ]; do keep "file-$i.txt"; sleep 1; i=$((i+1)); done; result',
  ),
  control(
    'slow-commits',
    'only its commits show life',
    'init; i=0; while [ $i -lt 8 ]; do keep "c-$i.txt"; save "c $i"; sleep 1; i=$((i+1)); done; result',
  ),
  control(
    'slow-tools',
    'many short tools with different answers',
    `init; ${EACH}; do tool "npm test"; sleep 1; toolEnd "$word failed"; done; result`,
  ),
  control('long-retry', 'a long retry, announced', 'init; waits 1 9000 529 overloaded; sleep 9; result'),
  control(
    'rate-limit',
    'two rate limits in a row, announced',
    'init; waits 1 4500 429 rate_limit; sleep 4.5; waits 2 4500 429 rate_limit; sleep 4.5; result',
  ),
  control(
    'equal-work',
    'the same call again and again, with a new file each time',
    'init; i=0; while [ $i -lt 10 ]; do tool "npm test"; keep "n-$i.txt"; sleep 0.8; toolEnd failed; i=$((i+1)); done; result',
  ),
  control(
    'equal-burst',
    'many equal calls within a moment',
    'init; i=0; while [ $i -lt 12 ]; do tool "git status"; toolEnd clean; i=$((i+1)); done; result',
  ),
  control(
    'slow-mails',
    'only its mails show life',
    'init; for n in 1 2 3; do ov mail send --to operator --subject "part $n" --body "part $n is done" > /dev/null; sleep 1; done; result',
  ),
  control('late-exit', 'takes its time to end after its result', 'init; (result); sleep 2'),
];

/** A turn that goes on for eight seconds, whatever happens around it. */
const ACROSS = `init; first || result\n${EACH}; do say "$word"; sleep 1; done; keep end.txt; result`;

/** Rows for engines to which something happens once all agents are in a turn. */
export const ROOM_FAULTS: readonly Fault[] = (['clockAhead', 'clockBack', 'engineRestarts'] as const).flatMap(
  (room) => {
    const words = {
      clockAhead: 'the clock jumps two hours ahead',
      clockBack: 'the clock jumps two hours back',
      engineRestarts: 'the engine restarts',
    }[room];
    const short = { clockAhead: 'ahead', clockBack: 'back', engineRestarts: 'restart' }[room];
    return [
      control(`${short}-works`, `${words} around an agent that works`, ACROSS, { room }),
      control(
        `${short}-waits`,
        `${words} around an announced retry`,
        'init; first || result\nwaits 1 7000 529 overloaded; sleep 7; result',
        { room },
      ),
      scripted(
        `${short}-hangs`,
        `${words} around an agent that hangs`,
        STALLED,
        'init; keep h.txt; first && hang\nresult',
        { room },
      ),
      scripted(
        `${short}-retries`,
        `${words} around a retry that is waited for`,
        retried(/signal 9/),
        'init; keep k.txt; save k; first && kill -9 $$\nresult',
        { room },
      ),
    ];
  },
);

/** The process that owns all terminals dies, and every turn with it. */
export const HOST_FAULTS: readonly Fault[] = [
  scripted(
    'host-works',
    'the terminal host dies under a working agent',
    retried(/no exit record/),
    `init; first || result\nkeep w.txt; save w; ${EACH} i j k l m n o p; do say "$word"; sleep 1; done; result`,
    { room: 'hostDies' },
  ),
  scripted(
    'host-hangs',
    'the terminal host dies under an agent in mid-tool',
    retried(/no exit record|signal/),
    'init; first || result\nkeep t.txt; tool make; i=0; while [ $i -lt 60 ]; do echo $i >&2; sleep 0.5; i=$((i+1)); done; result',
    { room: 'hostDies' },
  ),
];
