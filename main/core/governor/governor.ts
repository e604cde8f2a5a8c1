import type { AttentionItem } from '../../../contract/attention.ts';
import {
  BUDGET_MEASURES,
  type BudgetMeasure,
  type BudgetScope,
  type CapView,
  type GovernorView,
  type PauseInput,
  type RaiseInput,
} from '../../../contract/governor.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import type { Changes } from '../changes.ts';
import type { Config } from '../config/schema.ts';
import { catchUpMetrics, recordMetrics } from '../metrics/recordMetrics.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import type { Stores } from '../stores.ts';
import type { AgentHold, AgentHolds } from '../turns/agentHolds.ts';
import type { EndedTurn } from '../turns/settleTurn.ts';
import { afterTurn, giveUpProbe, judgeBreaker, startProbe } from './breaker.ts';
import { type Budgets, type CapFacts, capKey, judgeCaps, keyText, levelOf, limitOf, type ScopeKey } from './budgets.ts';
import { createCapReader } from './capReader.ts';
import { amount, capReason, type GateAnswer, gateId, nameOf, openGates, type ReachedCap, readAnswer } from './gates.ts';
import { type GovernorState, readGovernorState, writeGovernorState } from './governorState.ts';
import { capViews, governorView } from './governorView.ts';
import { type PausedScope, pausedScope, reachedStill } from './held.ts';
import { scopeFilter, scopesOf, startOfDay } from './scopeUsage.ts';

export interface GovernorOptions {
  readonly clock: Clock;
  readonly stores: Pick<Stores, 'control' | 'usage' | 'metrics' | 'sessions' | 'events' | 'turns'>;
  readonly holds: AgentHolds;
  readonly config: () => Config;
  readonly currentRun: () => string | null;
  readonly stopAgent: (agentName: string) => Promise<unknown>;
  readonly room: Pick<Changes, 'allAgents' | 'events' | 'status'> & { attention(): void };
  /** Who may start a turn has changed. */
  readonly wake: () => void;
}

/** The right to start one turn. */
export interface TurnTicket {
  /** The turn's row is stored, or there will be no turn. */
  release(): void;
}

export interface SlingFacts {
  readonly taskId: string;
  readonly runtime: string;
  /** Null when the sling opens a run. */
  readonly runId: string | null;
}

/**
 * Keeps spending within its caps (product.md B4): decides who may begin a turn, asks a person when a cap is reached, and
 * holds back all agents of a runtime whose account is exhausted. It never ends anything by itself.
 */
export interface Governor {
  /** While true no new turn starts at all; survives restarts. */
  fleetPaused(): boolean;
  pauseFleet(paused: boolean): void;
  /** Called before a turn is started, synchronously; null: not now. */
  admitTurn(agentName: string): TurnTicket | null;
  /** Why no agent may be slung now; null when one may. `ask` puts a reached cap before a person. */
  refuseSling(facts: SlingFacts, ask: boolean): CallError | null;
  onTurnEnded(ended: EndedTurn): void;
  /** A person wants this agent to try now: its runtime's breaker lets it probe. */
  onRetry(agentName: string): void;
  /** Lets agents go whose runtime may be tried again. @returns when to look again, at most `latest`; milliseconds since the epoch. */
  endWaits(now: number, latest: number): number;
  gates(): readonly AttentionItem[];
  /** Null when that item is no gate of the governor. */
  answer(itemId: string, answer: string): Promise<Result<Record<string, never>>> | null;
  pause(input: PauseInput): Result<Record<string, never>>;
  raise(input: RaiseInput): Result<Record<string, never>>;
  /** Why an agent gets no turn, for its view; null when nothing of the governor's holds it. */
  holdOf(
    agentName: string,
  ): (Pick<AgentHold, 'since' | 'until' | 'reason'> & { readonly kind: 'paused' | 'quotaExhausted' }) | null;
  /** Why an agent waits that nothing holds: turns that run may use up a cap. Null when it need not. */
  waitOf(agentName: string): string | null;
  view(): GovernorView;
  /** Every cap of run, day and the living agents and their tasks, with what is used of it. */
  caps(): readonly CapView[];
  /** Other caps may be in force: what a cap had paused and now fits goes on. */
  settingsChanged(): void;
}

