import type { AgentView } from '../../../contract/agents.ts';
import type { AttentionItem } from '../../../contract/attention.ts';
import type { DrillKind } from '../../../contract/drills.ts';
import type { AgentEvidence, RuleMode, WatchdogAction, WatchdogRule } from '../../../contract/evidence.ts';
import type { MailMessage } from '../../../contract/mail.ts';
import type { SnapshotView } from '../../../contract/vault.ts';
import type { FrozenView } from './freeze.ts';

/** The sandbox as it is seen at one moment. */
export interface Seen {
  readonly agent: AgentView | null;
  readonly evidence: AgentEvidence | null;
  readonly attention: readonly AttentionItem[];
  /** Mail from and to the agent, oldest first. */
  readonly mail: readonly MailMessage[];
  /** What the watchdog did about it, oldest first. */
  readonly actions: readonly WatchdogAction[];
  readonly snapshots: readonly SnapshotView[];
  /** Lines of the file the agent works on, as committed on its branch; null before its first commit. */
  readonly committed: string | null;
  /** What is seen of its processes since they were stopped; null before. */
  readonly frozen: FrozenView | null;
}

/** What a person, or somebody who plays one, does in the sandbox before a step is looked for. */
export type Act = 'sendMail' | 'retry' | 'resend' | 'stop' | 'freeze';

/** One thing the recovery has to do. Pure data but for `look`, which judges what is seen. */
export interface PlannedStep {
  readonly expected: string;
  readonly act?: Act;
  /** Seconds it may take. */
  readonly within: number;
  /** The fault begins when this step is seen. */
  readonly isFault?: true;
  /** What was seen of it, in one line; null: not yet. */
  look(seen: Seen): string | null;
  /** Why it will never be seen, in one line; null: it may. */
  blocked?(modes: Modes): string | null;
}

export type Modes = Readonly<Record<WatchdogRule, RuleMode>>;

/** A drill: the agent's script, how fast the sandbox's watchdog is, and what has to be seen in which order. */
export interface DrillPlan {
  /** Title for a person. */
  readonly title: string;
  /** The script of docs/rehearsal.md. */
  readonly script: string;
  /** Milliseconds of silence that count as a stall in the sandbox. */
  readonly staleMs: number;
  readonly steps: readonly PlannedStep[];
}

/** The file the agent works on. */
export const WORK_FILE = 'work.txt';
/** Milliseconds that no healthy turn is silent for, however busy the machine is. */
const CALM_MS = 120_000;
/** Seconds a step may take on a machine that has other things to do. */
const SOON = 60;

const begins: PlannedStep = {
  expected: 'the agent takes its task and begins a turn',
  within: SOON,
  look: ({ agent }) => (agent !== null && agent.turnCount > 0 ? `turn 1 began` : null),
};
const reports: PlannedStep = {
  expected: 'the agent finishes its task and reports',
  within: SOON,
  look: ({ agent, mail }) => {
    const report = mail.findLast((one) => one.type === 'worker_done' && one.from === agent?.name);
    return agent?.status === 'done' && report !== undefined ? `it is done: ${report.subject}` : null;
  },
};
const goesOn = (expected: string, act?: Act): PlannedStep => ({
  expected,
  within: SOON,
  ...(act === undefined ? {} : { act }),
  look: ({ agent }) => (agent !== null && agent.turnCount > 1 ? `turn ${agent.turnCount} began` : null),
});

function asked(seen: Seen, ...kinds: readonly AttentionItem['kind'][]): string | null {
  const item = seen.attention.find(({ kind }) => kinds.includes(kind));
  return item === undefined ? null : `in the attention queue: ${item.title}`;
}

/** A live action of a rule; what a rule in shadow only recorded does not count. */
function acted(seen: Seen, rule: WatchdogRule): string | null {
  const action = seen.actions.find((one) => one.rule === rule && one.mode === 'live');
  return action === undefined ? null : `${action.action}: ${action.reason}`;
}

