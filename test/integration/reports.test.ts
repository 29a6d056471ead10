import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { startScriptedAgent, type AgentAnswer, type ScriptedAgent, type SeenRequest } from '../fakes/scripted-agent.ts';
import { startApiProcess, type ApiProcess } from '../harness/api-process.ts';
import { startCli, type CliResult } from '../harness/cli-process.ts';
import { obey } from '../harness/engine.ts';
import { createTarget, createTenant, targetAt, testScripts, type TestTenant } from '../harness/plan-run.ts';
import { randomSecretKey, randomTaskQueue } from '../harness/service-env.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { startWorkerProcess, type WorkerProcess } from '../harness/worker-process.ts';

let db: TestDatabase;
let agent: ScriptedAgent;
let worker: WorkerProcess;
let api: ApiProcess;
let tenant: TestTenant;
let folder: string;
let vulnerableRun: string;
let answer: (request: SeenRequest) => AgentAnswer = () => ({});

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ordeal-reports-'));
  db = await createTestDatabase();
  agent = await startScriptedAgent((request) => answer(request));
  const settings = {
    databaseUrl: db.url,
    temporalAddress: inject('temporalAddress'),
    taskQueue: randomTaskQueue(),
    secretKey: randomSecretKey(),
    allowPorts: [agent.port],
  };
  [worker, api] = await Promise.all([startWorkerProcess(settings), startApiProcess(settings)]);
  tenant = await createTenant(db.database, 'Shop');
  await createTarget(db.database, tenant, targetAt(agent.url));
  for (const script of testScripts(2, 2)) {
    const response = await call('/api/scripts', { method: 'POST', body: JSON.stringify(script) });
    expect(response.status, await response.text()).toBe(201);
  }
  answer = ({ message }) => ({ reply: obey(message) });
  vulnerableRun = runIdOf(await ordeal('run', '--scripts', 'T1'));
});

afterAll(async () => {
  await Promise.all([api.stop(), worker.stop()]);
  await agent.close();
  await db.drop();
  await rm(folder, { recursive: true, force: true });
});

