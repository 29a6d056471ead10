import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isProcessAlive, processStartTime, takePidLock } from './pid-lock.mjs';

let folder = '';
let file = '';
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ordeal-lock-'));
  file = path.join(folder, 'start.lock');
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('takePidLock', () => {
  it('tells whoever comes second who holds it, and with which details', () => {
    const first = takePidLock(file, { API: 'not yet' });
    if (!first.taken) throw new Error('the first one must get the lock');
    first.update({ API: 'http://127.0.0.1:8080' });
    expect(takePidLock(file)).toEqual({ taken: false, holder: { pid: process.pid, details: { API: 'http://127.0.0.1:8080' } } });
  });

  it('is free again after its release', () => {
    const first = takePidLock(file);
    if (first.taken) first.release();
    expect(takePidLock(file).taken).toBe(true);
  });

  it('is taken over from a dead process', () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    fs.writeFileSync(file, JSON.stringify({ pid: dead, startTime: null, details: {} }));
    expect(takePidLock(file).taken).toBe(true);
  });

  it('is taken over when the pid belongs to another process by now', () => {
    fs.writeFileSync(file, JSON.stringify({ pid: process.pid, startTime: '1', details: {} }));
    expect(takePidLock(file).taken).toBe(processStartTime(process.pid) !== null);
  });

  it('is taken over when a crash left it unreadable', () => {
    fs.writeFileSync(file, '{"pid":');
    expect(takePidLock(file).taken).toBe(true);
  });

  it('leaves nothing else in the folder', () => {
    const lock = takePidLock(file);
    takePidLock(file);
    expect(fs.readdirSync(folder)).toEqual(['start.lock']);
    if (lock.taken) lock.release();
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});

describe('isProcessAlive', () => {
  it('knows this process and no process that has ended', () => {
    expect(isProcessAlive(process.pid, processStartTime(process.pid))).toBe(true);
    expect(isProcessAlive(spawnSync(process.execPath, ['-e', '']).pid, null)).toBe(false);
  });
});
