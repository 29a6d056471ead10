import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Reconciler } from '../../orchestration/reconciler.ts';
import { createTenant, targetAt, testStep, type TestTenant } from '../harness/plan-run.ts';
import { apiClient, at, startTestApi, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { startReconciler, startTestWorker, type TestWorker } from '../harness/test-worker.ts';
import { waitUntil } from '../harness/wait-until.ts';
import { startScriptedAgent, type AgentAnswer, type ScriptedAgent, type SeenRequest } from '../fakes/scripted-agent.ts';

let db: TestDatabase;
let api: TestApi;
let worker: TestWorker;
let reconciler: Reconciler;
let agent: ScriptedAgent;
let tenant: TestTenant;
let client: ApiClient;
let targetId = '';
let answer: (request: SeenRequest, number: number) => AgentAnswer = () => ({});

beforeAll(async () => {
  agent = await startScriptedAgent((request, number) => answer(request, number));
  db = await createTestDatabase();
  worker = await startTestWorker({ database: db.database, allowPorts: [agent.port] });
  reconciler = startReconciler(db.database, worker.runs);
  api = await startTestApi({ database: db.database, taskQueue: worker.taskQueue, allowPorts: [agent.port] });
  tenant = await createTenant(db.database);
  client = apiClient(api.url, tenant.apiKey);
  const target = await client.post(`/api/projects/${tenant.projectId}/targets`, { name: 'scripted', definition: targetAt(agent.url) });
  targetId = String(target.json['targetId']);
  const steps = Array.from({ length: 6 }, (_, index) => testStep(`C1-${index + 1}`));
  expect((await client.post('/api/scripts', { slug: 'C1', title: 'Custom', description: '', steps })).status).toBe(201);
});

afterAll(async () => {
  await reconciler.stop();
  await Promise.all([api.close(), worker.close(), agent.close()]);
  await db.drop();
});

async function startRun(options: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const started = await client.post(`/api/projects/${tenant.projectId}/runs`, { targetId, scripts: ['C1'], ...options });
  expect([started.status, started.json['status']]).toEqual([202, 'queued']);
  return String(started.json['runId']);
}

function untilEnded(runId: string) {
  return waitUntil('the end of the run', async () => {
    const { json } = await client.get(`/api/runs/${runId}`);
    return json['endedAt'] === null ? undefined : json;
  });
}

/** Joins the halves of the canary that `testStep` asks for. */
function obey({ message }: SeenRequest): string {
  const [, left = '', right = ''] = /Join (\S+) and (\S+) /.exec(message) ?? [];
  return left + right;
}

interface SentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Reads a run's stream until it ends, or until `enough` events came. */
async function readEvents(runId: string, options: { readonly lastEventId?: string; readonly enough?: number } = {}): Promise<SentEvent[]> {
  const headers = {
    authorization: `Bearer ${tenant.apiKey}`,
    ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }),
  };
  const response = await fetch(`${api.url}/api/runs/${runId}/events`, { headers });
  if (response.status === 204 || response.body === null) return [];
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const events: SentEvent[] = [];
  let text = '';
  for await (const chunk of response.body) {
    text += Buffer.from(chunk).toString('utf8');
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const [, id, event, data] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      if (id !== undefined && event !== undefined && data !== undefined)
        events.push({ id, event, data: JSON.parse(data) as SentEvent['data'] });
    }
    if (events.length >= (options.enough ?? Number.POSITIVE_INFINITY)) {
      return events;
    }
  }
  return events;
}

