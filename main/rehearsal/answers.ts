import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { fail, ok, type Result } from '../../contract/result.ts';

/** One prepared answer to a question asked by the print command. */
const Answer = z.strictObject({
  /** Every one of these texts has to be in the question; left out: any question. */
  when: z.union([z.string(), z.array(z.string())]).default([]),
  answer: z.string().default(''),
  /** Exit code. */
  exit: z.number().int().min(0).max(255).default(0),
  /** Milliseconds it thinks first. */
  sleep: z.number().int().min(0).max(3_600_000).default(0),
});
export type Answer = z.infer<typeof Answer>;
const Answers = z.array(Answer);

/** The first prepared answer that fits a question; null when none does. An error says what is wrong with the file. */
export async function preparedAnswer(path: string, question: string): Promise<Result<Answer | null>> {
  let document: unknown;
  try {
    document = parse(await readFile(path, 'utf8'));
  } catch (error) {
    return fail('validation', `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const answers = Answers.safeParse(document ?? []);
  if (!answers.success) {
    const [issue] = answers.error.issues;
    return fail('validation', `${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a list of answers'}`);
  }
  const found = answers.data.find(({ when }) => [when].flat().every((text) => question.includes(text)));
  return ok(found ?? null);
}
