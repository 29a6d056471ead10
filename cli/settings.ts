import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { OrdealError } from '../domain/failures.ts';

export interface CliSettings {
  /** Of the API, without a slash at its end. */
  readonly url: string;
  readonly apiKey: string;
}

export interface SettingsSources {
  readonly flags: { readonly url?: string | undefined; readonly apiKey?: string | undefined };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folders in which `npm start` may have left its settings, the first that has them counts. */
  readonly folders: readonly string[];
}

const defaultUrl = 'http://127.0.0.1:8080';
const fileName = 'cli.json';
const fileSchema = z.object({ url: z.string(), apiKey: z.string() });

/** Where `npm start` leaves url and key of the local stack, for this command to find. */
export function cliSettingsFile(dataFolder: string): string {
  return path.join(dataFolder, fileName);
}

/** The data folders of a local stack, the nearest first. */
export function localDataFolders(environment: SettingsSources['environment'], cwd: string): string[] {
  const checkout = fileURLToPath(new URL('../', import.meta.url));
  const named = environment['ORDEAL_DATA_DIR'];
  return [
    ...(named === undefined || named === '' ? [] : [path.resolve(checkout, named)]),
    path.join(cwd, '.ordeal'),
    path.join(checkout, '.ordeal'),
  ];
}

/**
 * Url and key, each from the flags, else the environment, else the local stack. A key that belongs to the local stack
 * is not sent to any other address. Throws `invalid_request` that names what is missing.
 */
export function resolveSettings({ flags, environment, folders }: SettingsSources): CliSettings {
  const local = readLocal(folders);
  const url = withoutSlash(given(flags.url) ?? given(environment['ORDEAL_URL']) ?? local?.url ?? defaultUrl);
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new OrdealError(
      'invalid_request',
      `ORDEAL_URL (or --url) must be an address such as ${defaultUrl}, and is ${JSON.stringify(url)}.`,
    );
  }
  const apiKey =
    given(flags.apiKey) ??
    given(environment['ORDEAL_API_KEY']) ??
    (local !== undefined && withoutSlash(local.url) === url ? local.apiKey : undefined);
  if (apiKey === undefined) {
    throw new OrdealError(
      'invalid_request',
      `There is no API key for ${url}. Set ORDEAL_API_KEY; \`npm start\` prints one at its first start.`,
    );
  }
  if (!/^[\x21-\x7e]+$/.test(apiKey)) throw new OrdealError('invalid_request', 'ORDEAL_API_KEY holds characters that no API key has.');
  return { url, apiKey };
}

function given(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === '' ? undefined : trimmed;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

function readLocal(folders: readonly string[]): CliSettings | undefined {
  const file = folders.map(cliSettingsFile).find((candidate) => existsSync(candidate));
  if (file === undefined) return undefined;
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new OrdealError(
      'invalid_request',
      `${file} cannot be read. Delete it, and \`npm start\` writes it anew; or set ORDEAL_URL and ORDEAL_API_KEY.`,
      { cause: error },
    );
  }
}
