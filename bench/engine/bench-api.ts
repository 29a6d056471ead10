import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
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

/** Makes a change in the name of the tenant of the stack. */
export async function postAsTenant(stack: BenchStack, url: string, body: object): Promise<Response> {
  const headers = {
    authorization: `Bearer ${stack.tenant.apiKey}`,
    'content-type': 'application/json',
    'idempotency-key': randomUUID(),
  };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}
