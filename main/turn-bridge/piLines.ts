import type { Translator } from './commandTurn.ts';
import { type BridgeUsage, lines } from './lines.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Pi's tools in the names that the rest of the product knows. */
const TOOLS: Readonly<Record<string, string>> = {
  bash: 'Bash',
  read: 'Read',
  edit: 'Edit',
  write: 'Write',
  grep: 'Grep',
  find: 'Glob',
  ls: 'LS',
};

/**
 * The lines of `pi --mode json` (0.73.1) in claude's form. Its updates repeat a message from its beginning for each word, so
 * only what is complete is taken. A refused account ends with exit code 0: the last message's `stopReason` decides.
 */
export function createPiTranslator(): Translator {
  let sessionId: string | null = null;
  let usage: BridgeUsage | null = null;
  let costUsd = 0;
  let failure: string | null = null;
  let text = '';

  const messageEnded = (message: Fields): readonly object[] => {
    if (message.role !== 'assistant') return [];
    const used = fieldsOf(message.usage);
    usage = {
      input_tokens: (usage?.input_tokens ?? 0) + count(used.input),
      output_tokens: (usage?.output_tokens ?? 0) + count(used.output),
      cache_read_input_tokens: (usage?.cache_read_input_tokens ?? 0) + count(used.cacheRead),
      cache_creation_input_tokens: (usage?.cache_creation_input_tokens ?? 0) + count(used.cacheWrite),
    };
    costUsd += count(fieldsOf(used.cost).total);
    const reason = message.stopReason;
    failure =
      reason === 'error' || reason === 'aborted'
        ? (textOf(message.errorMessage) ?? (reason === 'aborted' ? 'interrupted' : 'the model answered with an error'))
        : null;
    const words = textIn(message.content);
    if (words === '') return [];
    text = words;
    return [lines.text(words)];
  };

  return {
    push(entry) {
      switch (entry.type) {
        case 'session':
          sessionId = textOf(entry.id);
          return sessionId === null ? [] : [lines.init(sessionId, null)];
        case 'message_end':
          return messageEnded(fieldsOf(entry.message));
        case 'tool_execution_start': {
          const name = textOf(entry.toolName) ?? 'tool';
          const input = fieldsOf(entry.args);
          const path = textOf(input.path);
          const named = path === null ? input : { ...input, file_path: path };
          return [lines.toolUse(textOf(entry.toolCallId) ?? '', TOOLS[name] ?? name, named)];
        }
        case 'tool_execution_end': {
          const output = textIn(fieldsOf(entry.result).content);
          return [lines.toolResult(textOf(entry.toolCallId) ?? '', output, entry.isError === true)];
        }
        case 'auto_retry_start': {
          const error = textOf(entry.errorMessage) ?? 'the model did not answer';
          return [
            lines.retry({
              attempt: count(entry.attempt),
              maxRetries: count(entry.maxAttempts),
              delayMs: count(entry.delayMs),
              status: statusOf(error),
              error,
            }),
          ];
        }
        default:
          return [];
      }
    },
    end: () => ({
      sessionId,
      failure,
      status: failure === null ? null : statusOf(failure),
      usage,
      // It writes 0 for a model whose price it does not know.
      costUsd: costUsd || null,
      text,
    }),
  };
}

/** The status Pi puts in front of what the model's server said. */
function statusOf(error: string): number | null {
  const status = /^(\d{3})\b/.exec(error)?.[1];
  return status === undefined ? null : Number(status);
}

function textIn(content: unknown): string {
  const blocks: readonly unknown[] = Array.isArray(content) ? content : [];
  return blocks
    .map(fieldsOf)
    .flatMap((block) => (block.type === 'text' ? (textOf(block.text) ?? []) : []))
    .join('\n')
    .trim();
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}
