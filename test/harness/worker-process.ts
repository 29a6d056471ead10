import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { inject } from 'vitest';

import type { RepairKind } from '../../orchestration/reconciler.ts';
import { startChild, type ChildExit, type ManagedChild } from '../../scripts/stack/child-process.ts';
import { findFreePort } from '../../scripts/stack/free-port.ts';
import { checkoutRoot, serviceArgs, serviceEnv, type ServiceSettings } from './service-env.ts';
import { waitUntil } from './wait-until.ts';

export interface WorkerHealthReply {
  readonly ready: boolean;
  readonly worker: string;
  readonly repairs: Readonly<Record<RepairKind, number>>;
}

/** A worker as an operator runs it: `node worker/main.ts`. It never outlives the tests. */
export interface WorkerProcess {
  readonly pid: number;
  /** The last lines of its log. */
  readonly lastLines: readonly string[];
  readonly exited: Promise<ChildExit>;
  isAlive(): boolean;
  kill9(): Promise<void>;
  /** SIGTERM; tells how it ended and how long that took. */
  stop(): Promise<ChildExit & { readonly tookMs: number }>;
  /** Stops its clock, as a partition or a long pause of the machine would. */
  suspend(): void;
  resume(): void;
  health(): Promise<WorkerHealthReply>;
  rssBytes(): number;
}

/** Starts a worker process and returns when it takes work. */
export async function startWorkerProcess(settings: ServiceSettings): Promise<WorkerProcess> {
  const healthPort = await findFreePort();
  const child = await startChild({
    name: 'worker',
    command: process.execPath,
    args: serviceArgs('worker/main.ts', settings),
    cwd: checkoutRoot,
    env: {
      ...serviceEnv(settings),
      WORKER_HEALTH_PORT: String(healthPort),
      WORKFLOW_BUNDLE: inject('workflowBundle'),
      NODE_COMPILE_CACHE: inject('compileCache'),
    },
    log: () => undefined,
    // Longer than it may take to end in order, so that a test sees how it ended.
    stopTimeoutMs: 40_000,
  });
  const worker = describeWorker(child, healthPort);
  try {
    await child.waitForLine(/worker is ready/, 120_000);
    await waitUntil('a healthy worker', async () => (await worker.health().catch(() => undefined))?.ready);
  } catch (error) {
    await child.kill9();
    throw error;
  }
  return worker;
}

function describeWorker(child: ManagedChild, healthPort: number): WorkerProcess {
  return {
    pid: child.pid,
    lastLines: child.lastLines,
    exited: child.exited,
    isAlive: child.isAlive,
    kill9: async () => {
      await child.kill9();
    },
    stop: async () => {
      const startedAtMs = performance.now();
      const exit = await child.stop();
      return { ...exit, tookMs: performance.now() - startedAtMs };
    },
    suspend: () => process.kill(child.pid, 'SIGSTOP'),
    resume: () => process.kill(child.pid, 'SIGCONT'),
    health: async () => {
      const response = await fetch(`http://127.0.0.1:${healthPort}/health/ready`, { signal: AbortSignal.timeout(10_000) });
      return (await response.json()) as WorkerHealthReply;
    },
    rssBytes: () => readRssBytes(child.pid),
  };
}

function readRssBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1_024;
}

/** Watches the memory of a process while `work` runs: what it took above where it stood, at the worst moment. */
export async function measureGrowthBytes(worker: WorkerProcess, work: () => Promise<void>): Promise<number> {
  const beforeBytes = worker.rssBytes();
  let mostBytes = beforeBytes;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      mostBytes = Math.max(mostBytes, worker.rssBytes());
      await sleep(50);
    }
  })();
  try {
    await work();
  } finally {
    isOver = true;
    await watching;
  }
  return mostBytes - beforeBytes;
}
