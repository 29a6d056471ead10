import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { listProcesses, type ProcessEntry } from './list-processes.ts';

export interface LeftoverWatch {
  /** Names what is still there when the run is over; waits some seconds for what is just ending. */
  settle(): Promise<string[]>;
}

export interface WatchedRun {
  readonly pid: number;
  /** Where the run makes its temporary folders. */
  readonly folder: string;
  /** How long after its end something may still be ending. Default 8 s. */
  readonly patienceMs?: number;
}

const lookEveryMs = 250;
const defaultPatienceMs = 8_000;

/**
 * Watches a run of tests for what it leaves behind: processes that descend from `pid`, also when their parent has died
 * in the meantime, or that name `folder` on their command line; and temporary folders of ours in `folder`. A listening
 * port has a process that holds it, so it needs no look of its own.
 *
 * Processes are seen on Linux alone; elsewhere only folders are looked for.
 */
export function watchLeftovers(run: WatchedRun): LeftoverWatch {
  const known = new Map<number, ProcessEntry>();
  const look = (): void => remember(known, listProcesses(), run);
  look();
  const timer = setInterval(look, lookEveryMs);
  return {
    settle: async () => {
      clearInterval(timer);
      const giveUpAtMs = Date.now() + (run.patienceMs ?? defaultPatienceMs);
      for (;;) {
        look();
        const left = [...processesLeft(known, run.pid), ...foldersLeft(run.folder)];
        if (left.length === 0 || Date.now() > giveUpAtMs) return left;
        await sleep(lookEveryMs);
      }
    },
  };
}

/** Adds to `known` what descends from it. A process id that was given to a new process is told by its start time. */
export function remember(known: Map<number, ProcessEntry>, present: readonly ProcessEntry[], run: WatchedRun): void {
  let isGrowing = true;
  while (isGrowing) {
    isGrowing = false;
    for (const entry of present) {
      if (known.get(entry.pid)?.startedAt === entry.startedAt) continue;
      const parent = known.get(entry.parentPid);
      const isChild = parent !== undefined && parent.startedAt <= entry.startedAt && isSameLife(present, parent);
      if (entry.pid !== run.pid && !isChild && !entry.command.includes(run.folder)) continue;
      known.set(entry.pid, entry);
      isGrowing = true;
    }
  }
}

/** False when the process id of `entry` belongs to another process by now. */
function isSameLife(present: readonly ProcessEntry[], entry: ProcessEntry): boolean {
  const now = present.find((each) => each.pid === entry.pid);
  return now === undefined || now.startedAt === entry.startedAt;
}

function processesLeft(known: ReadonlyMap<number, ProcessEntry>, runPid: number): string[] {
  const isOurs = (entry: ProcessEntry): boolean => entry.pid !== runPid && known.get(entry.pid)?.startedAt === entry.startedAt;
  return listProcesses()
    .filter((entry) => isOurs(entry) && !entry.isZombie)
    .map((entry) => `process ${entry.pid} (${entry.command.slice(0, 160)})`);
}

function foldersLeft(folder: string): string[] {
  return fs
    .readdirSync(folder)
    .filter((name) => name.startsWith('ordeal-'))
    .map((name) => `folder ${path.join(folder, name)}`);
}
