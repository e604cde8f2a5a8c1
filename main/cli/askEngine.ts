/**
 * One exchange with a running engine in the fewest steps: hello and questions leave in one write, the answers are taken as
 * they come, and that is all. No library, no schema, no promise more than needed: an agent waits for each of its calls.
 * Everything out of the ordinary ends in null, and the whole command line asks again in its own way.
 */
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { LIMITS } from '../../contract/limits.ts';
import type { CallError } from '../../contract/result.ts';
import { PRODUCT_VERSION, PROTOCOL_VERSION } from '../../contract/version.ts';
import { readServerMessage, readWelcome, type ServerMessage } from '../../contract/wire/serverMessages.ts';
import { parseJson } from '../../contract/wire/texts.ts';
import { engineInfoPath, parseEngineInfo } from '../core/lease/engineInfo.ts';
import { createSocketFrameReader, encodeSocketFrame } from '../platform/socketFrames.ts';

/** A call with its input, or the present state of a topic. */
export type Question = { readonly call: string; readonly input: unknown } | { readonly topic: string };

/** Milliseconds until an engine that says nothing is left to the whole command line, which waits longer and says so. */
const PATIENCE_MS = 5_000;

/** Answers in the order of the questions; null when the engine cannot be asked, or one question has no good answer. */
export async function askEngine(
  projectRoot: string,
  questions: readonly Question[],
): Promise<readonly unknown[] | null> {
  const engine = findEngine(projectRoot);
  if (engine === null) return null;
  // Loaded only now, because the guard starts with this file too and asks nobody; and not by an import, which reads every
  // export of the module and with them what those load.
  const { connect } = process.getBuiltinModule('node:net');
  return new Promise((resolve) => {
    const answers = new Map<number, unknown>();
    const parts: string[] = [];
    let welcomed = false;
    let characters = 0;
    const end = (result: readonly unknown[] | null): void => {
      clearTimeout(patience);
      socket.destroy();
      resolve(result);
    };
    const reader = createSocketFrameReader(LIMITS.frameBytes);
    const send = (message: object): void => void socket.write(encodeSocketFrame(JSON.stringify(message)).bytes);
    const take = (index: number, answer: unknown): void => {
      if (index < 0) return;
      answers.set(index, answer);
      if (answers.size === questions.length) end(questions.map((_question, at) => answers.get(at)));
    };
    const onMessage = (message: ServerMessage | null): void => {
      if (message?.t === 's') {
        const value = goodValue(message.r);
        if (value === null) end(null);
        else take(Number(message.i), value.value);
      } else if (message?.t === 'snapshot') {
        take(
          questions.findIndex((question) => 'topic' in question && question.topic === message.topic),
          message.state,
        );
      } else if (message?.t === 'part') {
        parts.push(message.text);
        if (!message.more) onMessage(readServerMessage(parseJson(parts.splice(0).join(''))));
      } else if (message?.t !== 'delta') end(null);
    };
    const onText = (text: string): void => {
      const json = parseJson(text);
      if (!welcomed) {
        welcomed = readWelcome(json)?.t === 'welcome';
        if (!welcomed) end(null);
        return;
      }
      characters += text.length;
      onMessage(readServerMessage(json));
      // A large state comes in pieces, and the next only when this many characters are known to have been read.
      if (characters >= LIMITS.textSeenCharacters && !socket.destroyed) send({ t: 'seen', characters });
    };
    const socket: Socket = connect({ path: engine.socket });
    const patience = setTimeout(() => end(null), PATIENCE_MS);
    socket.on('error', () => end(null));
    socket.on('close', () => end(null));
    socket.on('data', (chunk: Buffer) => {
      const wrong = reader.push(chunk, (frame) => {
        if (typeof frame === 'string' && !socket.destroyed) onText(frame);
      });
      if (wrong !== null) end(null);
    });
    socket.cork();
    send({ t: 'hello', protocol: PROTOCOL_VERSION, contract: 'room', build: PRODUCT_VERSION, token: engine.token });
    for (const [index, question] of questions.entries())
      send(
        'topic' in question
          ? { t: 'subscribe', topic: question.topic }
          : { t: 'q', i: String(index), m: question.call, a: [question.input, index + 1] },
      );
    socket.uncork();
  });
}

/** The engine that says it holds the project. Whether it lives is seen by asking it. */
function findEngine(projectRoot: string): { readonly socket: string; readonly token: string } | null {
  try {
    const info = parseEngineInfo(JSON.parse(readFileSync(engineInfoPath(projectRoot), 'utf8')));
    return info?.protocol === PROTOCOL_VERSION ? info : null;
  } catch {
    // None has been started here, or what it left cannot be read: the whole command line knows what to do.
    return null;
  }
}

/** The value of a call that went well; wrapped, because the value itself may be null. */
function goodValue(result: unknown): { readonly value: unknown } | null {
  const answer = result as { readonly ok?: unknown; readonly value?: unknown; readonly error?: CallError } | null;
  return answer?.ok === true ? { value: answer.value } : null;
}
