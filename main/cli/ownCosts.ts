import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallError } from '../../contract/result.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { loadConfig } from '../core/config/loadConfig.ts';
import { estimateCost, withDefaults } from '../core/metrics/pricing.ts';
import { sumTranscript } from '../core/metrics/transcript.ts';
import { createRuntimeRegistry } from '../core/runtimes/registry.ts';

/** What the person's own conversation with the project's runtime used (spec 03 §2.4). */
export interface OwnCosts {
  readonly source: 'self';
  readonly transcriptPath: string;
  readonly model: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheCreationTokens: number;
  readonly estimatedCostUsd: number | null;
}

/** Reads the newest conversation in this project that is not an agent's: agents work in folders, or with files, of their own. */
export async function ownCosts(
  projectRoot: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<OwnCosts, CallError>> {
  const loaded = await loadConfig(projectRoot);
  if (!loaded.ok) return loaded;
  const { config } = loaded.value;
  const runtime = config.runtime.default;
  const registry = createRuntimeRegistry({
    uid: process.getuid?.() ?? null,
    environment,
    pi: () => config.runtime.pi,
    acpAgents: () => config.controlRoom.acpAgents,
  });
  const adapter = registry.get(runtime);
  if (!adapter.ok) return adapter;
  const folder = adapter.value.transcriptFolder?.(projectRoot, environment.HOME ?? null) ?? null;
  const transcriptPath = folder === null ? null : await newest(folder);
  if (transcriptPath === null) return fail('notFound', `No transcript found for runtime '${runtime}'`);
  const text = await readFile(transcriptPath, 'utf8');
  const { tokens, model } = adapter.value.countsMessages === true ? sumTranscript(text) : pairOf(text);
  const estimatedCostUsd = estimateCost(model, tokens, withDefaults(config.controlRoom.prices));
  return ok({ source: 'self', transcriptPath, model, ...tokens, estimatedCostUsd });

  function pairOf(content: string): ReturnType<typeof sumTranscript> {
    const read = adapter.ok ? adapter.value.readTranscript?.(content) : null;
    const tokensRead = { inputTokens: read?.inputTokens ?? 0, outputTokens: read?.outputTokens ?? 0 };
    return {
      tokens: { ...tokensRead, cacheReadTokens: 0, cacheCreationTokens: 0 },
      model: read?.model === undefined || read.model === '' ? null : read.model,
    };
  }
}

/** The transcript that was written last; null when there is none. */
async function newest(folder: string): Promise<string | null> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch {
    // No conversation was ever held here.
    return null;
  }
  let found: { readonly path: string; readonly at: number } | null = null;
  for (const name of names) {
    if (!name.endsWith('.jsonl')) continue;
    const path = join(folder, name);
    const at = (await stat(path)).mtimeMs;
    if (found === null || at > found.at) found = { path, at };
  }
  return found?.path ?? null;
}
