import { access, constants } from 'node:fs/promises';
import path from 'node:path';

/** What the browser is called on the systems that have it; on macOS it is in no folder of PATH. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'headless_shell'] as const;
const macPaths = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];

export interface ChromiumPlaces {
  /** What the operator said; then nothing else is looked for. */
  readonly told: string | undefined;
  /** Folders as in PATH. */
  readonly searchPath: string | undefined;
}

/** The path of Chromium; undefined where there is none that can be run. */
export async function findChromium({ told, searchPath = '' }: ChromiumPlaces): Promise<string | undefined> {
  const folders = searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const candidates =
    told === undefined || told === ''
      ? [...folders.flatMap((folder) => names.map((name) => path.join(folder, name))), ...macPaths]
      : [told];
  for (const candidate of candidates) {
    // The first that is there ends the search.
    // oxlint-disable-next-line no-await-in-loop
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
