import type { Command } from 'commander';
import { DOCTOR_CATEGORIES, DoctorCategory, type DoctorCheck, type FixReport } from '../../../contract/doctor.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { createDoctor, type Doctor } from '../../core/doctor/doctor.ts';
import { invocationOf, withCommonOptions } from '../command.ts';
import { failWith, succeed } from '../output.ts';
import { requireEngine, requireProject } from '../project.ts';

/** Milliseconds mending may take: snapshots of large worktrees. */
const FIX_MS = 300_000;
const ICONS: Readonly<Record<DoctorCheck['status'], string>> = { pass: '-', warn: '!', fail: 'x' };

interface DoctorFlags {
  readonly category?: string;
  readonly fix?: boolean;
  readonly verbose?: boolean;
}

/** `ov doctor` (spec 03 §5.7). It looks by itself, so that it works where no engine can start. */
export function registerDoctor(program: Command): void {
  withCommonOptions(program.command('doctor'))
    .description(
      'look over the project: programs, settings, files, databases, worktrees; exit code 1 while a check fails',
    )
    .option('--category <name>', `only one of ${DOCTOR_CATEGORIES.join(', ')}`)
    .option('--fix', 'mend what can be mended safely, then look again')
    .option('--verbose', 'checks that pass too')
    .action(async (options: DoctorFlags, command: Command) => {
      const invocation = invocationOf(command);
      const categories = categoriesOf(options.category);
      if (!categories.ok) return failWith(invocation, categories.error);
      const project = await requireProject(invocation.project);
      if (!project.ok) return failWith(invocation, project.error);
      const doctor = createDoctor({
        projectRoot: project.value,
        environment: process.env,
        thorough: true,
        removeWorktree: null,
        lastTickAt: () => null,
      });
      const report =
        options.fix === true
          ? await mend(doctor, project.value, categories.value)
          : ok({ ...(await doctor.run(categories.value)), fixed: [], notFixed: [] });
      if (!report.ok) return failWith(invocation, report.error);
      const { checks, summary, fixed, notFixed } = report.value;
      const mended = options.fix === true ? { fixed, notFixed } : {};
      const verbose = options.verbose === true || command.optsWithGlobals().verbose === true;
      const listed = checks.map((check) => ({ ...check, fixable: check.fix !== null }));
      succeed(invocation, 'doctor', { checks: listed, summary, ...mended }, describeReport(report.value, verbose));
      if (summary.fail > 0) process.exitCode = 1;
    });
}

/** Through the engine where one can be had, whose vault keeps what is taken away; alone where none can start. */
async function mend(
  doctor: Doctor,
  projectRoot: string,
  categories: { readonly categories?: DoctorCategory[] },
): Promise<Result<FixReport>> {
  const client = await requireEngine(projectRoot);
  if (!client.ok) return ok(await doctor.fix(categories));
  try {
    const mended = await client.value.call('doctor.fix', categories, { timeoutMs: FIX_MS });
    if (!mended.ok) return mended;
    // Looked at again from here, where large databases are looked through.
    return ok({ ...mended.value, ...(await doctor.run(categories)) });
  } finally {
    client.value.close();
  }
}

function categoriesOf(name: string | undefined): Result<{ readonly categories?: DoctorCategory[] }> {
  if (name === undefined) return ok({});
  const category = DoctorCategory.safeParse(name);
  if (category.success) return ok({ categories: [category.data] });
  return fail('validation', `there is no category "${name}": use one of ${DOCTOR_CATEGORIES.join(', ')}`, {
    field: 'category',
  });
}

/** The report for a person: by category, without what passes unless asked for (spec 03 §5.7). */
export function describeReport(report: FixReport, verbose: boolean): string[] {
  const lines: string[] = [];
  for (const category of DOCTOR_CATEGORIES) {
    const shown = report.checks.filter((check) => check.category === category && (verbose || check.status !== 'pass'));
    if (shown.length === 0) continue;
    lines.push(category);
    for (const { status, name, message, details, fix } of shown) {
      lines.push(`  ${ICONS[status]} ${name}: ${message}`);
      lines.push(...details.map((detail) => `      → ${detail}`));
      if (fix !== null) lines.push(`      fix: ${fix} (ov doctor --fix)`);
    }
  }
  const { pass, warn, fail: failed } = report.summary;
  lines.push(`${counted(pass, 'check')} passed, ${counted(warn, 'warning')}, ${counted(failed, 'failure')}`);
  if (report.fixed.length > 0) lines.push('Fixed:', ...report.fixed.map((line) => `  ${line}`));
  if (report.notFixed.length > 0) lines.push('Not fixed:', ...report.notFixed.map((line) => `  ${line}`));
  return lines;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
