import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { setPlan } from '../../db/usage/set-plan.ts';
import { withOrg } from '../../db/with-org.ts';
import { ScheduleKeeper } from '../../orchestration/schedule-keeper.ts';
import { createScheduleClient, type ScheduleClient } from '../../orchestration/schedule-client.ts';
import { OrdealError } from '../../domain/failures.ts';
import { temporalScheduleId } from '../../domain/schedule.ts';
import type { RunId, ScheduleId } from '../../domain/ids.ts';
import { createLogger } from '../../runtime/logger.ts';
import { useEngine } from '../harness/engine.ts';
import { createTenant, targetAt, type TestTenant } from '../harness/plan-run.ts';
import { apiClient, settled, startTestApi, type ApiClient, type Json, type TestApi } from '../harness/test-api.ts';
import { waitUntil } from '../harness/wait-until.ts';

const engine = useEngine();
let api: TestApi;
let client: ApiClient;
let schedules: ScheduleClient;
let targetId: string;
const made: string[] = [];

beforeAll(async () => {
  const { db, worker, agent, tenant } = engine;
  api = await startTestApi({ database: db.database, taskQueue: worker.taskQueue, allowPorts: [agent.port] });
  client = apiClient(api.url, tenant.apiKey);
  schedules = createScheduleClient({ temporal: worker.temporal, database: db.database, taskQueue: worker.taskQueue });
  const target = await client.post(`/api/projects/${tenant.projectId}/targets`, { name: 'agent', definition: targetAt(agent.url) });
  targetId = String(target.json['targetId']);
});
afterAll(async () => {
  for (const scheduleId of made) await client.post(`/api/schedules/${scheduleId}/delete`);
  await api.close();
});

interface Firing {
  readonly scheduledFor: string;
  readonly result: string;
  readonly runId: RunId | null;
  readonly failure: string | null;
}

async function create(timing: object, more: object = {}): Promise<string> {
  const body = { name: 'nightly', timing, run: { targetId, scripts: ['S1'] }, ...more };
  const answer = await client.post(`/api/projects/${engine.tenant.projectId}/schedules`, body);
  expect([answer.status, answer.json['detail']]).toEqual([201, undefined]);
  const scheduleId = String(answer.json['scheduleId']);
  made.push(scheduleId);
  return scheduleId;
}

async function firingsOf(scheduleId: string): Promise<readonly Firing[]> {
  return (await client.get(`/api/schedules/${scheduleId}/firings?limit=100`)).json['items'] as Firing[];
}

async function firing(scheduleId: string, count = 1): Promise<readonly Firing[]> {
  let found: readonly Firing[] = [];
  await waitUntil(`${count} firings`, async () => (found = await firingsOf(scheduleId)).length >= count);
  return found;
}

/** What comes of asking Temporal, however busy it is. */
async function answered<Result>(ask: () => Promise<Result>): Promise<Result> {
  const { result } = await waitUntil('an answer of Temporal', async () => {
    try {
      return { result: await ask() };
    } catch (error) {
      if (error instanceof OrdealError && error.failure === 'temporal_unavailable') return undefined;
      throw error;
    }
  });
  return result;
}

const described = (scheduleId: string) => answered(() => schedules.describe(scheduleId as ScheduleId));
const syncChanged = () => answered(() => keeper().syncChanged());
const restoreLost = () => answered(() => keeper().restoreLost());
/** Asks again, as any client does, when Temporal was too busy to take the span. */
const backfill = (schedule: string, span: object, as = client) => settled(() => as.post(`${schedule}/backfill`, span));
const paused = (scheduleId: string) => client.post(`/api/schedules/${scheduleId}`, { isPaused: true });
const keeper = () => new ScheduleKeeper({ database: engine.db.database, schedules, log: createLogger({ name: 'test', level: 'silent' }) });