function notLive(rule: WatchdogRule): (modes: Modes) => string | null {
  return (modes) => {
    const mode = modes[rule];
    if (mode === 'live') return null;
    return `rule ${rule} is ${mode === 'off' ? 'off' : 'in shadow'} in this project: "ov watchdog live ${rule}" lets it act`;
  };
}

/** Mail the drill sent to the agent. */
function letter({ mail }: Seen): MailMessage | undefined {
  return mail.find((one) => one.type === 'question');
}

const WRITES = `  - say: I begin to work.
  - write: { path: ${WORK_FILE}, content: "before the fault" }`;
/** Words of a turn that talks: two of them are a line no other line of it is, which numbers would not be. */
const WORDS =
  'amber birch cedar dune ember fjord grove heath iris jade kelp larch moss north oak pine quartz reed sand thyme'.split(
    ' ',
  );
const TALK = 'Still at work';
/** About a minute of steady talk, and only in the first turn: the next one goes on behind it. */
const TALKS = WORDS.flatMap((one) => WORDS.map((other) => `${TALK}: ${one} ${other}.`))
  .map((line) => `  - when: { value: "{{turn}}", equals: "1", do: [{ say: "${line}" }, { sleep: 150 }] }`)
  .join('\n');
const FINISHES = `  - commit: The work of a drill
  - taskDone: Done after all.`;