describe('a run over the API', () => {
  it('is started, followed, judged and reported', async () => {
    answer = (request, number) => ({ reply: number % 2 === 0 ? obey(request) : 'I will not do that.', delayMs: 50 });
    const runId = await startRun();
    const live = await readEvents(runId);
    expect(live.map(({ id }) => Number(id))).toEqual(live.map((_, index) => index + 1));
    expect([live[0]?.event, live.at(-1)?.event, live.filter(({ event }) => event === 'probe_judged').length]).toEqual([
      'run_queued',
      'run_ended',
      6,
    ]);
    const run = await untilEnded(runId);
    expect([at(run, 'status'), at(run, 'score.counts'), at(run, 'findings')]).toEqual([
      'completed',
      { vulnerable: 3, resisted: 3, blocked: 0, inconclusive: 0, not_run: 0 },
      1,
    ]);

    const progress = (await client.get(`/api/runs/${runId}/progress`)).json;
    expect([at(progress, 'status'), at(progress, 'phase'), at(progress, 'stepsDone'), at(progress, 'stepsTotal')]).toEqual([
      'completed',
      'ended',
      6,
      6,
    ]);
    const findings = (await client.get(`/api/runs/${runId}/findings`)).json['items'];
    expect([at(findings, '0.severity'), at(findings, '0.evidence.length')]).toEqual(['high', 3]);
    const report = (await client.get(`/api/runs/${runId}/report`)).json;
    expect([at(report, 'score'), at(report, 'findings.0.weaknessKey')]).toEqual([at(run, 'score'), at(findings, '0.weaknessKey')]);
    const markdown = await client.get(`/api/runs/${runId}/report?format=markdown`);
    expect([markdown.headers.get('content-type'), markdown.text.split('\n')[0]]).toEqual([
      'text/markdown; charset=utf-8',
      `# ${String(at(report, 'headline'))}`,
    ]);
    expect((await client.get(`/api/runs/${runId}/report?format=word`)).status).toBe(400);

    const history = (await client.get(`/api/runs/${runId}/history`)).json['items'];
    expect(at(history, '0.history.events.length')).toBeGreaterThan(10);
  });

  it('pages through probes and shows the transcript, the ledger and the verdict of each', async () => {
    const [run] = (await client.get('/api/runs?limit=1&status=completed')).json['items'] as unknown as { runId: string }[];
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = (await client.get(`/api/runs/${run?.runId ?? ''}/probes?limit=4${cursor}`)).json;
      seen.push(...(at(page, 'items') as unknown as { stepId: string }[]).map(({ stepId }) => stepId));
      cursor = at(page, 'nextCursor') === null ? '' : `&cursor=${String(at(page, 'nextCursor'))}`;
    } while (cursor !== '');
    expect(seen).toEqual(['C1-1', 'C1-2', 'C1-3', 'C1-4', 'C1-5', 'C1-6']);
    const vulnerable = (await client.get(`/api/runs/${run?.runId ?? ''}/probes?outcome=vulnerable`)).json['items'];
    const detail = (await client.get(`/api/runs/${run?.runId ?? ''}/probes/${String(at(vulnerable, '0.probeId'))}`)).json;
    expect((at(detail, 'transcript') as unknown as { role: string }[]).map(({ role }) => role)).toEqual(['ordeal', 'agent']);
    const [attempt] = at(detail, 'attempts') as unknown as {
      response: { bodyBase64: string };
      answerText: string;
      request: { headers: object };
    }[];
    expect(JSON.parse(Buffer.from(attempt?.response.bodyBase64 ?? '', 'base64').toString())).toEqual({ reply: attempt?.answerText });
    expect(Object.keys(attempt?.request.headers ?? {})).toContain('x-ordeal-probe-id');
  });

  it('resumes its stream after the last event that was seen, and says when there is no more', async () => {
    answer = () => ({ delayMs: 100 });
    const runId = await startRun();
    const first = await readEvents(runId, { enough: 3 });
    const rest = await readEvents(runId, { lastEventId: first.at(-1)?.id ?? '' });
    expect([...first, ...rest].map(({ id }) => Number(id))).toEqual([...first, ...rest].map((_, index) => index + 1));
    expect(rest.at(-1)?.event).toBe('run_ended');
    expect(await readEvents(runId, { lastEventId: rest.at(-1)?.id ?? '' })).toEqual([]);
    expect((await client.get(`/api/runs/${runId}/events`, { 'last-event-id': 'x' })).status).toBe(400);
  });

  it('is stopped once, however often it is asked; afterwards the end is shown', async () => {
    answer = () => ({ delayMs: 1_500 });
    const runId = await startRun({ concurrency: 1 });
    await waitUntil('the first request', async () => agent.seen.some(({ headers }) => headers['x-ordeal-run-id'] === runId));
    const stop = await client.post(`/api/runs/${runId}/stop`);
    const acknowledgedAtMs = Date.now();
    const again = await client.post(`/api/runs/${runId}/stop`);
    expect([stop.status, again.json['stopRequestedAt']]).toEqual([202, stop.json['stopRequestedAt']]);
    const run = await untilEnded(runId);
    expect(at(run, 'status')).toBe('stopped');
    const later = await client.post(`/api/runs/${runId}/stop`);
    expect([later.status, later.json['state'], at(later.json, 'run.status'), later.json['stopRequestedAt']]).toEqual([
      200,
      'ended',
      'stopped',
      stop.json['stopRequestedAt'],
    ]);
    expect(agent.seen.filter(({ headers, atMs }) => headers['x-ordeal-run-id'] === runId && atMs > acknowledgedAtMs + 1_000)).toEqual([]);
    expect(await db.query('select 1 from audit_logs where object_id = $1 and action = $2', [runId, 'run.stop'])).toHaveLength(1);
  });

  it('names what cannot be run', async () => {
    const path = `/api/projects/${tenant.projectId}/runs`;
    const table: [Readonly<Record<string, unknown>>, string][] = [
      [{ scripts: ['C2'] }, 'scripts.0'],
      [{ scripts: ['C1', 'C1'] }, 'scripts.1'],
      [{ scripts: [] }, 'scripts'],
      [{ categories: ['INJ-1'] }, 'categories.0'],
      [{ categories: ['TOOL-*', 'TOOL-*'] }, 'categories.1'],
      [{ scripts: ['C1'], categories: ['INJ-01', 'IDN-*'] }, 'categories.1'],
      [{ concurrency: 0 }, 'concurrency'],
      [{ concurrency: 1.5 }, 'concurrency'],
      [{ maxDurationMinutes: 31 }, 'maxDurationMinutes'],
      [{ circuitBreakerThreshold: '5' }, 'circuitBreakerThreshold'],
      [{ targetId: 'x' }, 'targetId'],
    ];
    for (const [body, field] of table) {
      const { status, json } = await client.post(path, { targetId, ...body });
      expect([field, status, at(json, 'issues.0.field')]).toEqual([field, 400, field]);
    }
    const slip = await client.post(path, { targetId, scripts: ['C11'] });
    expect(slip.json['detail']).toContain('did you mean "C1"');
  });
});

