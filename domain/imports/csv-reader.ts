import { maxRowChars, rowTooLong, type RowPlace, type RowReader, type SourceRow } from './source-row.ts';

/**
 * Reads CSV as RFC 4180 has it: the rows are objects by the names of the header. A broken quote ends the reading, because
 * nobody can tell where the next row begins; the rows before it are out already, and the fault names its row.
 */
export function createCsvReader(): RowReader {
  return new CsvReader();
}

/** Where the reader stands: `start` of a field, in a `plain` or `quoted` one, or behind the `closing` quote. */
type State = 'start' | 'plain' | 'quoted' | 'closing';

class CsvReader implements RowReader {
  private state: State = 'start';
  private fields: string[] = [];
  private parts: string[] = [];
  private rowChars = 0;
  private isTooLong = false;
  private looseQuotes = 0;
  private row = 0;
  private line = 1;
  private rowLine = 1;
  private header: readonly string[] | undefined;
  private isAfterReturn = false;
  private isBroken = false;

  push(chunk: string): readonly SourceRow[] {
    const rows: SourceRow[] = [];
    let at = 0;
    while (at < chunk.length && !this.isBroken) {
      if (this.state === 'quoted') {
        at = this.takeQuoted(chunk, at);
        continue;
      }
      const next = endOfPlain(chunk, at);
      if (next > at) this.takePlain(chunk.slice(at, next), rows);
      else {
        this.takeControl(chunk.charAt(at), rows);
        at += 1;
      }
      at = Math.max(at, next);
    }
    return rows;
  }

  end(): readonly SourceRow[] {
    const rows: SourceRow[] = [];
    if (this.isBroken) return rows;
    if (this.state === 'quoted') this.breakOff('opens a quote that is never closed', rows);
    else this.endRow(rows);
    return rows;
  }

  private takePlain(text: string, rows: SourceRow[]): void {
    this.isAfterReturn = false;
    if (this.state === 'closing') {
      this.breakOff('has text after a closing quote: a quote is broken', rows);
      return;
    }
    this.state = 'plain';
    this.keep(text);
  }

  /** Takes the text up to the next quote; returns where to go on. */
  private takeQuoted(chunk: string, from: number): number {
    const quote = chunk.indexOf('"', from);
    const text = chunk.slice(from, quote === -1 ? chunk.length : quote);
    this.keep(text);
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.line += 1;
    if (quote === -1) return chunk.length;
    this.state = 'closing';
    return quote + 1;
  }

  /** Takes a quote, a comma or a half of a line break. */
  private takeControl(character: string, rows: SourceRow[]): void {
    const wasAfterReturn = this.isAfterReturn;
    this.isAfterReturn = character === '\r';
    if (character === '"') this.takeQuote();
    else if (character === ',') this.endField();
    else if (character === '\r' || !wasAfterReturn) {
      this.endRow(rows);
      this.line += 1;
      this.rowLine = this.line;
    }
  }

  private takeQuote(): void {
    if (this.state === 'start') this.state = 'quoted';
    else if (this.state === 'closing') {
      this.keep('"');
      this.state = 'quoted';
    } else {
      this.looseQuotes += 1;
      this.keep('"');
    }
  }

  private keep(text: string): void {
    this.rowChars += text.length;
    if (this.rowChars > maxRowChars) this.isTooLong = true;
    else this.parts.push(text);
  }

  private endField(): void {
    // A row of separators alone must not grow either.
    this.rowChars += 1;
    if (this.rowChars > maxRowChars) this.isTooLong = true;
    else this.fields.push(this.parts.join(''));
    this.parts = [];
    this.state = 'start';
  }

  private endRow(rows: SourceRow[]): void {
    // A blank line is no row.
    if (this.fields.length === 0 && this.state === 'start') return;
    this.endField();
    const { fields, isTooLong, looseQuotes } = this;
    const place = { row: this.row, line: this.rowLine };
    this.fields = [];
    this.rowChars = 0;
    this.isTooLong = false;
    this.looseQuotes = 0;
    this.row += 1;
    if (this.header !== undefined) {
      rows.push(isTooLong ? { ...place, fault: rowTooLong } : rowOf(fields, this.header, { ...place, looseQuotes }));
      return;
    }
    this.header = fields.map((name) => name.trim());
    const fault = isTooLong ? rowTooLong : headerFault(this.header);
    if (fault === undefined) return;
    this.isBroken = true;
    rows.push({ ...place, fault, isEnd: true });
  }

  private breakOff(fault: string, rows: SourceRow[]): void {
    this.isBroken = true;
    rows.push({ row: this.row, line: this.rowLine, fault: `${fault}; nothing after it can be read`, isEnd: true });
  }
}

function rowOf(
  fields: readonly string[],
  header: readonly string[],
  { looseQuotes, ...place }: RowPlace & { readonly looseQuotes: number },
): SourceRow {
  if (fields.length !== header.length) return { ...place, fault: `has ${fields.length} fields, and the header has ${header.length}` };
  const value = Object.fromEntries(header.map((name, index) => [name, fields[index] ?? '']));
  return looseQuotes === 0
    ? { ...place, value }
    : { ...place, value, remark: 'has a quote inside a field without quotes; taken as it stands' };
}

function headerFault(header: readonly string[]): string | undefined {
  const names = new Set<string>();
  for (const name of header) {
    if (names.has(name)) return `the header has "${name.slice(0, 60)}" twice`;
    names.add(name);
  }
  return undefined;
}

function endOfPlain(chunk: string, from: number): number {
  for (let at = from; at < chunk.length; at += 1) {
    const code = chunk.charCodeAt(at);
    if (code === 44 || code === 34 || code === 10 || code === 13) return at;
  }
  return chunk.length;
}