/** The plan of each kind. */
export const DRILL_PLANS: Readonly<Record<DrillKind, DrillPlan>> = {
  crash: {
    title: 'A turn crashes',
    staleMs: CALM_MS,
    script: `start:\n${WRITES}\n  - sleep: 300\n  - crash: { signal: SIGKILL }\n${FINISHES}`,
    steps: [
      begins,
      {
        expected: 'its process is killed in the middle of the turn, and the engine says so',
        within: SOON,
        isFault: true,
        look: ({ agent }) =>
          agent === null
            ? null
            : agent.retry !== null
              ? `the turn ended badly: ${agent.retry.reason}`
              : agent.turnCount > 1
                ? 'the turn ended badly'
                : null,
      },
      goesOn('the turn is tried again by itself, on the same conversation'),
      {
        expected: 'what it had written before the crash is not lost',
        within: SOON,
        look: ({ committed }) =>
          committed?.includes('before the fault') === true ? `${WORK_FILE} is committed as it was` : null,
      },
      reports,
    ],
  },
  quota: {
    title: 'The quota is used up',
    staleMs: CALM_MS,
    script: `start:\n${WRITES}\n  - fail: { message: "You have hit your usage limit.", status: 429 }\n${FINISHES}`,
    steps: [
      begins,
      {
        expected: 'the refusal is recognised as a used-up quota, not as a crash',
        within: SOON,
        isFault: true,
        look: ({ agent }) => (agent?.hold?.kind === 'quotaExhausted' ? agent.hold.reason : null),
      },
      {
        expected: 'nothing is tried again against the closed door',
        within: SOON,
        look: ({ agent }) => (agent?.turnCount === 1 && agent.retry === null ? 'one turn, and no retry waits' : null),
      },
      { expected: 'the operator is called', within: SOON, look: (seen) => asked(seen, 'quota') },
      goesOn('once a person lets it try again, it goes on with its conversation', 'retry'),
      reports,
    ],
  },
  lostMail: {
    title: 'A mail cannot be delivered',
    staleMs: CALM_MS,
    script: `start:\n  - say: I wait for mail.\non:\n  question:\n    - crash: { code: 1 }\n    - crash: { code: 1 }\n    - reply: It has arrived.`,
    steps: [
      {
        expected: 'the agent ends its first turn and waits for mail',
        within: SOON,
        look: ({ agent }) => (agent?.status === 'resting' && agent.turnCount === 1 ? agent.activity : null),
      },
      {
        expected: 'a question wakes it, and the turn that carries it ends badly',
        act: 'sendMail',
        within: SOON,
        isFault: true,
        look: (seen) => {
          const attempts = letter(seen)?.delivery?.attempts ?? 0;
          return attempts >= 1 && (seen.agent?.turnCount ?? 0) >= 2 ? `attempt ${attempts} to carry it` : null;
        },
      },
      {
        expected: 'when no attempt is left, it becomes a dead letter and not nothing',
        within: SOON,
        look: (seen) => {
          const delivery = letter(seen)?.delivery;
          return delivery?.state === 'dead' ? `a dead letter after ${delivery.attempts} attempts` : null;
        },
      },
      { expected: 'the operator is called', within: SOON, look: (seen) => asked(seen, 'deadLetter', 'dead') },
      {
        expected: 'sent again, it arrives, and its reader answers',
        act: 'resend',
        within: SOON,
        look: (seen) => {
          const answer = seen.mail.find((one) => one.from === seen.agent?.name && one.body.includes('It has arrived'));
          return answer === undefined ? null : `${answer.from} answered: ${answer.body.trim()}`;
        },
      },
    ],
  },
  hang: {
    title: 'A terminal freezes',
    staleMs: 8_000,
    script: `start:\n${WRITES}\n${TALKS}\n${FINISHES}`,
    steps: [
      begins,
      {
        expected: 'it is in the middle of its work: a file is written, and it talks on',
        within: SOON,
        look: ({ agent }) => (agent?.activity.startsWith(TALK) === true ? agent.activity : null),
      },
      {
        expected: 'its processes are stopped: they live, and nothing comes from them any more',
        act: 'freeze',
        within: SOON,
        isFault: true,
        look: ({ frozen }) =>
          frozen?.still === true && frozen.stopped === frozen.alive
            ? `pid ${frozen.pid}${frozen.alive > 1 ? ` and ${frozen.alive - 1} below it` : ''} stopped, its output stands at ${frozen.bytes} bytes`
            : null,
      },
      {
        expected: 'the watchdog sees a process that lives and is stopped, and calls the agent stalled',
        within: SOON,
        look(seen) {
          const found = acted(seen, 'stalled');
          const { detail } = seen.evidence?.signals.process ?? { detail: '' };
          return found !== null && detail.includes('stopped by a signal') ? `${found}; process: ${detail}` : null;
        },
        blocked: notLive('stalled'),
      },
      {
        expected: 'it is asked first: one nudge',
        within: SOON,
        look: (seen) => acted(seen, 'nudge'),
        blocked: notLive('nudge'),
      },
      {
        expected: 'its work is kept in the vault, then the silent turn is ended',
        within: SOON,
        look: (seen) => {
          const ended = acted(seen, 'endTurn');
          const [kept] = seen.snapshots;
          return ended === null || kept === undefined ? null : `snapshot ${kept.id}; ${ended}`;
        },
        blocked: notLive('endTurn'),
      },
      goesOn('the turn is tried again by itself, on the same conversation'),
      {
        expected: 'nothing of the frozen turn is left, stopped or not',
        within: SOON,
        look: ({ frozen }) => (frozen?.alive === 0 ? 'all of its processes have ended' : null),
      },
      reports,
    ],
  },
  loop: {
    title: 'An agent repeats itself',
    staleMs: CALM_MS,
    script: `start:\n${WRITES}\n${'  - run: { command: "echo 1 failed; exit 1", expect: fail }\n  - sleep: 500\n'.repeat(120)}${FINISHES}`,
    steps: [
      begins,
      {
        expected: 'the repetition is found, though the agent looks busy',
        within: SOON,
        isFault: true,
        look: (seen) => acted(seen, 'looping'),
        blocked: notLive('looping'),
      },
      { expected: 'the operator is called', within: SOON, look: (seen) => asked(seen, 'looping') },
      {
        expected: 'a person stops it, and its work is kept in the vault',
        act: 'stop',
        within: SOON,
        look: ({ agent, snapshots }) => {
          const kept = snapshots.find((one) => one.reason === 'kill');
          return agent?.turn === null && kept !== undefined ? `stopped; snapshot ${kept.id}` : null;
        },
      },
    ],
  },
};
