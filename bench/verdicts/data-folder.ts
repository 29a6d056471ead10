import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectFolder = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The folder of labelled data sets: `ORDEAL_DATA`, or `../shared/data` beside the project. */
export function dataFolder(): string {
  return resolve(projectFolder, process.env['ORDEAL_DATA'] ?? '../shared/data');
}

/** Reads a JSON-lines file below the data folder; `parse` receives each line's parsed value. */
export function readJsonLines<T>(folder: string, path: string, parse: (value: unknown) => T): T[] {
  return readFileSync(join(folder, path), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => parse(JSON.parse(line)));
}
