/** Scripts of a rehearsed fleet: who slings whom, and what is mailed. */
const fenced = (title: string, yaml: string): string => `# ${title}\n\n\`\`\`rehearsal\n${yaml}\`\`\`\n`;

/** Slings the leads, merges what they report, and completes the run when every part is in. */
export function coordinatorSpec(leads: number, builders: number): string {
  const slings = Array.from(
    { length: leads },
    (_, index) => `  - sling: { task: STREAM-${index + 1}, capability: lead, name: lead-${index + 1} }\n`,
  ).join('');
  return fenced(
    'Parts in streams',
    `start:
  - say: ${leads} streams of ${builders} parts each.
${slings}on:
  merge_ready:
    - merge
    - when:
        value: "{{last.status}}"
        equals: ok
        do:
          - count: merged
          - say: "{{payload.taskId}} is on main ({{last.tier}}), {{count.merged}} of ${leads * builders}."
        else:
          - mail: { to: operator, type: error, priority: high, subject: "{{payload.branch}} does not merge", body: "{{last.output}}" }
  worker_done:
    - count: streams
    - when:
        counter: streams
        equals: "${leads}"
        do:
          - run: node --test
          - ov: [run, complete]
`,
  );
}

/** Slings builders; when all have reported, a reviewer; when that passes, every branch is ready to be merged. */
export function leadSpec(lead: number, builders: number): string {
  const parts = Array.from({ length: builders }, (_, index) => index + 1);
  const slings = parts
    .map(
      (part) =>
        `  - sling: { task: PART-${lead}-${part}, capability: builder, name: builder-${lead}-${part}, flags: [--no-scout-check] }\n`,
    )
    .join('');
  const ready = parts
    .map(
      (part) =>
        `      - mergeReady: { branch: overstory/builder-${lead}-${part}/PART-${lead}-${part}, taskId: PART-${lead}-${part}, agentName: builder-${lead}-${part} }\n`,
    )
    .join('');
  return fenced(
    `Stream ${lead}`,
    `start:
  - say: ${builders} builders, then a review.
${slings}on:
  - type: worker_done
    from: reviewer-${lead}
    steps:
${ready}      - taskDone: Stream ${lead} is reviewed and ready.
  - type: worker_done
    steps:
      - count: built
      - when:
          counter: built
          equals: "${builders}"
          do:
            - sling: { task: REVIEW-${lead}, capability: reviewer, name: reviewer-${lead} }
`,
  );
}

/**
 * A part of its own with its test, and a line in the file all parts share. The first part of a stream removes a line that
 * the second one rewrites, so that one merge a stream needs tier 2.
 */
export function builderSpec(lead: number, part: number): string {
  const name = `part-${lead}-${part}`;
  const stream = `streams/stream-${lead}.mjs`;
  const placeholder =
    part === 1
      ? `  - edit: { path: ${stream}, find: "${PLACEHOLDER}\\n", replace: "" }\n`
      : part === 2
        ? `  - edit: { path: ${stream}, find: "${PLACEHOLDER}", replace: "// Parts of this stream are listed in index.mjs." }\n`
        : '';
  return fenced(
    `Part ${lead}-${part}`,
    `start:
  - read: index.mjs
  - think: 400
  - write: { path: parts/${name}.mjs, content: "export const name = '${name}';\\n" }
  - write: { path: parts/${name}.test.mjs, content: "import test from 'node:test';\\nimport { name } from './${name}.mjs';\\ntest('${name} knows its name', () => {\\n  if (name !== '${name}') throw new Error(name);\\n});\\n" }
  - append: { path: index.mjs, content: "parts.push('${name}');\\n" }
${placeholder}  - run: node --test parts/${name}.test.mjs
  - commit: Part ${lead}-${part}
  - taskDone: Part ${lead}-${part} is built.
`,
  );
}

export function reviewerSpec(lead: number): string {
  return fenced(
    `Review of stream ${lead}`,
    `start:
  - read: index.mjs
  - think: 300
  - taskDone: { summary: "Stream ${lead} reads well.", verdict: PASS }
`,
  );
}

/** A line that stands in every stream until there are parts. */
const PLACEHOLDER = '// Parts: none yet.';

/** Files the fleet begins with: a list that grows at its end, merged by union, and one file a stream. */
export function firstFiles(leads: number): Readonly<Record<string, string>> {
  const streams = Array.from({ length: leads }, (_, index) => [
    `streams/stream-${index + 1}.mjs`,
    `${PLACEHOLDER}\nexport const stream = ${index + 1};\n`,
  ]);
  return {
    'README.md': '# A fleet’s playground\n',
    '.gitattributes': 'index.mjs merge=union\n',
    'index.mjs': 'export const parts = [];\n',
    'all.test.mjs': [
      "import test from 'node:test';",
      "import { parts } from './index.mjs';",
      "test('every part is listed once', () => {",
      "  if (new Set(parts).size !== parts.length) throw new Error('a part is listed twice');",
      '});',
      '',
    ].join('\n'),
    ...Object.fromEntries(streams),
  };
}
