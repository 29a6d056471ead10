import { existsSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { dataFolder } from './data-folder.ts';
import type { RowResult, VerdictRow } from './row.ts';

/**
 * Prints one table of every detector against its labelled data set and exits 1 when a row misses its floor.
 *
 * Arguments filter rows by a part of their id. Deterministic detectors only: no network, no language model.
 */
async function main(filters: readonly string[]): Promise<number> {
  const folder = dataFolder();
  const rows = (await loadRows()).filter((row) => filters.length === 0 || filters.some((part) => row.id.includes(part)));
  const table: string[][] = [['row', 'data', 'measure', 'figure', 'CV', 'must reach', 'ok?', 'ms', 'detail']];
  let missed = 0;
  let skipped = 0;
  for (const row of rows) {
    const absent = row.datasets.filter((name) => !existsSync(join(folder, name)));
    if (absent.length > 0) {
      skipped += 1;
      table.push(describeRow(row, { figure: '', cv: '', ok: 'skipped', ms: '', detail: `no data folder ${absent.join(', ')}` }));
      continue;
    }
    const startedAt = performance.now();
    const result = await row.run(folder);
    const ms = String(Math.round(performance.now() - startedAt));
    if (!result.isMet) missed += 1;
    table.push(describeRow(row, { ...describeResult(result), ms }));
  }
  console.log(`data: ${folder}\n${renderTable(table)}`);
  console.log(
    `machine: ${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.versions.node}, ${process.platform} ${process.arch}`,
  );
  console.log(`${rows.length} rows, ${missed} below their floor, ${skipped} skipped`);
  return missed === 0 ? 0 : 1;
}

/** Imports every `rows/*.ts` in the order of their names; a file without a `row` is a mistake and says so. */
async function loadRows(): Promise<VerdictRow[]> {
  const folder = join(dirname(fileURLToPath(import.meta.url)), 'rows');
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .toSorted();
  const rows: VerdictRow[] = [];
  for (const name of names) {
    const module = (await import(pathToFileURL(join(folder, name)).href)) as { row?: VerdictRow };
    if (module.row === undefined) throw new Error(`bench/verdicts/rows/${name} exports no "row"`);
    rows.push(module.row);
  }
  return rows;
}

function describeResult(result: RowResult): { figure: string; cv: string; ok: string; detail: string } {
  return {
    figure: result.figure.toFixed(3),
    cv: result.crossValidated === null ? 'none' : result.crossValidated.toFixed(3),
    ok: result.isMet ? 'yes' : 'NO',
    detail: result.detail,
  };
}

function describeRow(row: VerdictRow, cells: { figure: string; cv: string; ok: string; ms: string; detail: string }): string[] {
  const mustReach = row.requirement ?? `≥ ${row.floor.toFixed(2)}`;
  return [row.id, row.datasets.join(', '), row.measure, cells.figure, cells.cv, mustReach, cells.ok, cells.ms, cells.detail];
}

function renderTable(table: readonly (readonly string[])[]): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((cells) => (cells[column] ?? '').length)));
  return table
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

process.exitCode = await main(process.argv.slice(2));
