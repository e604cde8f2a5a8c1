import { RequestError, type StopReason } from '@agentclientprotocol/sdk';
import { AUTHENTICATION_REQUIRED } from './acpConversation.ts';

/** What the room knows a missing login by (real-agents.md §3). */
const UNAUTHORIZED = 401;

/** Why a turn failed, in one line, and the status of the model's server where one was told. */
export interface AcpFailure {
  readonly reason: string;
  readonly status?: number;
  /** False when the model was not even asked. */
  readonly asked: boolean;
}

/** Why a prompt that was answered did not succeed; null when it did. */
export function failureOf(reason: StopReason): string | null {
  switch (reason) {
    case 'end_turn':
      return null;
    case 'max_tokens':
      return "the answer was cut off at the model's limit of tokens";
    case 'max_turn_requests':
      return 'the agent reached its limit of model requests in one turn';
    case 'refusal':
      return 'the model refused to go on';
    case 'cancelled':
      return 'interrupted';
  }
}

/**
 * A failure told as if the model had said it: a last piece of text of its own that begins with `Error:`, in an answer without
 * any tokens (Copilot 1.0.102 ends a refused account so). Null otherwise.
 */
export function failureInWords(lastPiece: string, counted: boolean): AcpFailure | null {
  const words = lastPiece.trim();
  if (counted || !words.startsWith('Error:')) return null;
  return { reason: oneLine(words), ...statusIn(words), asked: true };
}

/** What an error of the protocol, or of the agent's process, says. @param program the agent's command. */
export function failureFrom(error: unknown, program: string): AcpFailure {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof RequestError)) return { reason: `${program}: ${message}`, asked: true };
  if (error.code === AUTHENTICATION_REQUIRED)
    return { reason: `${program} is not logged in: ${message}`, status: UNAUTHORIZED, asked: false };
  const words = `${program}: ${oneLine(wordsOf(message))}`;
  // Gemini gives the status of its server as the code of the error.
  if (error.code >= 400 && error.code < 600) return { reason: words, status: error.code, asked: true };
  return { reason: words, ...statusIn(message), asked: true };
}

function statusIn(words: string): { readonly status?: number } {
  const status = /\(?HTTP (\d{3})\)?/.exec(words)?.[1];
  return status === undefined ? {} : { status: Number(status) };
}

/** The sentence inside an error that a server wrote as JSON. */
function wordsOf(message: string): string {
  if (!message.startsWith('{')) return message;
  try {
    const parsed = JSON.parse(message) as { readonly error?: { readonly message?: unknown } };
    return typeof parsed.error?.message === 'string' ? parsed.error.message : message;
  } catch {
    // Only looks like JSON: shown as it is.
    return message;
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}
