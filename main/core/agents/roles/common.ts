/** Rules that end every role file (spec 02 §5, "common to all roles"). */
export const COMMON_RULES = `## Rules for everyone

- Start at once. Do not restate the assignment and do not ask for permission to begin.
- Your assignment below (also in \`{{INSTRUCTION_PATH}}\`) names your task, branch, worktree, parent and the exact mail commands.
- Sign every command with your own name: \`--agent $OVERSTORY_AGENT_NAME\`.
- Mail is short: what happened, where to look, what you need. Machines read the payload, so always send it.
- Report every error you cannot repair at once, as mail of type \`error\`. Silence is the worst outcome.
- Never push. Never use \`git stash\`: all worktrees of this repository share one stash.`;

/** How an agent waits: a process lives for one turn, and mail starts the next (spec 02 §5.5, turn boundary). */
export const WAITING = `## Waiting

Ending your turn IS waiting. Mail addressed to you starts your next turn and stands at its top. Never poll: no loop, no
\`sleep\`, no repeated \`ov mail check\`. If you wait for somebody, write down where you are, then stop.`;
