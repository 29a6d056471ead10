import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { inject } from 'vitest';

import { checkoutRoot } from './service-env.ts';
import { waitUntil } from './wait-until.ts';

const run = promisify(execFile);

/** What stands in place of the names in the documentation's lines. */
export interface LineNames {
  readonly deploymentName: string;
  readonly runId?: string;
}

/** The one line `temporal …` of docs/deploy.md that has all of `words`, about another deployment. */
export function documentedLine(words: readonly string[], { deploymentName, runId }: LineNames): string {
  const page = readFileSync(join(checkoutRoot, 'docs/deploy.md'), 'utf8');
  const lines = page.split('\n').map((line) => line.trim());
  const found = new Set(lines.filter((line) => line.startsWith('temporal ') && words.every((word) => line.includes(word))));
  const [line] = found;
  if (line === undefined || found.size > 1) throw new Error(`docs/deploy.md has ${found.size} lines with ${words.join(' and ')}`);
  return line.replaceAll(/\bordeal\b/g, deploymentName).replace('<id>', runId ?? '<id>');
}

/** Runs such a line with the real CLI, as a shell would, and returns what it prints. Rejects when it fails. */
export async function runTemporalLine(address: string, line: string): Promise<string> {
  const [, ...args] = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const common = ['--address', address, '--disable-config-file', '--disable-config-env', '--color', 'never'];
  const { stdout } = await run(inject('temporalCliPath'), [...args, ...common], { timeout: 30_000 });
  return stdout;
}

/** Repeats a line until it succeeds: a build is known to Temporal a moment after its first worker is. */
export async function untilTemporalAccepts(address: string, line: string): Promise<void> {
  let refusal: unknown;
  const attempt = async (): Promise<boolean> => {
    try {
      await runTemporalLine(address, line);
      return true;
    } catch (error) {
      refusal = error;
      return false;
    }
  };
  await waitUntil(`Temporal to accept "${line}"`, attempt).catch((cause: unknown) => {
    throw new Error(`Temporal never accepted "${line}"`, { cause: refusal ?? cause });
  });
}