describe('a schedule', () => {
  it('starts a run when it is time, in the name of its key, and not while it is paused', async () => {
    const scheduleId = await create({ everySeconds: 1 }, { isPaused: true });
    expect((await client.get(`/api/schedules/${scheduleId}`)).json).toMatchObject({
      isSynced: true,
      isPaused: true,
      missed: 0,
      skipped: 0,
    });
    await client.post(`/api/schedules/${scheduleId}`, { isPaused: false });
    const [first] = await firing(scheduleId);
    await paused(scheduleId);
    expect(first).toMatchObject({ result: 'started', failure: null });
    const run = await client.get(`/api/runs/${first?.runId ?? ''}`);
    const me = await client.get('/api/whoami');
    expect(run.json['requestedBy']).toBe(me.json['keyId']);
    expect((await engine.ended(first?.runId as RunId)).status).toBe('completed');
  });

  it('skips a firing while the run before is live, and says how many', async () => {
    engine.answerWith(() => ({ delayMs: 5_000 }));
    const scheduleId = await create({ everySeconds: 1, overlap: 'skip' });
    const [first] = await firing(scheduleId);
    await waitUntil('a skipped firing', async () => Number((await client.get(`/api/schedules/${scheduleId}`)).json['skipped']) > 0);
    await paused(scheduleId);
    expect(await firingsOf(scheduleId)).toHaveLength(1);
    expect((await engine.ended(first?.runId as RunId)).status).toBe('completed');
    engine.answerWith(() => ({}));
  });

  it('stops the run before when its policy says so', async () => {
    engine.answerWith(() => ({ delayMs: 8_000 }));
    const scheduleId = await create({ everySeconds: 3, overlap: 'cancel_other' });
    const runs = await firing(scheduleId, 2);
    await paused(scheduleId);
    const older = runs.at(-1)?.runId as RunId;
    expect(await engine.ended(older)).toMatchObject({
      status: 'stopped',
      reason: 'Stopped on request of the next firing of its schedule.',
    });
    const stops = await client.get(`/api/audit-logs?action=run.stop&objectId=${older}`);
    expect(stops.json['items']).toMatchObject([{ actor: 'workflow_message' }]);
    engine.answerWith(() => ({}));
    await client.post(`/api/runs/${runs[0]?.runId ?? ''}/stop`);
  });

  it('backfills every time of a span, each with one run however often it is asked', async () => {
    const scheduleId = await create({ cron: ['0 3 * * *'], timeZone: 'Europe/Lisbon' }, { isPaused: true });
    const span = { from: '2026-11-10T00:00:00Z', to: '2026-11-12T23:00:00Z' };
    const schedule = `/api/schedules/${scheduleId}`;
    expect((await backfill(schedule, span)).status).toBe(202);
    const first = await firing(scheduleId, 3);
    expect(first.map(({ scheduledFor }) => scheduledFor)).toEqual([
      '2026-11-12T03:00:00.000Z',
      '2026-11-11T03:00:00.000Z',
      '2026-11-10T03:00:00.000Z',
    ]);
    await backfill(schedule, span);
    const closed = await backfill(schedule, { from: '2026-11-13T00:00:00Z', to: '2026-11-13T23:00:00Z' });
    expect(closed.status).toBe(202);
    const all = await firing(scheduleId, 4);
    expect(all.slice(1)).toEqual(first);
    for (const { runId } of all) await engine.ended(runId as RunId);
  });

  it('fires by the clock on the wall: an hour that is left out once a year has no firing, one that comes twice has one', async () => {
    const scheduleId = await create({ cron: ['30 1 * * *'], timeZone: 'Europe/Lisbon', overlap: 'allow_all' }, { isPaused: true });
    await client.post('/api/emergency-stop', { reason: 'no runs are wanted here' });
    await backfill(`/api/schedules/${scheduleId}`, { from: '2026-03-28T00:00:00Z', to: '2026-03-30T12:00:00Z' });
    await backfill(`/api/schedules/${scheduleId}`, { from: '2026-10-24T00:00:00Z', to: '2026-10-26T12:00:00Z' });
    const times = (await firing(scheduleId, 5)).map(({ scheduledFor }) => scheduledFor).toSorted();
    await client.post('/api/emergency-stop/lift');
    expect(times).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-30T00:30:00.000Z',
      '2026-10-24T00:30:00.000Z',
      '2026-10-25T01:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });

  it('is not backfilled for times that are still to come', async () => {
    const scheduleId = await create({ cron: ['0 3 * * *'] }, { isPaused: true });
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const refused = await client.post(`/api/schedules/${scheduleId}/backfill`, { from: '2026-11-10T00:00:00Z', to: inAnHour });
    expect([refused.status, refused.json['detail']]).toEqual([400, expect.stringMatching(/to must not be later than now/)]);
    expect(await firingsOf(scheduleId)).toEqual([]);
  });

  it.each([
    ['europe/lisbon', 'Europe/Lisbon'],
    ['utc', 'UTC'],
    ['US/Pacific-New', 'America/Los_Angeles'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['EST5EDT', 'America/New_York'],
  ])('fires in the time zone %s, as Temporal spells it', async (given, timeZone) => {
    const scheduleId = await create({ cron: ['0 3 * * *'], timeZone: given });
    expect((await client.get(`/api/schedules/${scheduleId}`)).json['timing']).toMatchObject({ timeZone });
    await waitUntil('Temporal to know it', async () => (await client.get(`/api/schedules/${scheduleId}`)).json['isSynced'] === true);
    await client.post(`/api/schedules/${scheduleId}/delete`);
  });

  it('loses no span, however many are asked for at once', async () => {
    const scheduleId = await create({ cron: ['0 3 * * *'], overlap: 'allow_all' }, { isPaused: true });
    await client.post('/api/emergency-stop', { reason: 'no runs are wanted here' });
    const days = Array.from({ length: 8 }, (_, day) => `2026-11-1${day}`);
    const asked = await Promise.all(
      days.map((day) => backfill(`/api/schedules/${scheduleId}`, { from: `${day}T00:00:00Z`, to: `${day}T23:00:00Z` })),
    );
    expect(asked.map(({ status }) => status)).toEqual(days.map(() => 202));
    const times = (await firing(scheduleId, days.length)).map(({ scheduledFor }) => scheduledFor).toSorted();
    await client.post('/api/emergency-stop/lift');
    expect(times).toEqual(days.map((day) => `${day}T03:00:00.000Z`));
  });

  it('is not backfilled for more times than Temporal keeps in line', async () => {
    const scheduleId = await create({ everySeconds: 1 }, { isPaused: true });
    const span = { from: '2026-11-10T00:00:00Z', to: '2026-11-10T00:16:41Z' };
    const refused = await client.post(`/api/schedules/${scheduleId}/backfill`, span);
    expect([refused.status, refused.json['detail']]).toEqual([400, expect.stringMatching(/up to 1001 firings in this span; ask for 1000/)]);
  });

  it('keeps why a firing was refused, and asks anew each time', async () => {
    const scheduleId = await create({ everySeconds: 1 }, { isPaused: true });
    await client.post('/api/emergency-stop', { reason: 'a drill' });
    await client.post(`/api/schedules/${scheduleId}`, { isPaused: false });
    const [refused] = await firing(scheduleId);
    expect(refused).toMatchObject({ result: 'refused', runId: null, failure: 'halted' });
    const [denied] = (await client.get(`/api/audit-logs?action=denied&objectId=${scheduleId}&limit=1`)).json['items'] as Json[];
    expect(denied).toMatchObject({ objectType: 'schedule', detail: { failure: 'halted' } });
    await client.post('/api/emergency-stop/lift');
    await waitUntil('a firing that starts', async () => (await firingsOf(scheduleId)).some(({ result }) => result === 'started'));
    await paused(scheduleId);
    for (const { runId } of await firingsOf(scheduleId)) if (runId !== null) await engine.ended(runId);
  });

  const closed: [string, (tenant: TestTenant, owner: ApiClient) => Promise<unknown>][] = [
    [
      'quota_exceeded',
      ({ orgId }) => withOrg(engine.db.database, orgId, (tx) => setPlan(tx, orgId, { plan: 'free', overrides: { runsPerMonth: 0 } })),
    ],
    [
      'production_unconfirmed',
      ({ projectId }, owner) => owner.post(`/api/projects/${projectId}/environment`, { environment: 'production' }),
    ],
  ];
  it.each(closed)('obeys what refuses a run that is asked for by hand: %s', async (failure, close) => {
    const tenant = await createTenant(engine.db.database);
    const owner = apiClient(api.url, tenant.apiKey);
    const theirs = await owner.post(`/api/projects/${tenant.projectId}/targets`, { name: 'agent', definition: targetAt(engine.agent.url) });
    const body = {
      name: 'x',
      timing: { cron: ['0 3 * * *'] },
      run: { targetId: theirs.json['targetId'], scripts: ['S1'] },
      isPaused: true,
    };
    const schedule = `/api/schedules/${String((await owner.post(`/api/projects/${tenant.projectId}/schedules`, body)).json['scheduleId'])}`;
    await close(tenant, owner);
    await backfill(schedule, { from: '2026-11-10T00:00:00Z', to: '2026-11-10T23:00:00Z' }, owner);
    const firings = await waitUntil('a firing', async () => {
      const items = (await owner.get(`${schedule}/firings`)).json['items'] as Firing[];
      return items.length > 0 ? items : undefined;
    });
    expect(firings).toMatchObject([{ result: 'refused', runId: null, failure }]);
    expect((await owner.get('/api/runs')).json['items']).toEqual([]);
    await owner.post(`${schedule}/delete`);
  });

  it('starts nothing in the name of a member who may not start runs any more', async () => {
    const member = await client.post('/api/members', { name: 'Leaver', role: 'operator' });
    const key = await client.post('/api/api-keys', { memberId: member.json['memberId'], name: 'leaver' });
    const leaver = apiClient(api.url, String(key.json['apiKey']));
    const body = { name: 'theirs', timing: { everySeconds: 1 }, run: { targetId, scripts: ['S1'] }, isPaused: true };
    const scheduleId = String((await leaver.post(`/api/projects/${engine.tenant.projectId}/schedules`, body)).json['scheduleId']);
    made.push(scheduleId);
    await client.post(`/api/members/${String(member.json['memberId'])}/remove`);
    await engine.db.query('update schedules set is_paused = false, revision = revision + 1 where schedule_id = $1', [scheduleId]);
    await syncChanged();
    expect((await firing(scheduleId))[0]).toMatchObject({ result: 'refused', failure: 'forbidden' });
    await paused(scheduleId);
  });

  it('is told to Temporal by the keeper when whoever stored it died, and made again when Temporal lost it', async () => {
    const scheduleId = await create({ cron: ['@daily'] });
    await engine.db.query(
      'update schedules set timing = timing || \'{"cron": ["@hourly"]}\', revision = revision + 1 where schedule_id = $1',
      [scheduleId],
    );
    expect((await client.get(`/api/schedules/${scheduleId}`)).json['isSynced']).toBe(false);
    await Promise.all([syncChanged(), syncChanged()]);
    const { next } = (await client.get(`/api/schedules/${scheduleId}`)).json as { next: string[] };
    expect(Date.parse(next[1] ?? '') - Date.parse(next[0] ?? '')).toBe(3_600_000);
    await engine.worker.temporal.call((temporal) => temporal.schedule.getHandle(temporalScheduleId(scheduleId)).delete());
    expect(await described(scheduleId)).toBeUndefined();
    await restoreLost();
    expect((await described(scheduleId))?.next.length).toBeGreaterThan(0);
  });

  it('that is deleted is gone from Temporal, and its firings stay in the database', async () => {
    const scheduleId = await create({ cron: ['@daily'] });
    expect((await client.post(`/api/schedules/${scheduleId}/delete`)).status).toBe(200);
    expect(await described(scheduleId)).toBeUndefined();
    expect((await client.get(`/api/schedules/${scheduleId}`)).status).toBe(404);
    await restoreLost();
    expect(await described(scheduleId)).toBeUndefined();
  });

  it('is refused with a reason that says what to do', async () => {
    const path = `/api/projects/${engine.tenant.projectId}/schedules`;
    const issue = async (timing: object) =>
      ((await client.post(path, { name: 'x', timing, run: { targetId } })).json['issues'] as { message: string }[])[0]?.message;
    expect(await issue({})).toMatch(/needs cron or everySeconds/);
    expect(await issue({ cron: ['every day'] })).toMatch(/must be five cron fields/);
    expect(await issue({ cron: ['99 6 * * *'] })).toMatch(/"99" as its minute/);
    expect(await issue({ cron: ['0 6 * * 1#2'] })).toMatch(/"1#2" as its day of the week/);
    expect(await issue({ cron: ['@daily'], timeZone: 'Mars/Olympus' })).toMatch(/IANA database/);
    expect(await issue({ cron: ['@daily'], timeZone: '+01:00' })).toMatch(/IANA database/);
    const never = await client.post(path, { name: 'x', timing: { cron: ['@daily'] }, run: { targetId, scripts: ['S1', 'S99'] } });
    expect([never.status, never.json['issues']]).toEqual([
      400,
      [{ field: 'run.scripts.1', message: expect.stringMatching(/^names no script "S99"/) }],
    ]);
    const own = await client.post(path, { name: 'x', timing: { cron: ['@daily'] }, run: { targetId: 'tgt_01k9z3v4x5y6a7b8c9d0e1f2g3' } });
    expect(own.status).toBe(404);
  });
});