/** Name of the setting that holds the fleet's pause. */
const FLEET_PAUSED = 'fleet.paused';
/** Turns the expected cost of a turn is the mean of. */
const EXPECT_FROM_TURNS = 20;
/** Milliseconds a computed view may be shown again when nothing happened meanwhile. */
const VIEW_MS = 1_000;

export function createGovernor(options: GovernorOptions): Governor {
  const { clock, holds, room } = options;
  const { control, usage, sessions, events } = options.stores;
  const budgets = (): Budgets => options.config().controlRoom.budgets;
  const runtimeOf = (agentName: string): string =>
    control.getAgentSettings(agentName)?.runtime ?? options.config().runtime.default;
  catchUpMetrics(options.stores, options.stores.turns);
  let state: GovernorState = readGovernorState(control);
  let fleetPaused = control.getSetting(FLEET_PAUSED) === true;
  const pending = new Set<string>();
  let view: { readonly at: number; readonly value: GovernorView } | null = null;
  const { capsOf, used, turnsOf, forget } = createCapReader({
    clock,
    usage,
    sessions,
    pending,
    budgets,
    raised: () => state.raised,
  });

  // A probe that an earlier engine began and that is not running has told nothing.
  {
    const running = usage.runningAgents();
    for (const [runtime, breaker] of Object.entries(state.breakers)) {
      if (breaker.state !== 'probing' || (breaker.probe !== null && running.has(breaker.probe))) continue;
      save({ breakers: { ...state.breakers, [runtime]: giveUpProbe(breaker, clock.now()) } });
    }
  }

  function save(change: Partial<GovernorState>): void {
    state = { ...state, ...change };
    view = null;
    writeGovernorState(control, state, startOfDay(clock.now()).id);
  }

  function changed(): void {
    room.allAgents();
    room.attention();
    room.events();
    room.status();
    options.wake();
  }

  function tell(agentName: string, runId: string | null, level: 'info' | 'warn', summary: string): void {
    events.insert({ agentName, runId, eventType: 'custom', level, data: JSON.stringify({ type: 'budget', summary }) });
  }

  function reach({ key, measure, limit, usage: found }: CapFacts, agentName: string, runId: string | null): ReachedCap {
    const at = timestamp(clock.now());
    const reached: ReachedCap = { ...key, measure, used: found[measure], limit, at, asking: true };
    save({ reached: { ...state.reached, [capKey(key, measure)]: reached } });
    tell(agentName, runId, 'warn', `paused: ${capReason(reached)}`);
    changed();
    return reached;
  }

  const stillReached = (keys: readonly ScopeKey[]): ReachedCap | null => reachedStill(state, budgets(), keys);
  const pausedBy = (keys: readonly ScopeKey[]): PausedScope | null => pausedScope(state, keys);

  function forgetReached(match: (reached: ReachedCap) => boolean): void {
    const kept = Object.entries(state.reached).filter(([, reached]) => !match(reached));
    save({ reached: Object.fromEntries(kept) });
  }

  function raiseCap(key: ScopeKey, measure: BudgetMeasure, by: number): void {
    const limit = limitOf(budgets(), state.raised, key, measure) ?? 0;
    // What is over its cap already gets all of the raise: it would otherwise be asked about again at once.
    const over = Math.max(0, used(key)[measure] - limit);
    const name = capKey(key, measure);
    save({ raised: { ...state.raised, [name]: (state.raised[name] ?? 0) + over + by } });
    forgetReached((reached) => capKey(reached, reached.measure) === name);
  }

  function agentsIn(scope: BudgetScope, id: string): readonly string[] {
    const key = keyText({ scope, id });
    return sessions
      .getActive()
      .filter((session) => scopesOf(session, clock.now()).some((one) => keyText(one) === key))
      .map((session) => session.agentName);
  }

  async function follow(answer: GateAnswer, reached: ReachedCap): Promise<void> {
    const { scope, id, measure } = reached;
    const name = capKey(reached, measure);
    const runId = scope === 'run' ? id : options.currentRun();
    switch (answer.do) {
      case 'raise':
        raiseCap(reached, measure, answer.by);
        tell('operator', runId, 'info', `cap of ${nameOf(scope, id)} raised by ${answer.by} ${measure}`);
        break;
      case 'keep':
      case 'stop':
        save({ reached: { ...state.reached, [name]: { ...reached, asking: false } } });
        tell('operator', runId, 'info', `${nameOf(scope, id)} stays paused`);
        if (answer.do === 'stop') for (const agent of agentsIn(scope, id)) await options.stopAgent(agent);
        break;
    }
    changed();
  }

  /** Warns once for each limit when a part of it is used. */
  function warnSoon(session: AgentSession): void {
    const { softFraction } = budgets();
    for (const cap of capsOf(scopesOf(session, clock.now()))) {
      const name = capKey(cap.key, cap.measure);
      if (state.warned[name] === cap.limit) continue;
      if (levelOf(cap.usage[cap.measure], cap.limit, softFraction) === 'ok') continue;
      save({ warned: { ...state.warned, [name]: cap.limit } });
      const percent = Math.round((cap.usage[cap.measure] / cap.limit) * 100);
      const reached = { ...cap.key, measure: cap.measure, used: cap.usage[cap.measure], limit: cap.limit };
      tell(
        session.agentName,
        session.runId,
        'warn',
        `${percent} % used: ${capReason(reached).replace('has reached', 'comes near')}`,
      );
    }
  }

  function setBreaker(runtime: string, breaker: GovernorState['breakers'][string] | null): void {
    const { [runtime]: _before, ...others } = state.breakers;
    save({ breakers: breaker === null ? others : { ...others, [runtime]: breaker } });
  }

  /** Agents that wait for an account without a known end may try once somebody may. */
  function letGo(runtime: string): void {
    for (const [agentName, hold] of [...holds.all()])
      if (hold.kind === 'quotaExhausted' && hold.runtime === runtime) holds.remove(agentName);
  }

  return {
    fleetPaused: () => fleetPaused,
    pauseFleet(paused) {
      fleetPaused = paused;
      control.putSetting(FLEET_PAUSED, paused);
      room.status();
      options.wake();
    },

    admitTurn(agentName) {
      const session = sessions.getByName(agentName);
      if (session === null || pending.has(agentName) || fleetPaused) return null;
      const now = clock.now();
      const keys = scopesOf(session, now);
      if (pausedBy(keys) !== null || stillReached(keys) !== null) return null;
      const runtime = runtimeOf(agentName);
      const breaker = state.breakers[runtime] ?? null;
      const verdict = judgeBreaker(breaker, agentName, now);
      if (verdict.kind === 'deny') return null;
      const caps = judgeCaps(capsOf(keys), usage.meanCost(EXPECT_FROM_TURNS));
      if (caps.kind === 'over') reach(caps.cap, agentName, session.runId);
      if (caps.kind !== 'admit') return null;
      if (verdict.kind === 'probe' && breaker !== null) setBreaker(runtime, startProbe(breaker, agentName));
      pending.add(agentName);
      return {
        release() {
          pending.delete(agentName);
          forget();
          const after = state.breakers[runtime] ?? null;
          if (after?.probe === agentName && !usage.runningAgents().has(agentName))
            setBreaker(runtime, giveUpProbe(after, clock.now()));
        },
      };
    },

    refuseSling({ taskId, runtime, runId }, ask) {
      const now = clock.now();
      const breaker = state.breakers[runtime] ?? null;
      if (breaker !== null && breaker.state === 'open' && now < breaker.until) {
        const until = timestamp(breaker.until);
        return refusal(`${runtime} is used up until ${until} (${breaker.reason}): wait, or choose another runtime`);
      }
      const keys: ScopeKey[] = [
        ...(taskId === '' ? [] : [{ scope: 'task', id: taskId } as const]),
        ...(runId === null ? [] : [{ scope: 'run', id: runId } as const]),
        { scope: 'day', id: startOfDay(now).id },
      ];
      let reached = stillReached(keys);
      if (reached === null) {
        const verdict = judgeCaps(capsOf(keys), null);
        if (verdict.kind !== 'over') return null;
        const { key, measure, limit, usage: found } = verdict.cap;
        reached = ask
          ? reach(verdict.cap, 'operator', runId)
          : { ...key, measure, limit, used: found[measure], at: timestamp(now), asking: false };
      }
      return refusal(`${capReason(reached)}: raise it in the attention queue or with ov resume`);
    },

    onTurnEnded(ended) {
      const now = clock.now();
      const { turn, runtime, failure, outcome, endedAt } = ended;
      recordMetrics(options.stores, { agentName: turn.agentName, taskId: turn.taskId ?? '', endedAt });
      const before = state.breakers[runtime] ?? null;
      const refused = failure?.kind === 'quotaExhausted' ? { until: failure.until, reason: failure.detail } : null;
      const after = afterTurn(
        before,
        {
          agentName: turn.agentName,
          refusal: refused,
          answered: outcome.kind === 'rest' || outcome.kind === 'done',
          startedAt: Date.parse(turn.startedAt),
        },
        now,
      );
      if (after !== before) setBreaker(runtime, after);
      if (before === null && after !== null)
        tell(
          turn.agentName,
          turn.runId,
          'warn',
          `no further turns of ${runtime} before ${timestamp(after.until)}: ${after.reason}`,
        );
      if (before !== null && after === null) {
        tell(turn.agentName, turn.runId, 'info', `${runtime} answers again`);
        letGo(runtime);
      }
      forget();
      view = null;
      const session = sessions.getByName(turn.agentName);
      if (session !== null) warnSoon(session);
      changed();
    },

    onRetry(agentName) {
      const runtime = runtimeOf(agentName);
      const breaker = state.breakers[runtime];
      if (breaker === undefined || breaker.state === 'probing') return;
      setBreaker(runtime, giveUpProbe(breaker, clock.now()));
    },

    endWaits(now, latest) {
      let next = latest;
      for (const [runtime, breaker] of Object.entries(state.breakers)) {
        if (breaker.state !== 'open') continue;
        if (now >= breaker.until) letGo(runtime);
        else next = Math.min(next, breaker.until);
      }
      return next;
    },

    gates: () => openGates(state, startOfDay(clock.now()).id),

    answer(itemId, answer) {
      const reached = Object.values(state.reached).find((one) => gateId(one) === itemId);
      if (reached === undefined) return null;
      const read = readAnswer(answer, reached);
      if (!read.ok) return Promise.resolve(read);
      return follow(read.value, reached).then(() => ok({}));
    },

    pause({ scope, id: named, paused }) {
      const id = named ?? (scope === 'run' ? options.currentRun() : null);
      if (id === null) return fail('validation', `say which ${scope}: there is no current one`, { field: 'id' });
      if (scope === 'agent' && sessions.getByName(id) === null)
        return fail('notFound', `there is no agent ${id}: see "ov status" for the names`);
      if (
        scope !== 'agent' &&
        usage.sums(scopeFilter({ scope, id }, null)).turns === 0 &&
        agentsIn(scope, id).length === 0
      )
        return fail('notFound', `no agent works on ${nameOf(scope, id)}: see "ov status" and "ov run list"`);
      const key = keyText({ scope, id });
      const { [key]: _since, ...others } = state.paused;
      save({ paused: paused ? { ...state.paused, [key]: state.paused[key] ?? timestamp(clock.now()) } : others });
      tell(
        'operator',
        scope === 'run' ? id : options.currentRun(),
        'info',
        `${nameOf(scope, id)} ${paused ? 'paused' : 'resumed'}`,
      );
      changed();
      const capped = paused
        ? undefined
        : Object.values(state.reached).find((one) => one.scope === scope && one.id === id);
      if (capped === undefined) return ok({});
      return fail(
        'invalidState',
        `${capReason(capped)}: say by how much to raise it, for example --${capped.measure} ${Math.max(1, Math.round(capped.limit / 2))}`,
      );
    },

    raise(input) {
      const { scope } = input;
      const id =
        input.id ?? (scope === 'run' ? options.currentRun() : scope === 'day' ? startOfDay(clock.now()).id : null);
      if (id === null) return fail('validation', `say which ${scope}: there is no current one`, { field: 'id' });
      const amounts = BUDGET_MEASURES.flatMap((measure) => {
        const by = input[measure];
        return by === undefined ? [] : [{ measure, by }];
      });
      if (amounts.length === 0) return fail('validation', 'say by how much: usd, turns or minutes');
      for (const { measure } of amounts) {
        if (budgets()[scope][measure] !== undefined) continue;
        const key = `controlRoom.budgets.${scope}.${measure}`;
        return fail(
          'invalidState',
          `no cap of that kind is set, so nothing can be raised: set ${key} in config.yaml first`,
          { field: measure },
        );
      }
      for (const { measure, by } of amounts) raiseCap({ scope, id }, measure, by);
      const words = amounts.map(({ measure, by }) => `${by} ${measure}`).join(', ');
      tell(
        'operator',
        scope === 'run' ? id : options.currentRun(),
        'info',
        `cap of ${nameOf(scope, id)} raised by ${words}`,
      );
      const { [keyText({ scope, id })]: _since, ...others } = state.paused;
      save({ paused: others });
      changed();
      return ok({});
    },

    holdOf(agentName) {
      const session = sessions.getByName(agentName);
      if (session === null) return null;
      const keys = scopesOf(session, clock.now());
      const paused = pausedBy(keys);
      if (paused !== null) {
        const { key, since } = paused;
        const flag = key.scope === 'agent' ? key.id : `--${key.scope} ${key.id}`;
        return {
          kind: 'paused',
          since,
          until: null,
          reason: `${nameOf(key.scope, key.id)} is paused (ov resume ${flag})`,
        };
      }
      const reached = stillReached(keys);
      if (reached !== null) return { kind: 'paused', since: reached.at, until: null, reason: capReason(reached) };
      const runtime = runtimeOf(agentName);
      const breaker = state.breakers[runtime];
      if (breaker === undefined || judgeBreaker(breaker, agentName, clock.now()).kind !== 'deny') return null;
      const until = timestamp(breaker.until);
      const reason =
        breaker.state === 'probing'
          ? `waits while ${breaker.probe ?? 'another agent'} tries ${runtime} again`
          : `${runtime} is used up until ${until} (${breaker.reason})`;
      return { kind: 'quotaExhausted', since: timestamp(breaker.openedAt), until, reason };
    },

    waitOf(agentName) {
      const session = sessions.getByName(agentName);
      if (session === null) return null;
      const verdict = judgeCaps(capsOf(scopesOf(session, clock.now())), usage.meanCost(EXPECT_FROM_TURNS));
      if (verdict.kind !== 'wait') return null;
      const { key, limit, measure } = verdict.cap;
      return `turns that run may use up the cap of ${nameOf(key.scope, key.id)} (${amount(limit, measure)})`;
    },

    view() {
      const now = clock.now();
      if (view === null || now - view.at >= VIEW_MS || now < view.at)
        view = { at: now, value: governorView(capFacts(now)) };
      return view.value;
    },

    caps: () => capViews(capFacts(clock.now())),

    settingsChanged() {
      forget();
      forgetReached(({ scope, id, measure, used: at }) => {
        const limit = limitOf(budgets(), state.raised, { scope, id }, measure);
        return limit === null || at < limit;
      });
      changed();
    },
  };

  /** A day that is over asks nothing any more. */
  function isPast(reached: ReachedCap): boolean {
    return reached.scope === 'day' && reached.id !== startOfDay(clock.now()).id;
  }

  function capFacts(now: number) {
    const runId = options.currentRun();
    const shared: ScopeKey[] = [
      ...(runId === null ? [] : [{ scope: 'run', id: runId } as const]),
      { scope: 'day', id: startOfDay(now).id },
    ];
    const narrow = new Map<string, ScopeKey>();
    for (const session of sessions.getActive())
      for (const key of scopesOf(session, now))
        if (key.scope === 'agent' || key.scope === 'task') narrow.set(keyText(key), key);
    return {
      now,
      softFraction: budgets().softFraction,
      shared: capsOf(shared),
      narrow: capsOf([...narrow.values()]),
      run: runId === null ? null : usage.sums({ runId }),
      paid: usage,
      turnsOf,
      state,
      isPast,
    };
  }
}

function refusal(message: string): CallError {
  return { tag: 'capacity', message };
}
