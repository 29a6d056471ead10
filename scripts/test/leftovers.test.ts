import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { remember, watchLeftovers } from './leftovers.ts';
import { parseStat, type ProcessEntry } from './list-processes.ts';

describe('watchLeftovers', () => {
  let folder: string;
  const orphans: number[] = [];
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'watched-'));
  });
  afterEach(() => {
    for (const pid of orphans.splice(0)) process.kill(pid, 'SIGKILL');
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('is content with a run that ended whole', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    expect(await settled(child, folder)).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('names a process whose parent has died', async () => {
    const inner = `require('node:child_process').spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })`;
    const child = spawn(process.execPath, ['-e', `console.log(${inner}.pid); setTimeout(() => process.exit(), 3_000)`]);
    child.stdout.on('data', (chunk: Buffer) => orphans.push(Number(chunk.toString())));
    expect(await settled(child, folder)).toEqual([`process ${orphans[0]} (sleep 60)`]);
  });

  it('names a temporary folder of ours', async () => {
    fs.mkdirSync(path.join(folder, 'ordeal-test-1'));
    const child = spawn(process.execPath, ['-e', '']);
    expect(await settled(child, folder)).toEqual([`folder ${path.join(folder, 'ordeal-test-1')}`]);
  });
});

describe('remember', () => {
  const entry = (pid: number, parentPid: number, startedAt: number): ProcessEntry => ({
    pid,
    parentPid,
    startedAt,
    isZombie: false,
    command: '',
  });
  const run = { pid: 10, folder: '/nowhere' };

  it('takes up children and their children', () => {
    const known = new Map<number, ProcessEntry>();
    remember(known, [entry(12, 11, 3), entry(11, 10, 2), entry(10, 1, 1), entry(20, 1, 1)], run);
    expect([...known.keys()].toSorted((a, b) => a - b)).toEqual([10, 11, 12]);
  });

  it('takes no children of a stranger that was given the id of a known process', () => {
    const known = new Map([[11, entry(11, 10, 2)]]);
    remember(known, [entry(11, 1, 9), entry(12, 11, 10)], run);
    expect(known.has(12)).toBe(false);
  });
});

describe('parseStat', () => {
  it('reads a program whose name holds blanks and parentheses', () => {
    const stat = `77 (a) b (c)) S 5 77 77 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4242 0 0`;
    expect(parseStat(stat, '')).toEqual({ pid: 77, parentPid: 5, startedAt: 4242, isZombie: false, command: '[a) b (c)]' });
  });
});

async function settled(child: ChildProcess, folder: string): Promise<string[]> {
  const watch = watchLeftovers({ pid: child.pid ?? 0, folder, patienceMs: 600 });
  await once(child, 'close');
  return watch.settle();
}
