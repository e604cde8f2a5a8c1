import { z } from 'zod';

/** What is looked at, in this order (spec 03 §5.7). */
export const DOCTOR_CATEGORIES = [
  'dependencies',
  'config',
  'structure',
  'databases',
  'consistency',
  'agents',
  'merge',
  'logs',
  'version',
  'ecosystem',
  'providers',
  'watchdog',
  'serve',
] as const;
export const DoctorCategory = z.enum(DOCTOR_CATEGORIES);
export type DoctorCategory = z.infer<typeof DoctorCategory>;

/** One check. The id stays the same over runs, so that one check can be fixed alone. */
export const DoctorCheck = z.object({
  id: z.string(),
  name: z.string(),
  category: DoctorCategory,
  status: z.enum(['pass', 'warn', 'fail']),
  /** One line: what is wrong and what to do. */
  message: z.string(),
  details: z.array(z.string()),
  /** What the fix would do, in one line; null when there is none. */
  fix: z.string().nullable(),
});
export type DoctorCheck = z.infer<typeof DoctorCheck>;

export const DoctorSummary = z.object({ pass: z.number().int(), warn: z.number().int(), fail: z.number().int() });

export const RunDoctorInput = z.object({ categories: z.array(DoctorCategory).max(20).optional() });
export type RunDoctorInput = z.infer<typeof RunDoctorInput>;

export const FixDoctorInput = RunDoctorInput.extend({
  /** The checks to mend; without it all that can be. */
  ids: z.array(z.string().max(200)).max(200).optional(),
});
export type FixDoctorInput = z.infer<typeof FixDoctorInput>;

export const DoctorReport = z.object({ checks: z.array(DoctorCheck), summary: DoctorSummary });
export type DoctorReport = z.infer<typeof DoctorReport>;

/** The report after mending, with one line for each thing done and each that could not be. */
export const FixReport = DoctorReport.extend({ fixed: z.array(z.string()), notFixed: z.array(z.string()) });
export type FixReport = z.infer<typeof FixReport>;
