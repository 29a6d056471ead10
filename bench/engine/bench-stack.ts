import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { connectTemporal, type TemporalGateway } from '../../orchestration/connect-temporal.ts';
import { createRunClient, type RunClient } from '../../orchestration/run-client.ts';
import { ensureTemporalCli } from '../../scripts/setup/temporal-cli.mjs';
import { startPostgres } from '../../scripts/stack/embedded-postgres.ts';
import { startTemporalServer } from '../../scripts/stack/temporal-server.ts';
import { makeTemplate } from '../../test/harness/global-setup.ts';
import { createTenant, type TestTenant } from '../../test/harness/plan-run.ts';
import { generousLimits } from '../../test/harness/service-env.ts';
import { createTestDatabase, type TestDatabase } from '../../test/harness/test-database.ts';

export interface BenchStack {
  readonly db: TestDatabase;
  readonly tenant: TestTenant;
  readonly temporal: TemporalGateway;
  readonly temporalAddress: string;
  readonly taskQueue: string;
  readonly runs: RunClient;
  readonly target: BenchTarget;
  readonly worker: ChildProcess;
  /** Resident memory of the worker, in MiB. */
  workerRssMib(): Promise<number>;
  /** Environment with which any of Ordeal's processes joins this stack. */
  readonly environment: NodeJS.ProcessEnv;
}

export interface BenchTarget {
  readonly url: string;
  requests: number;
  /** When a path was first asked for, by `performance.now()` of this process. */
  readonly firstAskedMs: Map<string, number>;
}

/** Runs `work` on real servers of its own and one real worker process; everything ends with it. */
export async function withBenchStack(delayMs: number, work: (stack: BenchStack) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ordeal-bench-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    await work(await startStack(folder, delayMs, closers));
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

async function startStack(folder: string, delayMs: number, closers: (() => Promise<unknown>)[]): Promise<BenchStack> {
  const log = () => undefined;
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), log });
  closers.push(() => postgres.stop());
  const cliPath = await ensureTemporalCli();
  const server = await startTemporalServer({ cliPath, dbFile: join(folder, 'temporal.db'), headless: true, log });
  closers.push(() => server.stop());
  await makeTemplate(postgres.adminUrl);
  const db = await createTestDatabase(postgres.adminUrl);
  closers.push(() => db.drop());
  const temporal = connectTemporal({ address: server.address, namespace: 'default' });
  closers.push(() => temporal.close());
  const target = await startTarget(delayMs, closers);
  const taskQueue = 'bench';
  const environment = {
    ...process.env,
    DATABASE_URL: db.url,
    TEMPORAL_ADDRESS: server.address,
    TEMPORAL_TASK_QUEUE: taskQueue,
    ORDEAL_SECRET_KEY: randomBytes(32).toString('base64'),
    EGRESS_PRIVATE_ALLOW: `127.0.0.1/32:${new URL(target.url).port}`,
    LOG_LEVEL: 'info',
    ...generousLimits,
  };
  const worker = await startWorker(environment, closers);
  return {
    db,
    temporal,
    taskQueue,
    target,
    worker,
    environment,
    temporalAddress: server.address,
    tenant: await createTenant(db.database),
    runs: createRunClient({ temporal, database: db.database, taskQueue }),
    workerRssMib: () => rssMib(worker.pid),
  };
}

async function startWorker(environment: NodeJS.ProcessEnv, closers: (() => Promise<unknown>)[]): Promise<ChildProcess> {
  const worker = spawn(process.execPath, ['worker/main.ts'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  closers.push(async () => {
    worker.kill('SIGTERM');
    if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
  });
  for await (const chunk of worker.stdout) {
    if (String(chunk).includes('worker is ready')) break;
  }
  worker.stdout.resume();
  return worker;
}

/** An agent that answers after `delayMs`, whatever it is asked. */
async function startTarget(delayMs: number, closers: (() => Promise<unknown>)[]): Promise<BenchTarget> {
  const target = { url: '', requests: 0, firstAskedMs: new Map<string, number>() };
  const server = createServer((request, response) => {
    target.requests += 1;
    const path = request.url ?? '';
    if (!target.firstAskedMs.has(path)) target.firstAskedMs.set(path, performance.now());
    request.resume();
    const answer = () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"reply":"I cannot help with that."}');
    setTimeout(answer, delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  target.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/chat`;
  return target;
}

async function rssMib(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1_024;
}

/** Waits until all these runs have ended; fails when one did not complete. */
export async function untilCompleted(stack: BenchStack, runIds: readonly string[]): Promise<void> {
  for (;;) {
    const rows = await stack.db.query<{ status: string; count: number }>(
      'select status, count(*)::int as count from runs where run_id = any($1) and ended_at is not null group by 1',
      [runIds],
    );
    const ended = rows.reduce((sum, row) => sum + row.count, 0);
    const failed = rows.find((row) => row.status !== 'completed');
    if (failed !== undefined) throw new Error(`${failed.count} runs ended as ${failed.status}`);
    if (ended === runIds.length) return;
    await sleep(20);
  }
}

/** The value that a share of these is not above. */
export function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;
}

export function printMachine(): void {
  const [cpu] = cpus();
  print(`machine: ${cpus().length} x ${cpu?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`);
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints one figure against its bar, and remembers a miss in the exit code. */
export function printFigure(figure: {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly bar: string;
  readonly isMet: boolean;
}): void {
  print(`${figure.isMet ? 'ok  ' : 'MISS'} ${figure.name}: ${figure.value.toFixed(2)} ${figure.unit} (bar: ${figure.bar})`);
  if (!figure.isMet) process.exitCode = 1;
}
