import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isProcessAlive, processStartTime } from '../setup/pid-lock.mjs';

const graceMs = 10_000;

/**
 * Clears the way for a new server on this cluster: ends a server that nobody looks after any more, and removes the pid file of
 * one that is dead. The caller holds the lock of the data folder, so whoever runs on it is an orphan.
 */
export async function endOrphanedPostmaster(cluster: string): Promise<void> {
  const pidFile = path.join(cluster, 'postmaster.pid');
  const pid = readPid(pidFile);
  if (pid === null) return;
  if (isServerOf(pid, cluster)) {
    const startTime = processStartTime(pid);
    process.kill(pid, 'SIGINT');
    const deadline = Date.now() + graceMs;
    while (isProcessAlive(pid, startTime) && Date.now() < deadline) await sleep(50);
    // Immediate shutdown: the next start recovers from the write-ahead log, as after a crash.
    if (isProcessAlive(pid, startTime)) process.kill(pid, 'SIGQUIT');
    while (isProcessAlive(pid, startTime)) await sleep(50);
  }
  fs.rmSync(pidFile, { force: true });
}

function readPid(pidFile: string): number | null {
  try {
    const pid = Number.parseInt(fs.readFileSync(pidFile, 'utf8'), 10);
    return pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

/** Pids are used again: only a process whose command line names this cluster is its server. */
function isServerOf(pid: number, cluster: string): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(cluster);
  } catch {
    return false;
  }
}
