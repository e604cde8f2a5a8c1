import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hasConflict,
  hasContentfulHead,
  hasMarkerLine,
  keepBoth,
  keepIncoming,
  parseConflicts,
  renderSegments,
  type Segment,
  splitLines,
} from './conflictBlocks.ts';

function block(head: string, incoming: string): string {
  return `<<<<<<< HEAD\n${head}=======\n${incoming}>>>>>>> branch\n`;
}

describe('contentful target side', () => {
  it.each([
    ['content', block('mine\n', 'theirs\n'), true],
    ['empty', block('', 'theirs\n'), false],
    ['spaces and tabs', block('  \t\n\t\n', 'theirs\n'), false],
    ['no markers', 'just text\n', false],
    ['second of two blocks', `${block('', 'a\n')}between\n${block('b\n', 'c\n')}`, true],
    ['CRLF content', block('mine\n', 'theirs\n').replaceAll('\n', '\r\n'), true],
    ['CRLF empty', block('', 'theirs\n').replaceAll('\n', '\r\n'), false],
  ])('%s', (_name, text, expected) => {
    expect(hasContentfulHead(text)).toBe(expected);
  });
});

describe('grammar', () => {
  it.each([
    ['six opening characters', '<<<<<< HEAD\n=======\nx\n>>>>>>> b\n'],
    ['eight opening characters', '<<<<<<<< HEAD\n=======\nx\n>>>>>>> b\n'],
    ['opening line without a name', '<<<<<<<\n=======\nx\n>>>>>>> b\n'],
    ['eight separators only', '<<<<<<< HEAD\n========\nx\n>>>>>>> b\n'],
    ['closing line without a name', '<<<<<<< HEAD\n=======\nx\n>>>>>>>\n'],
    ['no closing line', '<<<<<<< HEAD\n=======\nx\n'],
    ['markers inside a line', 'a <<<<<<< HEAD\n=======\nx\nb >>>>>>> b\n'],
  ])('%s is ordinary text', (_name, text) => {
    expect(hasConflict(text)).toBe(false);
    expect(keepIncoming(text)).toBeNull();
    expect(keepBoth(text)).toBeNull();
    expect(renderSegments(parseConflicts(text))).toBe(text);
  });

  it('accepts a last line without a line end', () => {
    expect(keepIncoming('<<<<<<< HEAD\n=======\nx\n>>>>>>> b')).toBe('x\n');
  });

  it('goes on after an opening line that starts nothing', () => {
    const text = `<<<<<<< stray\n${'text\n'}`;
    expect(parseConflicts(text)).toEqual([{ kind: 'text', text }]);
  });

  it('counts the base section of diff3 as the target side', () => {
    const text = '<<<<<<< HEAD\n||||||| base\nold\n=======\nnew\n>>>>>>> b\n';
    expect(hasContentfulHead(text)).toBe(true);
  });
});

describe('resolving', () => {
  it('keeps the branch side of one block and everything around it', () => {
    expect(keepIncoming(`before\n${block('', 'new\n')}after`)).toBe('before\nnew\nafter');
  });

  it('keeps both sides of one and of several blocks', () => {
    expect(keepBoth(block('a\n', 'b\n'))).toBe('a\nb\n');
    expect(keepBoth(`${block('a\n', 'b\n')}mid\n${block('c\n', 'd\n')}`)).toBe('a\nb\nmid\nc\nd\n');
  });

  it('keeps CRLF line ends', () => {
    expect(keepBoth(block('a\n', 'b\n').replaceAll('\n', '\r\n'))).toBe('a\r\nb\r\n');
  });
});

describe('lines that look like markers', () => {
  it.each([
    ['Title\n=======\ntext\n', true],
    ['a\n<<<<<<< HEAD\n', true],
    ['a\r\n>>>>>>> x\r\n', true],
    ['|||||||\n', true],
    ['||||||| base\n', true],
    ['========\n======\n', false],
    ['<<<<<<<\n>>>>>>>\n', false],
    ['', false],
  ])('%j', (text, expected) => {
    expect(hasMarkerLine(text)).toBe(expected);
  });
});

/** Lines that cannot be taken for markers. */
const line = fc
  .string({ maxLength: 12 })
  .map((text) => `${text.replaceAll('\n', ' ').replaceAll('\r', ' ')}`)
  .filter((text) => !/^[<>=|]{7}/.test(text));
const lines = (end: string) => fc.array(line, { maxLength: 5 }).map((all) => all.map((one) => one + end).join(''));

function segmentsWith(end: string): fc.Arbitrary<Segment[]> {
  const conflict = fc.record({
    kind: fc.constant('conflict' as const),
    head: lines(end),
    incoming: lines(end),
    markers: fc.constant([`<<<<<<< HEAD${end}`, `=======${end}`, `>>>>>>> some/branch${end}`] as const),
  });
  const text = lines(end)
    .filter((content) => content !== '')
    .map((content) => ({ kind: 'text' as const, text: content }));
  // Two texts in a row would come back as one.
  return fc.array(fc.tuple(fc.option(text), conflict), { maxLength: 4 }).chain((pairs) =>
    fc.option(text).map((tail) => {
      const all: Segment[] = pairs.flatMap(([before, one]) => (before === null ? [one] : [before, one]));
      return tail === null ? all : [...all, tail];
    }),
  );
}

describe.each([
  ['LF', '\n'],
  ['CRLF', '\r\n'],
])('any merge with %s', (_name, end) => {
  it('comes back from its rendered form', () => {
    fc.assert(
      fc.property(segmentsWith(end), (segments) => {
        expect(parseConflicts(renderSegments(segments))).toEqual(segments);
      }),
    );
  });

  it('never loses a line of the branch, and union keeps the lines of both', () => {
    fc.assert(
      fc.property(segmentsWith(end), (segments) => {
        const text = renderSegments(segments);
        const incoming = keepIncoming(text);
        const both = keepBoth(text);
        const conflicts = segments.filter((segment) => segment.kind === 'conflict');
        if (conflicts.length === 0) {
          expect(incoming).toBeNull();
          expect(both).toBeNull();
          return;
        }
        const wanted = segments.flatMap((one) => splitLines(one.kind === 'text' ? one.text : one.incoming));
        expect(splitLines(incoming ?? '')).toEqual(wanted);
        const all = segments.flatMap((one) => splitLines(one.kind === 'text' ? one.text : one.head + one.incoming));
        expect(splitLines(both ?? '')).toEqual(all);
      }),
    );
  });
});

it('parsing any text and rendering it again changes nothing', () => {
  const marker = fc.constantFrom(
    '<<<<<<< a\n',
    '=======\n',
    '>>>>>>> b\n',
    '||||||| c\n',
    '<<<<<<< a\r\n',
    '=======\r\n',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(marker, fc.string()), { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      expect(renderSegments(parseConflicts(text))).toBe(text);
      expect(splitLines(text).join('')).toBe(text);
    }),
  );
});