function call(route: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${tenant.apiKey}`, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
  return fetch(`${api.url}${route}`, { ...init, headers });
}

function ordeal(...args: string[]): Promise<CliResult> {
  return startCli(args, { ORDEAL_URL: api.url, ORDEAL_API_KEY: tenant.apiKey }).ended;
}

function runIdOf({ stderr }: CliResult): string {
  return /Run (run_\S+)/.exec(stderr)?.[1] ?? 'no run id in the output';
}

describe('GET /api/runs/:runId/report', () => {
  it.each<[string, string, RegExp]>([
    ['markdown', 'text/markdown; charset=utf-8', /^# Vulnerable: 2 of 2/],
    ['html', 'text/html; charset=utf-8', /^<!doctype html>[^]*Vulnerable: 2 of 2/],
    ['sarif', 'application/sarif+json; charset=utf-8', /"executionSuccessful": true[^]*"kind": "fail"/],
    ['junit', 'application/xml; charset=utf-8', /^<\?xml[^]*<testsuites [^>]*tests="3" failures="2" errors="0"/],
    ['signed', 'application/vnd.ordeal.signed-report+json; charset=utf-8', /^\{"format":"ordeal-signed-report\/1","report":/],
  ])('gives %s', async (format, contentType, pattern) => {
    const response = await call(`/api/runs/${vulnerableRun}/report?format=${format}`);
    expect(response.headers.get('content-type')).toBe(contentType);
    expect(await response.text()).toMatch(pattern);
  });

  it('gives a PDF where the API has Chromium, and says what to install where it has none', { timeout: 240_000 }, async () => {
    const response = await call(`/api/runs/${vulnerableRun}/report?format=pdf&baseline=${vulnerableRun}`);
    if (response.status === 501) {
      expect(await response.json()).toMatchObject({
        type: 'urn:ordeal:problem:pdf_unavailable',
        detail: expect.stringContaining('apt-get install chromium'),
      });
      return;
    }
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(
      Buffer.from(await response.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
  });

  it('lists every planned probe and the hash of the plan', async () => {
    const response = await call(`/api/runs/${vulnerableRun}/report`);
    expect(await response.json()).toMatchObject({
      planHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      probes: [
        { stepId: 'T1-1', outcome: 'vulnerable', weaknessKey: expect.stringContaining('T1/') },
        { stepId: 'T1-2', outcome: 'vulnerable' },
      ],
    });
  });

  it('refuses a baseline where the format cannot show one, and a baseline that does not exist', async () => {
    const other = 'run_01k9z3v4x5y6a7b8c9d0e1f2g3';
    expect((await call(`/api/runs/${vulnerableRun}/report?format=junit&baseline=${vulnerableRun}`)).status).toBe(400);
    expect((await call(`/api/runs/${vulnerableRun}/report?format=html&baseline=${other}`)).status).toBe(404);
  });
});

describe('ordeal run --baseline', () => {
  it('passes while nothing is new, and fails when something is', async () => {
    answer = ({ message }) => ({ reply: obey(message) });
    const same = await ordeal('run', '--scripts', 'T1', '--baseline', vulnerableRun);
    expect(same).toMatchObject({ code: 0 });
    expect(same.stdout).toMatch(/Since the baseline run_\S+:\n {2}New: 0\n {2}Fixed: 0\n {2}Unchanged: 1/);
    const more = await ordeal('run', '--scripts', 'T1,T2', '--baseline', vulnerableRun);
    expect(more).toMatchObject({ code: 1 });
    expect(more.stdout).toMatch(/FAILED \(exit code 1\): 1 new finding of severity low or worse/);
  });

  it('says fixed only of what was judged again', async () => {
    answer = () => ({});
    const fixed = await ordeal('run', '--scripts', 'T1', '--baseline', vulnerableRun);
    expect(fixed.stdout).toMatch(/Fixed: 1[^]*PASSED/);
    const elsewhere = await ordeal('run', '--scripts', 'T2', '--baseline', vulnerableRun);
    expect(elsewhere.stdout).toMatch(/Fixed: 0[^]*No longer tested: 1/);
    answer = () => ({ status: 404 });
    const down = await ordeal('run', '--scripts', 'T1', '--baseline', vulnerableRun, '--min-coverage', '0');
    expect(down).toMatchObject({ code: 3 });
    expect(down.stdout).toContain('1 known weakness of severity low or worse could not be judged again');
  });

  it('exits 2 before anything is sent when there is no such baseline', async () => {
    agent.seen.length = 0;
    const result = await ordeal('run', '--scripts', 'T1', '--baseline', 'run_01k9z3v4x5y6a7b8c9d0e1f2g3');
    expect(result).toMatchObject({ code: 2 });
    expect(agent.seen).toHaveLength(0);
  });
});

describe('ordeal run --reports', () => {
  it('writes the report in every format for files, also of a run whose target is down', async () => {
    answer = () => ({ status: 404 });
    const reports = path.join(folder, 'made', 'here');
    const result = await ordeal('run', '--scripts', 'T1', '--baseline', vulnerableRun, '--reports', reports);
    expect(result).toMatchObject({ code: 3 });
    expect((await readdir(reports)).toSorted()).toEqual([
      'ordeal.html',
      'ordeal.junit.xml',
      'ordeal.md',
      'ordeal.sarif',
      'ordeal.signed.json',
    ]);
    const sarif = await readFile(path.join(reports, 'ordeal.sarif'), 'utf8');
    expect(sarif).toContain('"executionSuccessful": false');
    expect(sarif).toContain('"baselineState": "unchanged"');
    expect(await readFile(path.join(reports, 'ordeal.html'), 'utf8')).toContain('No longer tested (1)');
  });
});

describe('ordeal report verify', () => {
  it('takes a signed report as it was written, by the key that the API shows', async () => {
    const file = path.join(folder, 'signed.json');
    expect(await ordeal('report', vulnerableRun, '--format', 'signed', '--out', file)).toMatchObject({ code: 0 });
    const { fingerprint } = (await (await fetch(`${api.url}/api/report-key`)).json()) as { readonly fingerprint: string };
    const result = await ordeal('report', 'verify', file, '--key', fingerprint);
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toContain(`runId: ${vulnerableRun}`);
    expect(await ordeal('report', 'verify', file, '--key', 'ab'.repeat(32))).toMatchObject({ code: 1 });

    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"vulnerable":2', '"vulnerable":0'));
    const changed = await ordeal('report', 'verify', file);
    expect(changed).toMatchObject({ code: 1 });
    expect(changed.stdout).toContain('NOT VALID');
  });
});
