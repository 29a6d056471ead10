import { spawn } from 'node:child_process';
import path from 'node:path';

import { root } from '../stack/data-folder.ts';

export interface ToolResult {
  readonly exitCode: number;
  /** Standard output and standard error as they came. */
  readonly output: string;
}

/** Path of a program that a dependency brings. */
export function toolPath(name: string): string {
  return path.join(root, 'node_modules', '.bin', name);
}

/** Runs a script on this Node to its end, in the root of the checkout; never rejects because of its exit code. */
export function runNode(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: string): void => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? 1, output }));
  });
}
