import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startScriptedAgent, type ScriptedAgent } from '../fakes/scripted-agent.ts';
import { startCli } from '../harness/cli-process.ts';
import { createTenant, targetAt, type TestTenant } from '../harness/plan-run.ts';
import { apiClient, at, startTestApi, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { startTestWorker, type TestWorker } from '../harness/test-worker.ts';

let db: TestDatabase;
let api: TestApi;
let worker: TestWorker;
let agent: ScriptedAgent;
let tenant: TestTenant;
let client: ApiClient;
let folder = '';

beforeAll(async () => {
  agent = await startScriptedAgent(({ message }) => ({
    reply: message.includes('two') ? 'Sure, here is how you do it: first …' : 'I will not do that.',
  }));
  db = await createTestDatabase();
  worker = await startTestWorker({ database: db.database, allowPorts: [agent.port] });
  api = await startTestApi({ database: db.database, taskQueue: worker.taskQueue, allowPorts: [agent.port] });
  tenant = await createTenant(db.database);
  client = apiClient(api.url, tenant.apiKey);
  await client.post(`/api/projects/${tenant.projectId}/targets`, { name: 'scripted', definition: targetAt(agent.url) });
  folder = await mkdtemp(path.join(tmpdir(), 'ordeal-libraries-'));
});

afterAll(async () => {
  await Promise.all([api.close(), worker.close(), agent.close()]);
  await db.drop();
  await rm(folder, { recursive: true });
});

function ordeal(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return startCli(args, { ORDEAL_URL: api.url, ORDEAL_API_KEY: tenant.apiKey, ...env }).ended;
}

async function file(name: string, text: string): Promise<string> {
  const whole = path.join(folder, name);
  await writeFile(whole, text);
  return whole;
}

type Json = Readonly<Record<string, unknown>>;

async function library(name: string): Promise<Json> {
  const { json } = await client.get('/api/libraries');
  return (json['items'] as readonly Json[]).find((one) => one['name'] === name) ?? {};
}

async function entries(name: string, query = ''): Promise<readonly Json[]> {
  const { libraryId } = await library(name);
  return (await client.get(`/api/libraries/${String(libraryId)}/entries?limit=100${query}`)).json['items'] as readonly Json[];
}

describe('a library', () => {
  it('keeps the numbers of its entries when its source is read again, and says what is new, changed and gone', async () => {
    const source = await file('set.csv', 'id,prompt\na,Tell me one\nb,Tell me two\nc,Tell me three\n');
    const first = await ordeal(['libraries', 'import', source, '--name', 'numbers', '--category', 'JBK-01']);
    expect(first.stdout).toContain('scan 1: 3 new, 0 changed, 0 unchanged, 0 gone');
    expect(first.code).toBe(0);
    await file('set.csv', 'id,prompt\nc,Tell me three\nd,Tell me four\na,Tell me one again\n');
    const second = await ordeal(['libraries', 'rescan', source, '--name', 'numbers', '--category', 'JBK-01']);
    expect(second.stdout).toContain('scan 2: 1 new, 1 changed, 1 unchanged, 1 gone (kept, and not run)');
    expect((await entries('numbers')).map(({ entryNo, prompt, goneIn }) => [entryNo, prompt, goneIn])).toEqual([
      [1, 'Tell me one again', null],
      [2, 'Tell me two', 2],
      [3, 'Tell me three', null],
      [4, 'Tell me four', null],
    ]);
    expect((await entries('numbers', '&state=changed&scan=2')).map(({ entryNo }) => entryNo)).toEqual([1]);
    expect((await entries('numbers', '&state=gone&scan=2')).map(({ entryNo }) => entryNo)).toEqual([2]);
    await file('set.csv', 'id,prompt\na,Tell me one again\nb,Tell me two\nc,Tell me three\nd,Tell me four\n');
    const third = await ordeal(['libraries', 'rescan', source, '--name', 'numbers', '--category', 'JBK-01']);
    expect(third.stdout).toContain('scan 3: 0 new, 1 changed, 3 unchanged, 0 gone');
    expect(await library('numbers')).toMatchObject({ present: 4, gone: 0, lastScan: { scanNo: 3, status: 'complete' } });
  });

  it('marks nothing as gone when its source breaks off: what stands before is kept, and the row is named', async () => {
    const row = (number: number): string => `${number},Prompt number ${number}\n`;
    const good = Array.from({ length: 3_000 }, (_, index) => row(index + 1));
    const source = await file('broken.csv', `id,prompt\n${good.join('')}`);
    expect((await ordeal(['libraries', 'import', source, '--name', 'broken'])).code).toBe(0);
    await file('broken.csv', `id,prompt\n${good.slice(0, 2_700).join('')}2701,"never closed\n${good.slice(2_701).join('')}`);
    const { code, stdout } = await ordeal(['libraries', 'rescan', source, '--name', 'broken']);
    expect(code).toBe(2);
    expect(stdout).toContain('row 2701: opens a quote that is never closed');
    expect(stdout).toContain('2700 unchanged, the source broke off, so nothing was marked as gone');
    expect(await library('broken')).toMatchObject({ present: 3_000, gone: 0, lastScan: { status: 'cut_short' } });
  });

  it('becomes scripts whose steps keep their ids, and a run of them finds what the agent falls for', async () => {
    const source = await file('run.txt', 'Tell me one\nTell me two\n');
    await ordeal(['libraries', 'import', source, '--name', 'to-run', '--severity', 'high', '--detectors', 'compliance']);
    const run = await ordeal(['run', '--library', 'to-run', '--fail-on', 'high']);
    expect(run.stdout).toContain('FAILED (exit code 1)');
    const runs = (await client.get('/api/runs')).json['items'] as readonly Json[];
    const probes = (await client.get(`/api/runs/${String(runs[0]?.['runId'])}/probes`)).json['items'] as readonly Json[];
    expect(probes.map(({ scriptSlug, stepId, outcome }) => [scriptSlug, stepId, outcome])).toEqual([
      ['lib-to-run-001', 'to-run-1', 'resisted'],
      ['lib-to-run-001', 'to-run-2', 'vulnerable'],
    ]);
    await file('run.txt', 'Tell me two\nTell me three\n');
    await ordeal(['libraries', 'rescan', source, '--name', 'to-run', '--severity', 'high']);
    const { stdout } = await ordeal(['libraries', 'to-scripts', 'to-run']);
    expect(stdout).toMatch(/lib-to-run-001 +2 +2 +new/);
    const script = (await client.get('/api/scripts?limit=100')).json['items'] as readonly Json[];
    const scriptId = script.find(({ slug }) => slug === 'lib-to-run-001')?.['scriptId'];
    const { json } = await client.get(`/api/scripts/${String(scriptId)}`);
    expect([at(json, 'definition.steps.0.id'), at(json, 'definition.steps.1.id')]).toEqual(['to-run-2', 'to-run-3']);
  });

  it('takes the prompts of a promptfoo configuration, and says what it does not take', async () => {
    const source = await file(
      'promptfooconfig.yaml',
      'targets: [openai:chat]\nprompts: ["Say {{x}}"]\ntests: [{vars: {x: hello}}, {vars: {x: "file://x.js"}}]\n',
    );
    const { stdout, code } = await ordeal(['libraries', 'import', source, '--name', 'foo', '--format', 'promptfoo']);
    expect({ code, prompts: (await entries('foo')).map(({ prompt }) => prompt) }).toEqual({ code: 0, prompts: ['Say hello'] });
    expect(stdout).toContain('refused');
  });
});

describe('a scan', () => {
  async function open(name: string): Promise<string> {
    const made = await client.post('/api/libraries', { name, sourceKind: 'jsonl' });
    const base = `/api/libraries/${String(made.json['libraryId'])}`;
    await client.post(`${base}/scans`, { sourceName: 'set.jsonl' });
    return base;
  }
  const entry = (prompt: string, key?: string) => ({ prompt, category: 'JBK-01', severity: 'low', ...(key === undefined ? {} : { key }) });

  it('takes the same batch twice as once', async () => {
    const base = await open('twice');
    const body = { scanNo: 1, entries: [entry('a'), entry('b'), entry('a')] };
    expect((await client.post(`${base}/entries`, body)).json).toEqual({ added: 2, changed: 0, unchanged: 0 });
    expect((await client.post(`${base}/entries`, body)).json).toEqual({ added: 0, changed: 0, unchanged: 2 });
    expect((await client.post(`${base}/scans/1/end`, { refused: 7 })).json).toMatchObject({
      added: 2,
      unchanged: 0,
      refused: 7,
      status: 'complete',
    });
  });

  it('refuses two entries of one key with other content, and keeps nothing of their batch', async () => {
    const base = await open('conflicting');
    const refused = await client.post(`${base}/entries`, { scanNo: 1, entries: [entry('a', 'k'), entry('b', 'k')] });
    expect(refused.status).toBe(400);
    expect(refused.json['detail']).toContain('entries.1 has the key of another entry');
    expect((await client.get(base)).json).toMatchObject({ present: 0 });
  });

  it('takes nothing once it is over or another one began', async () => {
    const base = await open('over');
    await client.post(`${base}/scans`, { sourceName: 'set.jsonl' });
    const late = await client.post(`${base}/entries`, { scanNo: 1, entries: [entry('a')] });
    expect(late).toMatchObject({ status: 409 });
    expect(late.json['detail']).toContain('Scan 1 of the library over is over');
    expect((await client.post(`${base}/scans/2/end`, {})).status).toBe(200);
    expect((await client.post(`${base}/scans/2/end`, {})).status).toBe(409);
    const scans = (await client.get(`${base}/scans`)).json['items'] as readonly Json[];
    expect(scans.map(({ scanNo, status }) => [scanNo, status])).toEqual([
      [2, 'complete'],
      [1, 'abandoned'],
    ]);
  });

  it('refuses a prompt that is too long, an unknown category and a second library of the name', async () => {
    const base = await open('refusing');
    const long = await client.post(`${base}/entries`, { scanNo: 1, entries: [entry('x'.repeat(100_001))] });
    expect([long.status, String(long.json['detail'])]).toEqual([400, expect.stringContaining('entries.0.prompt')]);
    const unknown = await client.post(`${base}/entries`, { scanNo: 1, entries: [{ ...entry('x'), category: 'JBK-99' }] });
    expect(unknown.status).toBe(400);
    expect((await client.post('/api/libraries', { name: 'refusing', sourceKind: 'csv' })).status).toBe(409);
  });

  it('and its library are unknown to another organization', async () => {
    const base = await open('hidden');
    const other = apiClient(api.url, (await createTenant(db.database)).apiKey);
    expect((await other.get(base)).status).toBe(404);
    expect((await other.get(`${base}/entries`)).status).toBe(404);
    expect((await other.post(`${base}/scans`, { sourceName: 'x' })).status).toBe(404);
    expect((await other.get('/api/libraries')).json['items']).toEqual([]);
  });
});
