/**
 * The process that outlives its parent by some seconds, to end what the parent can no longer end. It reads commands, one
 * JSON array a line, from standard input; when that closes, for whatever reason, it stops every process still on its list
 * and removes every folder on it. A parent that shut down in order leaves both lists empty.
 *
 *   ["add", pid, startTime, signal]   ["drop", pid]   ["remove-folder", path]
 */
import fs from 'node:fs';
import readline from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isProcessAlive } from '../setup/pid-lock.mjs';

interface Watched {
  readonly startTime: string | null;
  readonly signal: NodeJS.Signals;
}

const graceMs = 8_000;
const pollMs = 100;
const processes = new Map<number, Watched>();
const folders = new Set<string>();

// A Ctrl+C or a hang-up of the terminal is the parent's business.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

for await (const line of readline.createInterface({ input: process.stdin })) obey(JSON.parse(line));
await endEverything();

function obey(command: unknown): void {
  if (!Array.isArray(command)) return;
  const [verb, subject, startTime, signal]: unknown[] = command;
  if (verb === 'add' && typeof subject === 'number') {
    processes.set(subject, {
      startTime: typeof startTime === 'string' ? startTime : null,
      signal: signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM',
    });
  }
  if (verb === 'drop' && typeof subject === 'number') processes.delete(subject);
  if (verb === 'remove-folder' && typeof subject === 'string') folders.add(subject);
}

async function endEverything(): Promise<void> {
  const deadline = Date.now() + graceMs;
  for (const [pid, watched] of living()) send(pid, watched.signal);
  while (living().length > 0 && Date.now() < deadline) await sleep(pollMs);
  for (const [pid] of living()) send(pid, 'SIGKILL');
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: pollMs });
}

function living(): [number, Watched][] {
  return [...processes].filter(([pid, watched]) => isProcessAlive(pid, watched.startTime));
}

/** To the whole process group: children are started as leaders of their own. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone in the meantime.
  }
}
