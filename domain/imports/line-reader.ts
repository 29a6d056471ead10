import { jsonFault, maxRowChars, rowTooLong, type RowReader, type SourceRow } from './source-row.ts';

/** Reads one prompt per line; blank lines are no rows. */
export function createTextReader(): RowReader {
  return createLineReader((text, place) => ({ ...place, value: text }));
}

/** Reads one JSON value per line; a line that is none is a fault of its own. */
export function createJsonLinesReader(): RowReader {
  return createLineReader((text, place) => {
    try {
      return { ...place, value: JSON.parse(text) };
    } catch (error) {
      return { ...place, fault: `is no JSON: ${jsonFault(error)}` };
    }
  });
}

function createLineReader(rowOf: (text: string, place: { row: number; line: number }) => SourceRow): RowReader {
  let parts: string[] = [];
  let chars = 0;
  let line = 1;
  let row = 0;
  const keep = (text: string): void => {
    chars += text.length;
    if (chars <= maxRowChars) parts.push(text);
  };
  const endLine = (): readonly SourceRow[] => {
    const text = parts.join('').replace(/\r$/, '');
    const isTooLong = chars > maxRowChars;
    const at = line;
    parts = [];
    chars = 0;
    line += 1;
    if (!isTooLong && text.trim() === '') return [];
    row += 1;
    return [isTooLong ? { row, line: at, fault: rowTooLong } : rowOf(text, { row, line: at })];
  };
  return {
    push: (chunk) => {
      const rows: SourceRow[] = [];
      let from = 0;
      for (let newline = chunk.indexOf('\n'); newline !== -1; newline = chunk.indexOf('\n', from)) {
        keep(chunk.slice(from, newline));
        rows.push(...endLine());
        from = newline + 1;
      }
      keep(chunk.slice(from));
      return rows;
    },
    end: endLine,
  };
}
