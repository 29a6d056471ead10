import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

import { findFreePort } from '../../scripts/stack/free-port.ts';
import type { BenchStack } from './bench-stack.ts';

/** One real API process of a stack, ready. The caller ends it. */
export async function startBenchApi(stack: BenchStack) {
  const port = await findFreePort();
  const environment = { ...stack.environment, API_PORT: String(port), LOG_LEVEL: 'warn' };
  const api = spawn(process.execPath, ['api/main.ts'], { env: environment, stdio: ['ignore', 'inherit', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 200; tries += 1) {
    const ready = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (ready?.ok === true) return { process: api, url };
    await sleep(100);
  }
  throw new Error('The API did not become ready within 20 s');
}
