import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { inject } from 'vitest';

import { checkoutRoot } from './service-env.ts';
import { waitUntil } from './wait-until.ts';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess {
  readonly ended: Promise<CliResult>;
  /** Resolves once its output has this. */
  sees(pattern: RegExp): Promise<void>;
  interrupt(): void;
}

/** Starts `ordeal` as a shell does, with nothing of this shell's environment. */
export function startCli(args: readonly string[], env: Readonly<Record<string, string>>): CliProcess {
  const child = spawn(process.execPath, [path.join(checkoutRoot, 'cli/main.ts'), ...args], {
    cwd: tmpdir(),
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: inject('compileCache'),
      ORDEAL_DATA_DIR: path.join(tmpdir(), 'no-such-folder'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    ended,
    sees: async (pattern) => {
      await waitUntil(`${pattern} in the output of ordeal ${args.join(' ')}`, () => Promise.resolve(pattern.test(stdout + stderr)));
    },
    interrupt: () => void child.kill('SIGINT'),
  };
}