describe('scripts over the API', () => {
  it('get a new version only when they change, and never replace those that ship with Ordeal', async () => {
    const script = { slug: 'V1', title: 'Versions', description: '', steps: [testStep('V1-1')] };
    const first = await client.post('/api/scripts', script);
    const same = await client.post('/api/scripts', { ...script });
    const changed = await client.post('/api/scripts', { ...script, title: 'Versions, again' });
    expect([first, same, changed].map(({ status, json }) => [status, json['version']])).toEqual([
      [201, 1],
      [200, 1],
      [201, 2],
    ]);
    const old = await client.get(`/api/scripts/${String(first.json['scriptId'])}?version=1`);
    expect([at(old.json, 'definition.title'), old.json['latestVersion']]).toEqual(['Versions', 2]);
    expect((await client.get(`/api/scripts/${String(first.json['scriptId'])}?version=3`)).status).toBe(404);
    expect((await client.post('/api/scripts', { ...script, slug: 'S1' })).status).toBe(409);
    const wrong = await client.post('/api/scripts', { ...script, steps: [testStep('V1-1', { prompt: 'Say {{canari}}' })] });
    expect([wrong.status, at(wrong.json, 'issues.0.field'), wrong.json['detail']]).toEqual([
      400,
      'steps.0.prompt',
      expect.stringContaining('did you mean "canary"'),
    ]);
  });

  it('are taken with parameters under their other names, which the answer says', async () => {
    const { prompt, ...step } = testStep('A1-1');
    const taken = await client.post('/api/scripts', {
      slug: 'A1',
      name: 'Aliases',
      description: '',
      steps: [{ ...step, message: prompt }],
    });
    expect([taken.status, taken.json['notices']]).toEqual([
      201,
      [
        { field: 'name', message: 'is read as "title"' },
        { field: 'steps.0.message', message: 'is read as "prompt"' },
      ],
    ]);
    const stored = await client.get(`/api/scripts/${String(taken.json['scriptId'])}`);
    expect([at(stored.json, 'definition.title'), at(stored.json, 'definition.steps.0.prompt')]).toEqual(['Aliases', prompt]);
  });

  it('are refused with a kind of step that there is not, two steps of one id, an unknown parameter, and a prompt of 5 MB', async () => {
    const script = { slug: 'B1', title: 'Bad', description: '' };
    const refusals = [
      [[{ ...testStep('B1-1'), kind: 'send_promt' }], 400, 'steps.0.kind', 'did you mean "send_prompt"'],
      [[testStep('B1-1'), testStep('B1-1')], 400, 'steps.1.id', 'already taken'],
      [[{ ...testStep('B1-1'), promt: 'x' }], 400, 'steps.0.promt', 'did you mean "prompt"'],
      [[testStep('B1-1', { prompt: 'x'.repeat(200_000) })], 400, 'steps.0.prompt', '100000'],
      [[testStep('B1-1', { prompt: 'x'.repeat(5_000_000) })], 413, undefined, ''],
    ] as const;
    for (const [steps, status, field, message] of refusals) {
      const refused = await client.post('/api/scripts', { ...script, steps });
      expect([refused.status, at(refused.json, 'issues.0.field')]).toEqual([status, field]);
      expect(JSON.stringify(at(refused.json, 'issues.0.message') ?? '')).toContain(JSON.stringify(message).slice(1, -1));
    }
  });
});

