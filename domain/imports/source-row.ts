/** A place in a file of prompts. Rows and lines count from 1; the header of a CSV file is row 0. */
export interface RowPlace {
  readonly row: number;
  readonly line: number;
}

/** One row of a file of prompts, or what is wrong with it. */
export type SourceRow = RowPlace &
  (
    | { readonly value: unknown; readonly placeholders?: Placeholders; readonly remark?: string }
    | {
        readonly fault: string;
        /** True when nothing after it can be read. */
        readonly isEnd?: true;
      }
  );

/** How a row marks the places that another tool fills in: `{{ name }}` (PyRIT) or `{generator.name}` (garak). */
export type Placeholders = 'jinja' | 'garak';

/** A reader that is fed a file piece by piece and keeps no more than the row that it is in. */
export interface RowReader {
  push(chunk: string): readonly SourceRow[];
  /** What is left at the end of the file. */
  end(): readonly SourceRow[];
}

/** Of one row. What is longer is counted but not kept, so that no row can fill the memory. */
export const maxRowChars = 1_000_000;

export const rowTooLong = `has more than ${maxRowChars.toLocaleString('en')} characters`;

/** What JSON.parse says of a row, without positions that count from the row and not from the file. */
export function jsonFault(error: unknown): string {
  return error instanceof Error ? error.message.replace(/ \(line \d+ column \d+\)/, '').slice(0, 120) : 'syntax error';
}
