import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuleMode } from '../../../contract/evidence.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { clearCurrentRun, readCurrentRun, writeCurrentRun } from '../runs/currentRun.ts';
import type { Run } from '../runs/runStore.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { announcement, type RunFacts, type RunSummary, runStep } from './runCompletion.ts';
import type { WatchdogOptions } from './watchdogOptions.ts';

/** What was told about which run; survives restarts. */
interface Announced {
  readonly runId: string;
  readonly workers: readonly string[];
}

const ANNOUNCED = 'watchdog.announced';
const COMPLETED = 'watchdog.completedRun';

/** Looks after the current run (spec 01 §4.7): announces that its workers have ended, completes it when nobody is left. */
export function createRunWatch(options: WatchdogOptions, mode: () => RuleMode) {
  const { stores, log, changes } = options;
  const marker = join(options.overstoryDirectory, 'run-complete-notified.txt');
  const warned = new Set<string>();
  /** When the coordinator was last busy, milliseconds awake. */
  let busyAt: { readonly runId: string; readonly at: number } | null = null;
  /** Shadow mode records one step once. */
  let shadowed = '';

  function warnOnce(key: string, line: string): void {
    if (warned.has(key)) return;
    warned.add(key);
    log('warn', line);
  }

  async function announced(runId: string): Promise<readonly string[] | null> {
    const stored = stores.control.getSetting(ANNOUNCED) as Announced | undefined;
    if (stored?.runId === runId) return stored.workers;
    // The reference's own note: it told of everybody there was.
    const noted = await readFile(marker, 'utf8').catch(() => '');
    return noted.trim() === runId ? stores.sessions.getByRun(runId).map((session) => session.agentName) : null;
  }

  function coordinatorOf(run: Run, members: readonly AgentSession[], awake: number): RunFacts['coordinator'] {
    const name = run.coordinatorName ?? 'coordinator';
    const session = members.find((member) => member.agentName === name);
    if (session === undefined || session.state === 'completed' || session.state === 'zombie') return null;
    const busy =
      options.engine.isBusy(name) ||
      session.state === 'in_turn' ||
      stores.mail.getUnread(name).length > 0 ||
      options.asks(name) !== null ||
      options.takenOver(name) ||
      options.held(name) !== null ||
      session.tmuxSession !== '';
    if (busy || busyAt?.runId !== run.id) busyAt = { runId: run.id, at: awake };
    return { name, busy, idleMs: awake - busyAt.at };
  }

  async function announce(run: Run, coordinator: string, summary: RunSummary): Promise<void> {
    const message = announcement(run.id, summary);
    const told = await options.nudge(coordinator, message);
    // Marked only when it arrived (D-19): an announcement nobody got is made again.
    if (!told.ok || !told.value.delivered) {
      warnOnce(`announce ${run.id}`, `the end of run ${run.id} could not be told to ${coordinator}`);
      return;
    }
    record(run.id, summary, message);
    stores.control.putSetting(ANNOUNCED, { runId: run.id, workers: [...summary.completed, ...summary.dead] });
    await writeFileAtomic(marker, run.id);
  }

  function record(runId: string, summary: RunSummary, line: string): void {
    stores.events.insert({
      agentName: 'watchdog',
      runId,
      eventType: 'custom',
      level: summary.dead.length > 0 ? 'warn' : 'info',
      data: JSON.stringify({
        type: 'run_complete',
        author: 'watchdog',
        workerCount: summary.completed.length + summary.dead.length,
        completedAgents: summary.completed,
        zombieAgents: summary.dead,
        capabilities: summary.capabilities,
        phase: summary.phase,
        summary: line,
      }),
    });
    stores.watchdog.addAction({
      agentName: 'watchdog',
      runId,
      rule: 'runComplete',
      mode: 'live',
      level: null,
      action: line.startsWith('[WATCHDOG]') ? 'told the coordinator' : 'completed the run',
      reason: line,
      outcome: 'done',
      undo: line.startsWith('[WATCHDOG]') ? null : 'a new worker of the run makes it active again',
      evidence: null,
    });
    changes.events();
  }

  async function complete(run: Run, status: 'completed' | 'failed', summary: RunSummary): Promise<void> {
    stores.runs.completeRun(run.id, status);
    stores.control.putSetting(COMPLETED, run.id);
    if ((await readCurrentRun(options.overstoryDirectory)) === run.id)
      await clearCurrentRun(options.overstoryDirectory);
    record(run.id, summary, `run ${run.id} ${status}: all its agents have ended and nobody works in it any more`);
    changes.runs();
    changes.status();
  }

  /** A run this watchdog completed has an agent at work again: it goes on. */
  async function reopen(): Promise<void> {
    const runId = stores.control.getSetting(COMPLETED);
    if (typeof runId !== 'string') return;
    const live = stores.sessions
      .getActive()
      .filter((session) => session.runId === runId && session.capability !== 'coordinator');
    if (live.length === 0) return;
    stores.control.putSetting(COMPLETED, null);
    stores.runs.reopenRun(runId);
    if ((await readCurrentRun(options.overstoryDirectory)) === null)
      await writeCurrentRun(options.overstoryDirectory, runId);
    changes.runs();
  }

  return {
    /** One look. @param awake milliseconds awake. */
    async look(awake: number): Promise<void> {
      await reopen();
      const runId = await readCurrentRun(options.overstoryDirectory);
      if (runId === null) return;
      const run = stores.runs.getRun(runId);
      if (run === null) {
        warnOnce(`unknown ${runId}`, `current-run.txt points to unknown run "${runId}": run completion is not watched`);
        return;
      }
      if (run.status !== 'active') return;
      const members = stores.sessions.getByRun(runId);
      const facts: RunFacts = {
        runId,
        members,
        announced: await announced(runId),
        coordinator: coordinatorOf(run, members, awake),
        mergesWaiting: stores.mergeQueue
          .list()
          .filter((entry) => entry.status === 'pending' || entry.status === 'merging').length,
      };
      const step = runStep(facts, options.config().watchdog.nudgeIntervalMs);
      if (step.do === 'nothing') return;
      if (mode() === 'off') return;
      if (mode() === 'shadow') {
        const key = `${step.do} ${runId} ${facts.members.length}`;
        if (shadowed === key) return;
        shadowed = key;
        stores.watchdog.addAction({
          agentName: 'watchdog',
          runId,
          rule: 'runComplete',
          mode: 'shadow',
          level: null,
          action: step.do === 'announce' ? 'tell the coordinator' : 'complete the run',
          reason: announcement(runId, step.summary),
          outcome: 'shadow: nothing was done',
          undo: null,
          evidence: null,
        });
      } else if (step.do === 'announce') await announce(run, facts.coordinator?.name ?? 'coordinator', step.summary);
      else await complete(run, step.status, step.summary);
    },
  };
}
