import { join } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { errorLine } from '../util/files.ts';
import { type GuardFacts, guardFactsPath } from './guardFacts.ts';
import { guardSettings } from './guardHooks.ts';

/**
 * Writes the guard's facts and the settings a launch passes on. Returns the settings file's path; nothing outside of the
 * agent's own state folder is touched (spec 02 §3.10; real-agents.md §5).
 */
export async function writeGuardFiles(overstoryDirectory: string, facts: GuardFacts): Promise<Result<string>> {
  const folder = join(overstoryDirectory, 'agents', facts.agentName);
  const settings = join(folder, 'settings.json');
  try {
    await writeFileAtomic(guardFactsPath(overstoryDirectory, facts.agentName), formatted(facts));
    await writeFileAtomic(settings, formatted(guardSettings(facts.agentName, facts.capability)));
    return ok(settings);
  } catch (error) {
    return fail(
      'agent',
      `the guards of ${facts.agentName} cannot be written (${errorLine(error)}); check space and permissions`,
    );
  }
}

function formatted(value: unknown): string {
  return `${JSON.stringify(value, null, '\t')}\n`;
}
