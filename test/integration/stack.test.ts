import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isProcessAlive, processStartTime } from '../../scripts/setup/pid-lock.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const startTimeoutMs = 120_000;

interface Start {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
}

let dataDir = '';
const started: Start[] = [];
beforeEach(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'ordeal-stack-test-'));
});
afterEach(async () => {
  for (const start of started.splice(0)) {
    if (start.process.exitCode === null && start.process.signalCode === null) start.process.kill('SIGTERM');
    await start.exited;
  }
  fs.rmSync(dataDir, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
});

/** What `npm start` runs; straight, so that signals reach the set-up and not npm. */
function npmStart(): Start {
  const child = spawn(process.execPath, ['scripts/setup.mjs', 'run', 'scripts/start.ts'], {
    cwd: root,
    env: {
      ...process.env,
      ORDEAL_DATA_DIR: dataDir,
      DATABASE_URL: '',
      DATABASE_ADMIN_URL: '',
      TEMPORAL_ADDRESS: '',
      ORDEAL_BUILD_ID: 'of-the-shell',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  const start = {
    process: child,
    output: () => output,
    exited: new Promise<number | null>((resolve) => child.once('close', resolve)),
  };
  started.push(start);
  return start;
}

async function untilUp(start: Start): Promise<void> {
  await expect
    .poll(() => start.process.exitCode !== null || start.output().includes('Ordeal is up'), { timeout: startTimeoutMs, interval: 100 })
    .toBe(true);
  expect(start.output()).toContain('Ordeal is up');
}

/** Every process below this one, with what makes it unmistakable. */
function descendants(pid: number): { pid: number; startTime: string | null; command: string }[] {
  const all = fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = fs.readFileSync(`/proc/${name}/stat`, 'utf8');
        const command = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]), command }];
      } catch {
        return [];
      }
    });
  const below = (parent: number): typeof all => all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid).map(({ pid: each, command }) => ({ pid: each, startTime: processStartTime(each), command }));
}

function pidOf({ process: child }: Start): number {
  if (child.pid === undefined) throw new Error('the start has no pid');
  return child.pid;
}

describe.runIf(process.platform === 'linux')('npm start', { timeout: 480_000 }, () => {
  it('prints its URLs, refuses a second start beside it, and ends every child on Ctrl+C', async () => {
    const first = npmStart();
    await untilUp(first);
    const apiUrl = /API\s+(http:\S+)\/api\n/.exec(first.output())?.[1];
    await expect.poll(async () => (await fetch(`${apiUrl}/health/ready`)).status, { timeout: 30_000 }).toBe(200);
    expect(first.output()).toMatch(/export ORDEAL_API_KEY=ordeal_\S+\n/);

    // A checkout that is upgraded goes on with the runs of the one before.
    const workerLog = () => fs.readFileSync(path.join(dataDir, 'logs', 'worker.log'), 'utf8');
    await expect.poll(workerLog, { timeout: 30_000 }).toContain('"isVersioned":false');

    const second = npmStart();
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain('Ordeal already runs here');
    expect(second.output()).toContain(`${apiUrl}/api`);

    const children = descendants(pidOf(first));
    // PostgreSQL, Temporal, API, worker, two agents, and the start itself.
    expect(children.length).toBeGreaterThanOrEqual(7);
    const askedAt = Date.now();
    first.process.kill('SIGINT');
    expect(await first.exited).toBe(130);
    expect(Date.now() - askedAt).toBeLessThan(30_000);
    await expect.poll(() => children.filter((child) => isProcessAlive(child.pid, child.startTime)), { timeout: 20_000 }).toEqual([]);

    const again = npmStart();
    await untilUp(again);
    expect(again.output()).not.toContain('ORDEAL_API_KEY');
  });

  it('leaves no process behind when it or its set-up is killed with -9, and starts again on the same data', async () => {
    const first = npmStart();
    await untilUp(first);
    const children = descendants(pidOf(first));
    const script = children.find((child) => child.command.includes('scripts/start.ts'));
    if (script === undefined) throw new Error('there is no scripts/start.ts among the children');
    process.kill(script.pid, 'SIGKILL');
    await first.exited;
    await expect.poll(() => children.filter((child) => isProcessAlive(child.pid, child.startTime)), { timeout: 60_000 }).toEqual([]);

    const again = npmStart();
    await untilUp(again);
    expect(again.output()).not.toContain('ORDEAL_API_KEY');
    const childrenAgain = descendants(pidOf(again));
    again.process.kill('SIGKILL');
    await expect.poll(() => childrenAgain.filter((child) => isProcessAlive(child.pid, child.startTime)), { timeout: 60_000 }).toEqual([]);
  });

  it('starts a killed worker, API or server again', async () => {
    const start = npmStart();
    await untilUp(start);
    for (const [name, part] of [
      ['Worker', 'worker/main.ts'],
      ['API', 'api/main.ts'],
      ['Temporal', 'start-dev'],
      ['PostgreSQL', `${dataDir}/postgres/cluster`],
    ] as const) {
      const victim = descendants(pidOf(start)).find((child) => child.command.includes(part));
      if (victim === undefined) throw new Error(`there is no ${name} among the children`);
      process.kill(victim.pid, 'SIGKILL');
      await expect.poll(start.output, { timeout: 90_000 }).toContain(`${name} runs again`);
    }
  });
});
