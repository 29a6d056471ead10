import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createCsvReader } from './csv-reader.ts';
import { createJsonArrayReader } from './json-array-reader.ts';
import { createJsonLinesReader, createTextReader } from './line-reader.ts';
import { rowTooLong, type RowReader, type SourceRow } from './source-row.ts';

function read(reader: RowReader, text: string, pieceChars = text.length + 1): readonly SourceRow[] {
  const rows: SourceRow[] = [];
  for (let at = 0; at < text.length; at += pieceChars) rows.push(...reader.push(text.slice(at, at + pieceChars)));
  return [...rows, ...reader.end()];
}

describe('createCsvReader', () => {
  it('reads quotes, line breaks in fields and both kinds of line ends, and counts lines', () => {
    expect(read(createCsvReader(), 'a,b\r\n"1, ""one""\nline",2\n\n3,4')).toEqual([
      { row: 1, line: 2, value: { a: '1, "one"\nline', b: '2' } },
      { row: 2, line: 5, value: { a: '3', b: '4' } },
    ]);
  });

  it('reads back what RFC 4180 writes, in pieces of any size', () => {
    const cell = fc.string().map((text) => text.replaceAll('\r', ''));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell)), fc.integer({ min: 1, max: 9 }), (cells, pieceChars) => {
        const text = ['a,b', ...cells.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(','))].join('\n');
        const values = read(createCsvReader(), text, pieceChars).map((row) => ('value' in row ? row.value : row.fault));
        expect(values).toEqual(cells.map(([a, b]) => ({ a, b })));
      }),
    );
  });

  it('keeps the rows before a quote that is never closed, and names its row', () => {
    const rows = read(createCsvReader(), 'p\n"one"\n"two\nthree\nfour');
    expect(rows).toEqual([
      { row: 1, line: 2, value: { p: 'one' } },
      { row: 2, line: 3, fault: expect.stringContaining('never closed'), isEnd: true },
    ]);
  });

  it('ends at text behind a closing quote', () => {
    const rows = read(createCsvReader(), 'p\none\n"two"x\nthree');
    expect(rows.at(-1)).toMatchObject({ row: 2, line: 3, isEnd: true });
    expect(rows).toHaveLength(2);
  });

  it('refuses a row with too few fields alone, and takes a loose quote as it stands', () => {
    expect(read(createCsvReader(), 'a,b\n1\n5" pipe,x')).toEqual([
      { row: 1, line: 2, fault: 'has 1 fields, and the header has 2' },
      { row: 2, line: 3, value: { a: '5" pipe', b: 'x' }, remark: expect.stringContaining('quote') },
    ]);
  });

  it('refuses a row of 5 MB and goes on behind it', () => {
    const rows = read(createCsvReader(), `p\n"${'x'.repeat(5_000_000)}"\nnext`, 65_536);
    expect(rows).toEqual([
      { row: 1, line: 2, fault: rowTooLong },
      { row: 2, line: 3, value: { p: 'next' } },
    ]);
  });

  it('refuses a header that has a name twice', () => {
    expect(read(createCsvReader(), 'a,a\n1,2')).toEqual([{ row: 0, line: 1, fault: 'the header has "a" twice', isEnd: true }]);
  });
});

describe('createJsonLinesReader', () => {
  it('names a bad line and goes on behind it', () => {
    expect(read(createJsonLinesReader(), '{"p":1}\n\n{"p":\n"text"', 3)).toEqual([
      { row: 1, line: 1, value: { p: 1 } },
      { row: 2, line: 3, fault: expect.stringContaining('is no JSON') },
      { row: 3, line: 4, value: 'text' },
    ]);
  });
});

describe('createTextReader', () => {
  it('takes each line that is not blank, without its line end', () => {
    expect(read(createTextReader(), 'one\r\n \ntwo').map((row) => ('value' in row ? row.value : undefined))).toEqual(['one', 'two']);
  });

  it('refuses a line of 5 MB without keeping it', () => {
    const rows = read(createTextReader(), `${'x'.repeat(5_000_000)}\nnext`, 65_536);
    expect(rows[0]).toEqual({ row: 1, line: 1, fault: rowTooLong });
    expect(rows[1]).toMatchObject({ row: 2, value: 'next' });
  });
});

describe('createJsonArrayReader', () => {
  it('reads the members of any list, in pieces of any size', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 9 }), fc.boolean(), (list, pieceChars, isPretty) => {
        const text = JSON.stringify(list, null, isPretty ? 2 : 0);
        const values = read(createJsonArrayReader(), text, pieceChars).map((row) => ('value' in row ? row.value : row));
        expect(values).toEqual(JSON.parse(text));
      }),
    );
  });

  it('names the member that a list breaks off in', () => {
    expect(read(createJsonArrayReader(), '["one",\n "two')).toEqual([
      { row: 1, line: 1, value: 'one', placeholders: 'garak' },
      { row: 2, line: 2, fault: 'the list breaks off in it', isEnd: true },
    ]);
  });

  it('refuses a member that is no JSON and goes on behind it', () => {
    expect(read(createJsonArrayReader(), '[1, nope, 3]').map((row) => ('value' in row ? row.value : 'fault'))).toEqual([1, 'fault', 3]);
  });
});
