import fc from 'fast-check';
import { expect, it } from 'vitest';
import { castLine } from '../../platform/castFiles.ts';
import { longestLine, writeOutputLine } from './outputLine.ts';

it('writes the very line that goes through strings, for any text and time', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary-ascii' }));
  fc.assert(
    fc.property(text, fc.double({ min: 0, max: 1e9, noNaN: true }), (data, time) => {
      const bytes = Buffer.from(data);
      const target = Buffer.alloc(longestLine(bytes.length) + 10, 'x');
      const end = writeOutputLine(target, 10, time, bytes);
      expect(target.toString('utf8', 10, end)).toBe(castLine(time, 'o', bytes.toString('utf8')));
    }),
  );
});
