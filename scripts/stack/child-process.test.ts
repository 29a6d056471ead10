import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isProcessAlive } from '../setup/pid-lock.mjs';
import { startChild } from './child-process.ts';

function startNode(code: string, stopTimeoutMs = 30_000) {
  const lines: string[] = [];
  const child = startChild({
    name: 'child',
    command: process.execPath,
    args: ['-e', code],
    log: (line) => lines.push(line),
    stopTimeoutMs,
  });
  return child.then((started) => ({ child: started, lines }));
}

describe('startChild', () => {
  it('hands every line of both streams to the log', async () => {
    const { child, lines } = await startNode('console.log("one"); console.error("two")');
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(lines.toSorted()).toEqual(['one', 'two']);
  });

  it('says when there is no such program', async () => {
    await expect(startChild({ name: 'temporal', command: '/nowhere/temporal', args: [], log: () => undefined })).rejects.toThrow(
      /^temporal could not be started: .*ENOENT/,
    );
  });

  it('lets a child end in order', async () => {
    const { child } = await startNode('process.on("SIGTERM", () => process.exit(7)); setInterval(() => {}, 1000); console.log("ready")');
    await child.waitForLine(/ready/, 30_000);
    expect(await child.stop()).toEqual({ code: 7, signal: null });
    expect(isProcessAlive(child.pid, null)).toBe(false);
  });

  it('kills a child that does not end in its time', async () => {
    const { child } = await startNode('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("ready")', 200);
    await child.waitForLine(/ready/, 30_000);
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('shows the last lines when a child ends before it was ready', async () => {
    const { child } = await startNode('console.error("DATABASE_URL is required"); process.exit(2)');
    await expect(child.waitForLine(/ready/, 30_000)).rejects.toThrow(/child ended with code 2:\n {2}DATABASE_URL is required/);
  });

  it('leaves neither child nor folder behind when the parent is killed with -9', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ordeal-orphan-'));
    const url = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
    const parent = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { startChild } from ${url('./child-process.ts')};
         import { removeFolderAtEnd } from ${url('./watchdog.ts')};
         removeFolderAtEnd(${JSON.stringify(folder)});
         const child = await startChild({ name: 'child', command: 'sleep', args: ['300'], log: () => undefined });
         console.log(child.pid);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const childPid = await new Promise<number>((resolve) => parent.stdout.once('data', (data) => resolve(Number(String(data)))));
    expect(isProcessAlive(childPid, null)).toBe(true);
    // The watchdog may still be starting: what it is told waits in its pipe.
    parent.kill('SIGKILL');
    await expect.poll(() => isProcessAlive(childPid, null), { timeout: 30_000 }).toBe(false);
    await expect.poll(() => fs.existsSync(folder), { timeout: 30_000 }).toBe(false);
  });
});