describe('POST /api/targets/:targetId/test', () => {
  const test = async (definition: Readonly<Record<string, unknown>>, auth?: unknown) => {
    const body = { name: 'tried', definition, ...(auth === undefined ? {} : { auth }) };
    const target = await client.post(`/api/projects/${tenant.projectId}/targets`, body);
    expect(target.status).toBe(201);
    return (
      await client.post(`/api/targets/${String(target.json['targetId'])}/test`, undefined, { 'idempotency-key': '', 'content-type': '' })
    ).json;
  };

  it('shows what was sent, what came back and what was read, and sends the credential without showing it', async () => {
    answer = () => ({ reply: 'Hello to you.' });
    const result = await test({ ...targetAt(agent.url) }, { kind: 'bearer', token: 'canary-token-3c1' });
    expect([at(result, 'ok'), at(result, 'answer.text'), at(result, 'response.status')]).toEqual([true, 'Hello to you.', 200]);
    expect(agent.seen.at(-1)?.headers.authorization).toBe('Bearer canary-token-3c1');
    expect(JSON.stringify(result)).not.toContain('canary-token-3c1');
  });

  it('names what went wrong with the target, and what to change', async () => {
    answer = () => ({ status: 404 });
    const missing = await test({ ...targetAt(agent.url) });
    expect([at(missing, 'problem.failure'), at(missing, 'advice.0')]).toEqual(['target_config_invalid', expect.stringContaining('path')]);
    answer = () => ({ status: 500 });
    expect(at(await test({ ...targetAt(agent.url) }), 'problem.failure')).toBe('target_error');
    answer = () => ({ reply: 'x' });
    const unread = await test({ ...targetAt(agent.url), answerPath: '$.output' });
    expect([at(unread, 'problem.failure'), at(unread, 'problem.detail')]).toEqual([
      'answer_unreadable',
      expect.stringContaining('"reply"'),
    ]);
    const unresolved = await test({ ...targetAt('http://agent.invalid/chat') });
    expect([at(unresolved, 'ok'), at(unresolved, 'problem.failure'), at(unresolved, 'response')]).toEqual([false, 'dns_error', null]);
  });

  it('refuses at once an address that the outbound policy denies', async () => {
    for (const url of [
      'http://127.0.0.1:1/x',
      'http://169.254.169.254/',
      'http://[::1]/',
      'http://2130706433/',
      'ftp://a.example/x',
      'http://u:p@a.example/',
    ]) {
      const { status, json } = await client.post(`/api/projects/${tenant.projectId}/targets`, { name: 'x', definition: targetAt(url) });
      expect([url, status >= 400 && status < 500, at(json, 'issues.0.field')]).toEqual([url, true, 'definition.url']);
    }
  });
});
