import {
  type AgentEvidence,
  type RuleMode,
  type TriageMeter,
  WATCHDOG_RULES,
  type WatchdogAction,
  type WatchdogRule,
  type WatchdogRuleView,
} from '../../../contract/evidence.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { WatchdogPolicy } from '../../../contract/watchdogPolicy.ts';
import { timestamp } from '../../platform/clock.ts';
import { terminalMailTypes } from '../turns/turnOutcome.ts';
import { createActing } from './acting.ts';
import { createAwakeClock } from './awakeClock.ts';
import { EventWatch } from './eventWatch.ts';
import { kindOf, type Moment } from './gather.ts';
import { climb } from './ladder.ts';
import { createLooker, type Seen } from './looker.ts';
import { recentActions, ruleViews } from './policyViews.ts';
import { readProcesses } from './probes/processTable.ts';
import { questionInProse } from './proseQuestion.ts';
import { createRefresher } from './refresher.ts';
import { resolveModes } from './rules.ts';
import { createRunWatch } from './runWatch.ts';
import { createTriageRunner } from './triageRunner.ts';
import { chooseState } from './verdict.ts';
import type { WatchdogOptions } from './watchdogOptions.ts';

/** Name of the setting with the operator's switches, rule by rule. */
const SWITCHES = 'watchdog.rules';
/** Actions shown with an agent's evidence. */
const ACTIONS_SHOWN = 10;
/** Triages started in one tick (spec 01 §4.5). */
const TRIAGES_A_TICK = 3;

export interface Watchdog {
  readonly status: () => { readonly lastTickAt: string | null; readonly agents: number; readonly verdicts: number };
  start(): void;
  /** Resolves when no look is under way any more: the stores may be closed then. */
  stop(): Promise<void>;
  /** One whole look, with what follows from it. Ticks never overlap (D-08): a call during one waits for the same. */
  tick(): Promise<void>;
  /** Mail came into the stores. */
  sawMail(ids: readonly string[]): void;
  /** Another process wrote mail or events. */
  sawForeignCommit(): void;
  /** A turn has started: what is shown as evidence is of before it. */
  turnStarted(): void;
  /** A turn has ended and is settled. */
  turnEnded(agentName: string): void;
  /** Evidence of one agent and what was done about it; looks, writes nothing. */
  why(agentName: string): Result<{ evidence: AgentEvidence; actions: WatchdogAction[] }>;
  /** Rules with their modes, what asking models has cost, and the newest actions. */
  rules(): { rules: WatchdogRuleView[]; triage: TriageMeter; recent: WatchdogAction[] };
  setRule(rule: WatchdogRule, mode: RuleMode): void;
  /** Mode of every rule as it holds now, and as config.yaml says it. */
  policy(): WatchdogPolicy['rules'];
  /** Mode of every rule as it holds now. */
  modes(): Readonly<Record<WatchdogRule, RuleMode>>;
  /** Answers a question that was asked in prose: closes it. @returns the agent that asked. */
  closeQuestion(id: string): string | null;
}

/**
 * The watchdog (spec 01 §4, product.md B1): looks at five signals of every agent, judges them by a pure function, and acts
 * by rules the operator can switch to shadow. Looking and acting are apart: views never change anything (D-06).
 */
