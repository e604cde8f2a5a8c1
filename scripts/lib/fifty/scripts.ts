import type { Piece } from './cast.ts';

/** What one agent of the pictures does in its turn, as steps of a rehearsal (docs/rehearsal.md); most then go on until they are stopped. */
const STEPS: Readonly<Record<string, string>> = {
  'BS-11': `
  - say: The banks send three kinds of files under one name. I look at the first bytes and not at the ending.
  - read: src/import/statements/quarterly/attachments/readAttachmentsOfQuarterlyStatements.ts
  - run: node --test test/money.test.ts
  - append:
      path: src/import/statements/quarterly/attachments/readAttachmentsOfQuarterlyStatements.ts
      content: |

        /** What a file is, by its first bytes: names lie. */
        export function kindOf(start: Uint8Array): 'pdf' | 'xml' | 'csv' {
          const text = new TextDecoder('latin1').decode(start.subarray(0, 64));
          if (text.startsWith('%PDF-')) return 'pdf';
          return text.trimStart().startsWith('<') ? 'xml' : 'csv';
        }
  - run: "git diff --stat HEAD~1"
  - say: "Both XML dialects have the same root element; the namespace tells them apart. Next: the nine attachments above 20 MB, which wait for an answer."
  - run: { command: "grep -rn 'attachment' src | head -5", expect: any }`,
  'BS-12': `
  - say: 1.250 is a thousand and a quarter here, and one and a quarter there. I try both and look at the total below.
  - read: src/money.ts
  - run: { command: "node --test test/BS-12.test.ts", expect: any }
  - append:
      path: src/import/statements/quarterly/attachments/amountsWithCommaOrPoint.ts
      content: |

        /** Both readings of an amount; equal where there is only one. */
        export function readings(text: string): readonly [number, number] {
          const plain = text.replaceAll(/[\\s'’]/g, '');
          return [Number(plain.replaceAll(',', '')), Number(plain.replaceAll('.', '').replace(',', '.'))];
        }
  - run: "git status --short"
  - say: 212 of 61,204 lines can be read both ways, and in 209 of them the total decides.`,
  'BS-13': `
  - say: Exact sums first.
  - read: src/import/match.ts
  - run: "git log --oneline -3"
  - append: { path: src/import/match.ts, content: "\\nexport const ORDER = ['sum', 'reference', 'customer'] as const;\\n" }
  - run: node --test test/money.test.ts
  - say: 97.4 % are matched without anybody; the rest needs the reference.`,
  'BS-16': `
  - say: Nothing may be sent while the archive comes in. I put the hold in first.
  - read: src/reminders/hold.ts
  - append: { path: src/reminders/hold.ts, content: "\\n/** Held until this day, whatever else says that a reminder is due. */\\nexport const HELD_UNTIL = '2026-12-01';\\n" }
  - run: "git diff --stat HEAD~1"
  - say: 2019 and 2020 are in, 20,118 statements; eleven have no customer and are listed in left.csv.`,
  'BS-21': `
  - say: A line is rounded half to even, a total half up.
  - read: src/tax/rounding.ts
  - run: { command: "node --test test/BS-21.test.ts", expect: any }
  - say: One question is open and waits for a person.`,
  'BS-41': `
  - say: "המספרים נשארים משמאל לימין גם בתוך משפט בעברית: 1,250.00"
  - read: src/text/direction.ts
  - append: { path: src/text/direction.ts, content: "\\nexport const ISOLATE = ['\\\\u2068', '\\\\u2069'] as const;\\n" }
  - run: "git status --short"
  - say: "Each amount is isolated, so that a sentence may run the other way around it."`,
  'BS-44': `
  - say: Thin spaces in French, points in German, an apostrophe in Swiss German.
  - read: src/text/numbers.ts
  - run: node --test test/money.test.ts
  - cost: 0.37`,
  'BS-52': `
  - say: I look for names in everything that is written to a log.
  - run: { command: "grep -rn 'customer' src | head -6", expect: any }
  - append: { path: src/log/redact.ts, content: "\\nexport const MASK = '(customer)';\\n" }
  - commit: Names never reach a log line
  - cost: 0.28`,
};
/** Whose turn ends by itself. */
const RESTING: ReadonlySet<string> = new Set(['BS-44', 'BS-52']);

/** The spec of a piece of work: what is wanted and, for who works in the pictures, what its agent does. */
export function specOf({ id, title, files, did }: Piece): string {
  const words = `# ${title}\n\nFiles: ${files.map((file) => `\`${file}\``).join(', ')}\n\nDone when: ${did}\n`;
  const steps = STEPS[id];
  if (steps === undefined) return words;
  return `${words}\n\`\`\`rehearsal\nstart:${steps}${RESTING.has(id) ? '' : '\n  - hang'}\n\`\`\`\n`;
}
