import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CorpusRow, HOSTILE, type Verdict } from './guardCorpus.testData.ts';
import { ORDINARY } from './guardCorpusOrdinary.testData.ts';
import { decideToolCall, type GuardPolicy } from './guardDecision.ts';

const ROOT = '/home/me/project';
const WORKTREE = `${ROOT}/.overstory/worktrees/b1`;

/** In this worktree `link` leads to /etc, and there is no folder `nowhere`. */
function policy(capability: string): GuardPolicy {
  return {
    agentName: 'b1',
    capability,
    worktree: WORKTREE,
    projectRoot: ROOT,
    taskId: 'task-1',
    qualityGates: ['npm test'],
    scratchFolders: ['/tmp'],
    variables: { HOME: '/home/me', OVERSTORY_WORKTREE_PATH: WORKTREE },
    canonical: (path) => resolve(path.replace(`${WORKTREE}/link`, '/etc')),
    isFolder: (path) => !path.endsWith('nowhere'),
  };
}

function decide(command: string, capability: string) {
  return decideToolCall({ toolName: 'Bash', input: { command }, cwd: WORKTREE }, policy(capability));
}

function verdictOf(command: string, capability: string): Verdict {
  const decision = decide(command, capability);
  return !decision.allow ? 'refused' : decision.advisory === undefined ? 'allowed' : 'advisory';
}

const titled = (rows: readonly CorpusRow[]) =>
  rows.map(([command, builder, scout, why]) => ({ command, builder, scout, why }));

describe('the corpus of hostile commands', () => {
  it('has at least 150 of them, and 60 ordinary ones, each once', () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(150);
    expect(ORDINARY.length).toBeGreaterThanOrEqual(60);
    const commands = [...HOSTILE, ...ORDINARY].map(([command]) => command);
    expect(new Set(commands).size).toBe(commands.length);
  });

  it.each(titled(HOSTILE))(
    '$command is $builder to a builder, $scout to a scout: $why',
    ({ command, builder, scout }) => {
      expect({ builder: verdictOf(command, 'builder'), scout: verdictOf(command, 'scout') }).toEqual({
        builder,
        scout,
      });
    },
  );

  it('gives every refusal and every advice in one line', () => {
    for (const [command] of HOSTILE) {
      for (const capability of ['builder', 'scout']) {
        const decision = decide(command, capability);
        const line = decision.allow ? (decision.advisory ?? 'fine') : decision.reason;
        expect(line.split('\n'), command).toHaveLength(1);
        expect(line).not.toBe('');
      }
    }
  });
});

describe('the corpus of ordinary commands', () => {
  it.each(titled(ORDINARY))(
    '$command is $builder to a builder, $scout to a scout: $why',
    ({ command, builder, scout }) => {
      expect({ builder: verdictOf(command, 'builder'), scout: verdictOf(command, 'scout') }).toEqual({
        builder,
        scout,
      });
    },
  );

  it('refuses none of them to a builder', () => {
    expect(ORDINARY.filter(([, builder]) => builder === 'refused')).toEqual([]);
  });
});

/** Another way to write a word that the shell reads as the same. */
function writings(word: string): fc.Arbitrary<string> {
  const letters = [...word].map((letter) =>
    fc.constantFrom(
      letter,
      `'${letter}'`,
      `"${letter}"`,
      `\\${letter}`,
      `''${letter}`,
      `$'\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}'`,
      `$'\\${letter.charCodeAt(0).toString(8).padStart(3, '0')}'`,
      `${letter}\\\n`,
      `$"${letter}"`,
      ...(/[a-z]/.test(letter) ? [`{${letter}..${letter}}`] : []),
    ),
  );
  return fc.tuple(...letters).map((parts) => parts.join(''));
}

describe('a refused command stays refused', () => {
  const surroundings = fc.constantFrom<(line: string) => string>(
    (line) => line,
    (line) => `true; ${line}`,
    (line) => `cd src && ${line}`,
    (line) => `(${line})`,
    (line) => `{ ${line}; }`,
    (line) => `echo "$(${line})"`,
    (line) => `if true; then ${line}; fi`,
    (line) => `for i in 1 2; do ${line}; done`,
    (line) => `cat <<EOF\n$(${line})\nEOF`,
    (line) => `echo x | ${line}`,
    (line) => `case a in a) ${line};; esac`,
    (line) => `f() { ${line}; }; f`,
    (line) => `echo \${X:-$(${line})}`,
    (line) => `sh -c '${line.replaceAll("'", `'\\''`)}'`,
    (line) => `# a comment\n${line} # and another`,
  );
  /** Only before a simple command: the shell knows no `env ( ... )`. */
  const before = fc.constantFrom(
    '',
    'env A=b ',
    'timeout 5 nice ',
    'A=b ',
    '! ',
    'command ',
    'time -p ',
    '>/dev/null ',
  );
  const space = fc.constantFrom(' ', '  ', '\t', ' \\\n ');

  it.each([
    ['git', 'push'],
    ['git', 'stash'],
    ['rm', '-rf', '/etc'],
    ['sd', 'close', 'other-task'],
  ])('%s %s however it is quoted and wherever it stands', (...words) => {
    const line = fc
      .tuple(fc.tuple(...words.map(writings)), fc.array(space, { minLength: 3, maxLength: 3 }))
      .map(([written, spaces]) => written.map((word, index) => (index === 0 ? word : spaces[index] + word)).join(''));
    fc.assert(
      fc.property(line, before, fc.array(surroundings, { maxLength: 3 }), (written, prefix, around) => {
        const whole = around.reduce((inner, wrap) => wrap(inner), prefix + written);
        expect(decide(whole, 'builder').allow, whole).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  it('whatever harmless text stands in quotes beside it', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((each) => each.replaceAll("'", ''));
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(decide(`echo '${before}'; git push; echo '${after}'`, 'builder').allow).toBe(false);
        expect(decide(`echo '${before}' '${after}'`, 'builder').allow).toBe(true);
      }),
    );
  });

  it('always comes to an end, whatever it is given', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.constantFrom(
        '$(',
        ')',
        '`',
        '"',
        "'",
        '((',
        '))',
        '<<EOF\n',
        'EOF\n',
        '${',
        '}',
        '[[',
        ']]',
        '>',
        '\\',
        '\n',
        ';',
        '|',
        '&&',
        '{a,',
        'for ',
        'case x in ',
        'esac',
        '\u00a0',
        '<(',
        '=(',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        decide(pieces.join(''), 'builder');
      }),
      { numRuns: 1_000 },
    );
  });
});
