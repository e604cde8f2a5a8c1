import type { AgentView } from '../../contract/agents.ts';
import type { AttentionItem } from '../../contract/attention.ts';
import type { MergeView } from '../../contract/merges.ts';

/** Lines that tell a run as it happens; each is told once. */
export class Progress {
  readonly #say: (line: string) => void;
  readonly #told = new Set<string>();
  #agents: Readonly<Record<string, AgentView>> = {};

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  agents(next: Readonly<Record<string, AgentView>>): void {
    for (const agent of Object.values(next)) {
      const before = this.#agents[agent.name];
      if (before === undefined)
        this.#once(
          `${agent.name} slung`,
          `${agent.name} (${agent.capability}) starts${agent.taskId === '' ? '' : ` on ${agent.taskId}`}`,
        );
      if (agent.turn !== null && before?.turn?.id !== agent.turn.id && agent.turn.number > 1)
        this.#once(agent.turn.id, `${agent.name} takes turn ${agent.turn.number}`);
      if (agent.retry !== null && before?.retry?.attempt !== agent.retry.attempt)
        this.#once(`${agent.name} retry ${agent.turnCount}`, `${agent.name}: ${agent.retry.reason}; it is resumed`);
      if (agent.status === 'done' && before?.status !== 'done')
        this.#once(`${agent.name} done`, `${agent.name} is done`);
      if (agent.status === 'dead' && before?.status !== 'dead')
        this.#once(`${agent.name} dead ${agent.lastEvidenceAt}`, `${agent.name} is dead: ${agent.reason ?? ''}`);
    }
    this.#agents = next;
  }

  attention(items: Readonly<Record<string, AttentionItem>>): void {
    for (const item of Object.values(items)) {
      const options = item.options.length === 0 ? '' : ` [${item.options.join(' / ')}]`;
      this.#once(item.id, `◆ ${item.agent ?? 'somebody'} needs you: ${item.title}${options}`);
    }
  }

  merges(merges: Readonly<Record<string, MergeView>>): void {
    for (const merge of Object.values(merges)) {
      if (merge.status === 'merged')
        this.#once(
          `merged ${merge.id}`,
          `✓ ${merge.taskId} merged (${merge.resolvedTier ?? 'clean-merge'}${merge.conflictFiles.length > 0 ? `, resolved ${merge.conflictFiles.join(', ')}` : ''})`,
        );
      if (merge.status === 'conflict' || merge.status === 'failed')
        this.#once(
          `failed ${merge.id} ${merge.finishedAt}`,
          `✕ ${merge.taskId} did not merge: ${merge.errorMessage ?? ''}`,
        );
    }
  }

  #once(key: string, line: string): void {
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#say(`${new Date().toTimeString().slice(0, 8)}  ${line}`);
  }
}
