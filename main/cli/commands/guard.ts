import type { Command } from 'commander';
import { answerGuardCall } from '../guardCall.ts';

/** `ov guard`, as a runtime's hook calls it (spec 02 §3.10). The call itself is in `guardCall.ts`, which needs no command line. */
export function registerGuard(program: Command): void {
  program
    .command('guard', { hidden: true })
    .requiredOption('--agent <name>', 'agent whose limits apply')
    .action((options: { readonly agent: string }) => answerGuardCall(options.agent));
}
