import type { FailureFacts, RuntimeFailure } from './adapter.ts';
import { parseResetTime } from './resetTime.ts';

/** Characters of a failure's sentence shown to a person. */
const DETAIL_LENGTH = 200;

const LOGIN =
  /not logged in|please run \/login|run `?codex login|please (?:log|sign) in|invalid (?:api|authentication|bearer)|invalid x-api-key|authentication[_ ](?:failed|error)|oauth token (?:has )?(?:expired|been revoked)|token (?:has )?expired|no api key found|api key (?:is )?(?:missing|invalid|not (?:found|valid))|incorrect api key|missing environment variable|unauthorized/i;

const QUOTA =
  /usage limit|(?:session|weekly|monthly|daily|5-hour|five-hour|opus|spend(?:ing)?) limit (?:reached|hit|exceeded)|hit your (?:\w+ )?limit|limit reached|credit balance is (?:too low|insufficient)|insufficient[_ ](?:quota|credits?|funds)|quota (?:exceeded|exhausted)|exceeded your (?:current )?quota|out of (?:\w+ )?(?:credits|usage)|billing (?:hard )?limit|payment required|plan and billing/i;

const UNKNOWN_CONVERSATION =
  /no conversation found|requires a valid session id|no rollout found for thread|thread\/resume failed|no (?:saved )?session found|session file .* is damaged/i;

/** A rate limit that ends by itself within moments; only the words of a quota make a 429 more than that. */
const RATE_LIMITED = /rate.?limit|too many requests|at capacity|overloaded/i;

/**
 * Claude Code (real-agents.md §3 and §5): 401 and 403 and its own "Not logged in" are a login, 402 and its sentences on
 * limits and credit are a quota, an unknown id is one result line without turns. A bare 429 is neither: it is tried again.
 */
export function claudeFailure(facts: FailureFacts): RuntimeFailure | null {
  const { result, retry } = facts;
  const said = [...(result?.errors ?? []), result?.isError === true ? result.result : ''].filter((text) => text !== '');
  // Without a result only the terminal can tell; with one it may hold anything a tool wrote.
  if (result === null) said.push(...facts.errors, facts.terminalText);
  const status = result?.apiErrorStatus ?? (result === null ? (retry?.status ?? null) : null);
  return classify(facts, said, status);
}

/**
 * Codex (real-agents.md §7): failures come as `turn.failed` and `error` texts with the status in words, and an unknown
 * thread as one line on the terminal with nothing on standard output.
 */
export function codexFailure(facts: FailureFacts): RuntimeFailure | null {
  const { result } = facts;
  const said = [...(result?.isError === true ? [...result.errors, result.result] : []), ...facts.errors];
  if (result === null) said.push(facts.terminalText);
  const words = said.join('\n');
  const status = Number(/(?:status(?: code)?:?|HTTP(?:\/\d(?:\.\d)?)?|error)\s*(40[1-3]|429)\b/i.exec(words)?.[1] ?? 0);
  return classify(facts, said, status === 0 ? null : status);
}

function classify(facts: FailureFacts, said: readonly string[], status: number | null): RuntimeFailure | null {
  if (facts.resumeId !== null) {
    const unknown = lineWith(said, UNKNOWN_CONVERSATION);
    if (unknown !== null) return { kind: 'unknownConversation', detail: unknown };
  }
  const quota = lineWith(said, QUOTA);
  if (quota !== null || status === 402) {
    const detail = quota ?? firstLine(said) ?? 'the account has no credit left';
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    return { kind: 'quotaExhausted', until: parseResetTime(detail, facts.now, zone), detail };
  }
  if (status === 401 || status === 403) {
    return { kind: 'needsLogin', detail: firstLine(said) ?? `the account was refused (${status})` };
  }
  const login = lineWith(said, LOGIN);
  // A login's words inside a rate limit's sentence are its advice, not its cause.
  if (login !== null && !RATE_LIMITED.test(login)) return { kind: 'needsLogin', detail: login };
  return null;
}

function lineWith(texts: readonly string[], pattern: RegExp): string | null {
  for (const line of texts.flatMap((text) => text.split('\n'))) if (pattern.test(line)) return shorten(line);
  return null;
}

function firstLine(texts: readonly string[]): string | null {
  const line = texts.flatMap((text) => text.split('\n')).find((text) => text.trim() !== '');
  return line === undefined ? null : shorten(line);
}

function shorten(line: string): string {
  const text = line.trim();
  return text.length > DETAIL_LENGTH ? `${text.slice(0, DETAIL_LENGTH - 1)}…` : text;
}
