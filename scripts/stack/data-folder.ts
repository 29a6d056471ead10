import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeFolderAtEnd } from './watchdog.ts';

/** The root of the checkout. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where `npm start` keeps its data: ORDEAL_DATA_DIR, or `.ordeal` in the checkout. */
export function localDataFolder(environment: NodeJS.ProcessEnv): string {
  const folder = path.resolve(root, environment['ORDEAL_DATA_DIR'] || '.ordeal');
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}

/** Makes a data folder that is gone when this process is, also after kill -9. */
export function temporaryDataFolder(name: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `ordeal-${name}-`));
  removeFolderAtEnd(folder);
  return folder;
}
