import { displayWidth } from './display-width.ts';
import { printableLine } from './printable.ts';

/** Rows in aligned columns, two spaces between them, each row on its line. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(printableLine));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => displayWidth(row[column] ?? ''))));
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - displayWidth(cell))))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