export function createWatchdog(given: WatchdogOptions): Watchdog {
  let closed = false;
  const options: WatchdogOptions = {
    ...given,
    // What still runs beside the ticks when the engine closes has nobody left to tell.
    log(level, message, facts) {
      if (!closed) given.log(level, message, facts);
    },
  };
  const { stores, log, clock } = options;
  const monotonic = options.monotonic ?? (() => performance.now());
  const awake = createAwakeClock(monotonic(), () => 3 * options.config().controlRoom.watchdog.refreshMs + 5_000);
  const events = new EventWatch(stores.events);
  const triage = createTriageRunner({
    overstoryDirectory: options.overstoryDirectory,
    control: stores.control,
    ask: options.ask,
    log,
  });
  const switches = (): Readonly<Record<string, unknown>> =>
    (stores.control.getSetting(SWITCHES) as Readonly<Record<string, unknown>> | undefined) ?? {};
  let modes = resolveModes(options.config().controlRoom.watchdog, switches());
  const modeOf = (rule: WatchdogRule): RuleMode => modes[rule].mode;
  const looker = createLooker(options, events, modeOf, options.readProcesses ?? readProcesses);
  const acting = createActing(options, triage, modeOf);
  const runWatch = createRunWatch(options, () => modeOf('runComplete'));

  const published = new Map<string, string>();
  const reported = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let ticking: Promise<void> | null = null;
  let lastTickAt: string | null = null;
  let verdicts = 0;

  function moment(): Moment {
    const { now, skippedMs } = awake.look(monotonic());
    if (skippedMs > 60_000)
      log('info', 'the machine slept, or the engine was stopped: that time is not counted as silence', {
        skippedMs: Math.round(skippedMs),
      });
    return { wall: clock.now(), awake: now };
  }

  function publish(seen: readonly Seen[]): void {
    const put: AgentEvidence[] = [];
    const names = new Set<string>();
    for (const { evidence, memory } of seen) {
      names.add(evidence.agentName);
      memory.evidence = evidence;
      const text = JSON.stringify(evidence);
      if (published.get(evidence.agentName) === text) continue;
      published.set(evidence.agentName, text);
      put.push(evidence);
    }
    const remove = [...published.keys()].filter((name) => !names.has(name));
    for (const name of remove) published.delete(name);
    if (put.length > 0 || remove.length > 0) options.publish(put, remove);
  }

  /** Looks again at what costs nothing, for faces; acts on nothing. */
  async function refresh(): Promise<void> {
    if (ticking !== null || closed) return;
    const now = moment();
    await events.read(now.awake);
    publish(looker.look(now));
  }

  const refresher = createRefresher(refresh, (error) =>
    log('error', 'evidence could not be read', { error: describe(error) }),
  );

  async function wholeTick(): Promise<void> {
    const now = moment();
    modes = resolveModes(options.config().controlRoom.watchdog, switches());
    await looker.probe(now, monotonic());
    const seen = looker.look(now);
    let settle = hasUnfollowedTurns();
    let triages = TRIAGES_A_TICK;
    const changed = seen.some(({ memory, verdict }) => memory.trouble !== null || verdict.action !== 'none');
    for (const one of seen) {
      lateReport(one);
      if (one.verdict.action === 'settle') settle = true;
      else if (
        one.verdict.action === 'escalate' ||
        (one.verdict.action === 'terminate' && one.facts.signals.process.alive !== false)
      )
        triages -= escalate(one, now, triages > 0);
      else if (one.verdict.action === 'terminate' || one.verdict.action === 'complete') acting.gone(one);
      else recover(one);
    }
    // What was decided belongs into what is shown: levels and states are read once more.
    publish(changed ? looker.look(now) : seen);
    if (settle) await options.engine.reconcile();
    await runWatch.look(now.awake);
    lastTickAt = timestamp(clock.now());
    options.onTick();
  }

  /** A turn that runs by the store and that this engine does not follow, or one whose end nobody was told of. */
  function hasUnfollowedTurns(): boolean {
    for (const { turn } of options.engine.activeTurns()) {
      const terminal = options.terminal(turn.agentName);
      if (terminal !== null && terminal.tag === turn.turnId && !terminal.running) return true;
    }
    if (stores.turns.running().some((turn) => !options.engine.isBusy(turn.agentName))) return true;
    // Mail of a turn that was never written down.
    return stores.mail.injectedTurnIds().some((turnId) => stores.turns.get(turnId)?.state !== 'running');
  }

  /** @returns 1 when a triage was started. */
  function escalate(one: Seen, now: Moment, mayTriage: boolean): number {
    const { session, memory, verdict, evidence } = one;
    // A look that began during an action saw what was before it, such as the process of a turn that has ended since.
    if (memory.acting || memory.actedDuringLook) return 0;
    const kind = verdict.kind === 'looping' ? 'looping' : 'stalled';
    if (memory.trouble !== kind) {
      memory.trouble = kind;
      memory.troubleAwake = now.awake;
      memory.troubleWall = now.wall;
      memory.level = 0;
      memory.triaged = null;
      verdicts += 1;
      enter(one, now);
      return 0;
    }
    const { nudgeIntervalMs, maxEscalationLevel } = options.config().watchdog;
    const mayEnd = kind === 'looping' || verdict.mayEnd;
    let { level, step } = climb(
      { level: memory.level, stalledMs: now.awake - memory.troubleAwake },
      { nudgeIntervalMs, highest: maxEscalationLevel },
      mayEnd,
    );
    // Silent beyond Z (rule b): the ladder is not waited for, but nobody is ended who was not nudged.
    if (step === null && verdict.action === 'terminate' && level < 3 && maxEscalationLevel >= 3) {
      step = level === 0 ? 'nudge' : 'end';
      level = level === 0 ? 1 : 3;
    }
    if (step === 'end') memory.endedAwake = now.awake;
    // An end that did not work is tried again after a while; in shadow mode it is recorded once.
    const endRule = kind === 'looping' ? 'endLoop' : 'endTurn';
    if (
      step === null &&
      level === 3 &&
      mayEnd &&
      modeOf(endRule) === 'live' &&
      now.awake - memory.endedAwake >= nudgeIntervalMs
    ) {
      step = 'end';
      memory.endedAwake = now.awake;
    }
    if (level !== memory.level) {
      memory.level = level;
      if (modeOf('stalled') === 'live' && kind === 'stalled')
        stores.sessions.updateEscalation(session.agentName, level, timestamp(memory.troubleWall));
    }
    const running = options.engine.activeTurn(session.agentName) !== null || kindOf(session) !== 'turns';
    switch (step) {
      case 'nudge':
        if (running)
          acting.nudge(
            { session, memory, verdict, evidence },
            `[WATCHDOG] ${verdict.reason}. Say in a mail to your parent how far you are; if you are stuck, ask.`,
          );
        else wakeUp(one);
        return 0;
      case 'end':
        if (running) acting.endTurn({ session, memory, verdict, evidence }, endRule);
        return 0;
      default:
        // Level 2 asks as often as the evidence changes, and is bounded a tick.
        if (memory.level === 2 && running && kind === 'stalled' && mayTriage) {
          const before = memory.triaged;
          acting.triage({ session, memory, verdict, evidence });
          return before === memory.triaged ? 0 : 1;
        }
        return 0;
    }
  }

  /** Level 0: it is marked, and a person is told of a loop. */
  function enter(one: Seen, now: Moment): void {
    const { session, verdict, evidence } = one;
    const { agentName } = session;
    if (verdict.kind === 'looping') {
      const entry = acting.begin(
        { session, evidence },
        { rule: 'looping', action: 'called the operator', reason: verdict.reason, level: 0 },
      );
      if (!entry.live) return;
      const turnId = options.engine.activeTurn(agentName)?.turn.turnId ?? session.id;
      stores.watchdog.addFinding({
        id: `loop:${turnId}:${timestamp(now.wall)}`,
        kind: 'loop',
        agentName,
        turnId,
        title: `${agentName} repeats itself`,
        detail: verdict.reason,
        at: timestamp(now.wall),
      });
      options.onFindings();
      options.changes.agent(agentName);
      entry.done('shown in the attention queue');
      return;
    }
    const entry = acting.begin(
      { session, evidence },
      { rule: 'stalled', action: 'marked stalled', reason: verdict.reason, level: 0 },
    );
    if (!entry.live) return;
    const state = chooseState(session.state, { state: 'stalled', action: 'escalate' });
    const moved = stores.sessions.tryTransitionState(agentName, state);
    if (moved.ok) stores.sessions.updateEscalation(agentName, 0, timestamp(now.wall));
    entry.done(moved.ok ? 'marked; fresh evidence takes it back' : `kept as ${moved.reason}`);
    options.changes.agent(agentName);
  }

  /** Due mail without a turn: nothing hangs, somebody only has to look. */
  function wakeUp(one: Seen): void {
    const entry = acting.begin(one, {
      rule: 'waitingMail',
      action: 'woke the dispatcher',
      reason: one.verdict.reason,
      level: 1,
    });
    if (!entry.live) return;
    stores.mail.hasten(one.session.agentName);
    options.wake();
    entry.done('done');
  }

  /** Fresh evidence takes back what silence had led to (D-17). */
  function recover(one: Seen): void {
    const { session, memory, verdict } = one;
    const { agentName } = session;
    if (memory.trouble === 'looping') {
      for (const finding of stores.watchdog.openFindings())
        if (finding.agentName === agentName && finding.kind === 'loop') stores.watchdog.closeFinding(finding.id);
      options.onFindings();
      options.changes.agent(agentName);
    }
    memory.trouble = null;
    memory.level = 0;
    const over = session.state === 'completed' || session.state === 'zombie';
    if (over || (session.stalledSince === null && session.state !== 'stalled')) return;
    if (modeOf('stalled') !== 'live' || verdict.kind === 'unknown') return;
    stores.sessions.updateEscalation(agentName, 0, null);
    const state = chooseState(session.state, verdict);
    if (state === session.state) return;
    const moved = stores.sessions.tryTransitionState(agentName, state);
    if (!moved.ok) return;
    acting.begin(one, { rule: 'stalled', action: `took it back: ${state}`, reason: verdict.reason, outcome: 'done' });
    options.changes.agent(agentName);
  }

  /** An agent called dead that has sent its terminal mail after all did its work: that is what counts. */
  function lateReport(one: Seen): void {
    const { session } = one;
    if (session.state !== 'zombie' || reported.has(session.id)) return;
    reported.add(session.id);
    const [mail] = terminalMailTypes(session.capability)
      .flatMap((type) => stores.mail.getAll({ from: session.agentName, type: type as 'worker_done', limit: 1 }))
      .filter((message) => message.createdAt >= session.startedAt);
    if (mail === undefined) return;
    const entry = acting.begin(one, {
      rule: 'lateReport',
      action: 'accepted its late report',
      reason: `${session.agentName} was called dead, and reported: ${mail.subject}`,
    });
    if (!entry.live) return;
    const moved = stores.sessions.tryTransitionState(session.agentName, 'completed');
    if (moved.ok) stores.control.setAgentReason(session.agentName, 'reported its result after it was called dead');
    entry.done(moved.ok ? 'completed' : moved.reason);
    options.changes.agent(session.agentName);
    options.onFindings();
  }

  /** Looks for a question in prose at the end of a turn that ended cleanly without a word to anybody. */
  function askedInProse(agentName: string): void {
    const turn = stores.turns.latestForAgent(agentName);
    const session = stores.sessions.getByName(agentName);
    if (turn === null || session === null || turn.state !== 'ended') return;
    const rows = stores.events.tail({ agentName, limit: 60 }).filter((row) => row.createdAt >= turn.startedAt);
    const question = questionInProse({
      lastText: lastWords(rows),
      told: stores.mail.getAll({ from: agentName, limit: 5 }).some((message) => message.createdAt >= turn.startedAt),
      liveChildren: stores.sessions.getActive().filter((child) => child.parentAgent === agentName).length,
      outcome: turn.outcome,
    });
    if (question === null) return;
    const seen = looker.look(moment()).find((one) => one.session.agentName === agentName);
    if (seen === undefined) return;
    const entry = acting.begin(seen, { rule: 'question', action: 'called the operator', reason: question });
    if (!entry.live) return;
    stores.watchdog.addFinding({
      id: `question:${turn.turnId}`,
      kind: 'question',
      agentName,
      turnId: turn.turnId,
      title: question.length > 200 ? `${question.slice(0, 199)}…` : question,
      detail: lastWords(rows) ?? question,
      at: turn.endedAt ?? timestamp(clock.now()),
    });
    options.onFindings();
    entry.done('shown in the attention queue');
  }

  /** Those of the last day, and the newest few when that day was quiet. */
  const watchdog: Watchdog = {
    status: () => ({ lastTickAt, agents: stores.sessions.getActive().length, verdicts }),
    start() {
      const { watchdog: settings, controlRoom } = options.config();
      if (!settings.tier0Enabled) return;
      void watchdog.tick();
      timer = setInterval(() => void watchdog.tick(), settings.tier0IntervalMs);
      timer.unref();
      refresher.start(controlRoom.watchdog.refreshMs);
    },
    async stop() {
      closed = true;
      if (timer !== null) clearInterval(timer);
      timer = null;
      await Promise.all([ticking, refresher.stop()]);
    },
    tick() {
      if (closed) return Promise.resolve();
      ticking ??= wholeTick()
        .catch((error: unknown) => log('error', 'watchdog tick failed', { error: describe(error) }))
        .finally(() => {
          ticking = null;
        });
      return ticking;
    },
    sawMail(ids) {
      for (const id of ids) {
        const message = stores.mail.getById(id);
        if (message === null || message.from === OPERATOR || message.from === 'watchdog') continue;
        looker.sawMail(message.from, { id: message.id, at: Date.parse(message.createdAt), to: message.to });
        const session = stores.sessions.getByName(message.from);
        if (session?.state === 'zombie') reported.delete(session.id);
      }
    },
    sawForeignCommit() {
      looker.forgetMail();
      reported.clear();
    },
    turnStarted: () => refresher.soon(),
    turnEnded(agentName) {
      refresher.soon();
      setImmediate(() => {
        if (closed) return;
        try {
          askedInProse(agentName);
        } catch (error) {
          log('error', 'end of a turn could not be looked at', { agent: agentName, error: describe(error) });
        }
      });
    },
    why(agentName) {
      const now = { wall: clock.now(), awake: awake.look(monotonic()).now };
      const seen = looker.look(now).find((one) => one.session.agentName === agentName);
      if (seen === undefined)
        return fail('notFound', `there is no agent ${agentName}: see "ov status --all" for the names`);
      return ok({ evidence: seen.evidence, actions: [...stores.watchdog.actionsOf(agentName, ACTIONS_SHOWN)] });
    },
    rules() {
      modes = resolveModes(options.config().controlRoom.watchdog, switches());
      return {
        rules: ruleViews(stores.watchdog, modes, clock.now()),
        triage: triage.meter(),
        recent: recentActions(stores.watchdog, clock.now()),
      };
    },
    policy() {
      modes = resolveModes(options.config().controlRoom.watchdog, switches());
      return WATCHDOG_RULES.map((rule) => ({ rule, ...modes[rule] }));
    },
    setRule(rule, mode) {
      stores.control.putSetting(SWITCHES, { ...switches(), [rule]: mode });
      modes = resolveModes(options.config().controlRoom.watchdog, switches());
      log('info', `watchdog rule ${rule} is ${mode} now`);
      options.onPolicy?.();
      publish(looker.look(moment()));
    },
    modes: () =>
      Object.fromEntries(WATCHDOG_RULES.map((rule) => [rule, modeOf(rule)])) as Record<WatchdogRule, RuleMode>,
    closeQuestion(id) {
      const finding = stores.watchdog.openFindings().find((one) => one.id === id);
      if (finding === undefined) return null;
      stores.watchdog.closeFinding(id);
      options.onFindings();
      return finding.agentName;
    },
  };
  return watchdog;
}

/** The last thing said in these rows: the result's text, else the last message. */
function lastWords(rows: readonly { readonly eventType: string; readonly data: string | null }[]): string | null {
  const row = rows.findLast((one) => one.eventType === 'result' || one.eventType === 'progress');
  if (row?.data == null) return null;
  try {
    const data = JSON.parse(row.data) as { readonly result?: unknown; readonly text?: unknown } | null;
    const text = data?.result ?? data?.text;
    return typeof text === 'string' ? text : null;
  } catch {
    // Rows of other programs may hold anything.
    return null;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
