import type { EventStore } from '../events/eventStore.ts';
import type { Git } from '../git/git.ts';
import type { MailStore } from '../mail/mailStore.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { expansionReasons, outsideScope } from './scopeRules.ts';

/** Roles whose changes are compared with the files they were given (spec 01 §0.2 "Implementation"). */
const IMPLEMENTATION: ReadonlySet<string> = new Set(['builder', 'merger']);
/** Mails of an agent that are looked through for an announced expansion. */
const MAILS_BACK = 200;
/** Milliseconds git may take; the check only observes. */
const GIT_MS = 10_000;

export interface ScopeCheckOptions {
  readonly git: Git;
  readonly mail: Pick<MailStore, 'getAll'>;
  readonly events: Pick<EventStore, 'insert'>;
  readonly canonicalBranch: () => string;
  /** Files the agent was given; empty: no limit. */
  readonly scopeOf: (agentName: string) => readonly string[];
}

/**
 * Compares what an agent changed with the files it was given, once it has reported, and stores an event when it went
 * further without saying why (spec 01 §5.5). Observes only: whatever cannot be asked counts as no violation.
 * @returns the files outside, empty when there are none or nobody is to be told.
 */
export async function checkScope(
  options: ScopeCheckOptions,
  session: Pick<AgentSession, 'agentName' | 'capability' | 'worktreePath' | 'runId'>,
): Promise<readonly string[]> {
  const { agentName } = session;
  const scope = options.scopeOf(agentName);
  if (!IMPLEMENTATION.has(session.capability) || scope.length === 0) return [];
  const at = { cwd: session.worktreePath, timeoutMs: GIT_MS };
  const base = options.canonicalBranch();
  const changed = await options.git(['diff', '--name-only', '-z', `${base}...HEAD`], at);
  if (changed.code !== 0) return [];
  const violations = outsideScope(
    changed.stdout.split('\0').filter((file) => file !== ''),
    scope,
  );
  if (violations.length === 0) return [];
  const log = await options.git(['log', '--format=%B', `${base}..HEAD`], at);
  if (log.code === 0 && expansionReasons(log.stdout).length > 0) return [];
  const announced = options.mail
    .getAll({ from: agentName, limit: MAILS_BACK })
    .some((message) => message.subject.startsWith('scope_expansion'));
  if (announced) return [];
  options.events.insert({
    agentName,
    runId: session.runId,
    eventType: 'custom',
    level: 'warn',
    data: JSON.stringify({
      type: 'scope_violation',
      violations,
      fileScope: scope,
      summary: `changed outside of its files: ${violations.slice(0, 3).join(', ')}${violations.length > 3 ? ` and ${violations.length - 3} more` : ''}`,
    }),
  });
  return violations;
}
