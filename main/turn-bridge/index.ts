#!/usr/bin/env node
import { createInterface } from 'node:readline';
import { runCommandTurn } from './commandTurn.ts';
import { keepGeminiHistory } from './geminiHistory.ts';
import { createLineWriter } from './lines.ts';
import { readOpencodeUsage } from './opencodeUsage.ts';
import { createPiTranslator } from './piLines.ts';

/** Stands in a command for the turn's text (main/core/runtimes/clis/cliAdapter.ts puts it there). */
const PROMPT_PLACE = '{prompt}';
/** Exit codes of claude for the signals that end it (real-agents.md §5 "Kill"). */
const SIGTERM_CODE = 143;
const SIGHUP_CODE = 129;

const interrupt = new AbortController();
process.on('SIGINT', () => interrupt.abort());
process.on('SIGTERM', () => process.exit(SIGTERM_CODE));
process.on('SIGHUP', () => process.exit(SIGHUP_CODE));

process.exit(await main(process.argv.slice(2)));

/**
 * The process of a turn whose runtime has no headless protocol of ours: `turn-bridge text|json|pi -- <command>` runs a one-shot
 * command, `turn-bridge acp [--resume <id>] [--model <name>] [--usage opencode] [--keep-gemini-history] -- <command>` speaks the Agent Client Protocol. The
 * turn's text comes on standard input as claude reads it; what is printed has claude's form.
 */
async function main(argv: readonly string[]): Promise<number> {
  const dashes = argv.indexOf('--');
  const [mode, ...options] = argv.slice(0, dashes === -1 ? argv.length : dashes);
  const command = dashes === -1 ? [] : argv.slice(dashes + 1);
  if (command.length === 0) return complain('usage: turn-bridge text|json|pi|acp [options] -- <command> [arguments]');
  const prompt = await readPrompt();
  if (prompt === null) return complain('turn-bridge: standard input holds no user turn');
  const writer = createLineWriter(process.stdout);
  const code = await runTurn();
  await writer.drained();
  return code;

  async function runTurn(): Promise<number> {
    switch (mode) {
      case 'text':
      case 'json':
      case 'pi':
        return runCommandTurn({
          command,
          place: PROMPT_PLACE,
          prompt: prompt ?? '',
          output: mode === 'text' ? 'text' : 'json',
          translator: mode === 'pi' ? createPiTranslator() : null,
          writer,
          signal: interrupt.signal,
        });
      case 'acp': {
        // Loaded only here: the other modes do not wait for the protocol's library.
        const { runAcpTurn } = await import('./acpTurn.ts');
        const resumeId = optionOf(options, '--resume');
        if (resumeId !== null && options.includes('--keep-gemini-history'))
          await keepGeminiHistory(resumeId, Date.now());
        return runAcpTurn({
          command,
          prompt: prompt ?? '',
          resumeId,
          model: optionOf(options, '--model'),
          cwd: process.cwd(),
          writer,
          signal: interrupt.signal,
          readUsage: optionOf(options, '--usage') === 'opencode' ? readOpencodeUsage : null,
        });
      }
      default:
        return complain(`turn-bridge: unknown mode "${mode ?? ''}"`);
    }
  }
}

function optionOf(options: readonly string[], name: string): string | null {
  const at = options.indexOf(name);
  return at === -1 ? null : (options[at + 1] ?? null);
}

/** The text of the first user turn on standard input; null when there is none. */
async function readPrompt(): Promise<string | null> {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue;
    try {
      const entry = JSON.parse(line) as { readonly message?: { readonly content?: unknown } };
      const content = entry.message?.content;
      const blocks: readonly unknown[] = Array.isArray(content) ? content : [{ text: content }];
      const texts = blocks.map((block) => (block as { readonly text?: unknown } | null)?.text);
      return texts.filter((text) => typeof text === 'string').join('\n');
    } catch {
      // Said by the caller in one line.
      return null;
    }
  }
  return null;
}

function complain(message: string): Promise<number> {
  return new Promise((done) => process.stderr.write(`${message}\n`, () => done(2)));
}
