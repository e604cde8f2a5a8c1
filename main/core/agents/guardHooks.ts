import { fail, ok, type Result } from '../../../contract/result.ts';
import { isMapping } from '../config/yamlValue.ts';
import type { GuardDecision, ToolCall } from './guardDecision.ts';
import { INTERACTIVE_TOOLS, TEAM_TOOLS, WRITE_TOOLS } from './guardRules.ts';
import { isImplementation } from './roles.ts';
import { shellQuote } from './shellQuote.ts';

/** Seconds claude waits for the guard. A guard that is late lets the call through (real-agents.md: hooks fail open). */
const GUARD_TIMEOUT_SECONDS = 30;

/**
 * Settings for `claude --settings <file>`, passed per launch and never written into the user's own files (real-agents.md
 * §5). One hook asks `ov guard` before each tool that can do harm; tools that are never used are denied outright as well,
 * because a hook that cannot start lets its call through.
 */
export function guardSettings(agentName: string, capability: string): Readonly<Record<string, unknown>> {
  const writes = Object.keys(WRITE_TOOLS);
  const guarded = ['Bash', ...writes, ...TEAM_TOOLS, ...INTERACTIVE_TOOLS];
  const denied = [...TEAM_TOOLS, ...INTERACTIVE_TOOLS, ...(isImplementation(capability) ? [] : writes)];
  return {
    // Said here because a file in the worktree could say otherwise, and this one weighs more.
    disableAllHooks: false,
    permissions: { deny: denied },
    hooks: {
      PreToolUse: [
        {
          matcher: guarded.join('|'),
          hooks: [
            { type: 'command', command: `ov guard --agent ${shellQuote(agentName)}`, timeout: GUARD_TIMEOUT_SECONDS },
          ],
        },
      ],
    },
  };
}

/** Reads what a hook gets on its standard input. */
export function readHookInput(text: string, fallbackCwd: string): Result<ToolCall> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    // Not JSON: the caller must refuse the call, and the message says why.
    return fail('validation', 'the tool call is not readable JSON, so it cannot be checked');
  }
  if (!isMapping(data) || typeof data.tool_name !== 'string') {
    return fail('validation', 'the tool call names no tool, so it cannot be checked');
  }
  const cwd = typeof data.cwd === 'string' && data.cwd !== '' ? data.cwd : fallbackCwd;
  return ok({ toolName: data.tool_name, input: isMapping(data.tool_input) ? data.tool_input : {}, cwd });
}

/** What a hook prints: nothing allows, a block names its reason in the old and the new form (spec 02 §3.10). */
export function formatHookOutput(decision: GuardDecision): string {
  if (decision.allow) return '';
  return `${JSON.stringify({
    decision: 'block',
    reason: decision.reason,
    hookSpecificOutput: {
      hookEventName: 'PreToolUse',
      permissionDecision: 'deny',
      permissionDecisionReason: decision.reason,
    },
  })}\n`;
}
