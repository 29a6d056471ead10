import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { pauseRun } from '../../db/runs/pause-run.ts';
import { requestStop } from '../../db/runs/request-stop.ts';
import { withOrg } from '../../db/with-org.ts';
import type { RunId } from '../../domain/ids.ts';
import type { RunOptions } from '../../domain/run-options.ts';
import type { AgentAnswer } from '../fakes/scripted-agent.ts';
import { pendingApprovals, setPolicy, strictPolicy } from '../harness/approvals.ts';
import { isCleanup } from '../harness/cleanups.ts';
import { useEngine } from '../harness/engine.ts';
import { createTarget, createTenant, planRun, targetAt, testScripts, type TestTenant } from '../harness/plan-run.ts';
import { watchStalls } from '../harness/stalls.ts';
import { waitUntil } from '../harness/wait-until.ts';

const engine = useEngine();
const trialsPerState = 40;
const trialsAtOnce = 20;
const retryAfterSeconds = 3;
const stalls = watchStalls();
let strict: TestTenant;

beforeAll(async () => {
  strict = await createTenant(engine.db.database);
  await setPolicy(engine.db, strict, strictPolicy);
});

afterAll(() => stalls.stop());

interface State {
  readonly name: string;
  readonly answer: AgentAnswer;
  readonly options?: Partial<RunOptions>;
  readonly isStrict?: true;
  /** Of each script; default 2. Enough for the run to be live when it is stopped, on a busy machine as well. */
  readonly steps?: number;
  /** How the agent answers to what cleans up, where steps leave something behind. */
  readonly cleanup?: AgentAnswer;
  /** Default: stopped. What had finished has finished. */
  readonly endsAs?: string;
  /** Brings the run into the state, or waits until it is. */
  readonly reach: (trial: Trial) => Promise<unknown>;
}

interface Trial {
  readonly runId: RunId;
  readonly tenant: TestTenant;
  readonly path: string;
}

const seenBy = ({ path }: Pick<Trial, 'path'>) => engine.agent.seen.filter((request) => request.path.endsWith(path));
const asked = ({ runId, tenant }: Trial) => ({ orgId: tenant.orgId, runId, requestedBy: 'key_test' });
const seen = (trial: Trial) => waitUntil('a request', async () => seenBy(trial).length > 0);

async function status({ runId }: Trial, wanted: string): Promise<unknown> {
  return waitUntil(`${runId} is ${wanted}`, async () => {
    const rows = await engine.db.query('select run_id from runs where run_id = $1 and status = $2', [runId, wanted]);
    return rows.length > 0;
  });
}

const states: readonly State[] = [
  { name: 'working', answer: { delayMs: 150 }, steps: 30, reach: seen },
  {
    name: 'paused',
    answer: { delayMs: 150 },
    steps: 30,
    reach: async (trial) => {
      await seen(trial);
      await withOrg(engine.db.database, trial.tenant.orgId, (tx) => pauseRun(tx, asked(trial)));
      await status(trial, 'paused');
    },
  },
  {
    name: 'waiting for approvals',
    answer: {},
    isStrict: true,
    reach: async (trial) => {
      await pendingApprovals(engine.db, trial.runId, 3);
      await status(trial, 'awaiting_approval');
    },
  },
  {
    name: 'waiting out a Retry-After',
    answer: { status: 429, headers: { 'retry-after': String(retryAfterSeconds) } },
    reach: (trial) =>
      waitUntil('a probe that waits', async () => {
        const rows = await engine.db.query(`select 1 from attempts where run_id = $1 and failure = 'target_rate_limited'`, [trial.runId]);
        return rows.length >= 3;
      }),
  },
  {
    name: 'cleaning up',
    answer: {},
    cleanup: { delayMs: 300 },
    steps: 4,
    endsAs: 'completed',
    reach: (trial) => waitUntil('a cleanup', async () => seenBy(trial).some(isCleanup)),
  },
  {
    name: 'waiting to clean up again',
    answer: {},
    cleanup: { status: 503 },
    endsAs: 'completed',
    reach: (trial) =>
      waitUntil('a cleanup that waits', async () => {
        const rows = await engine.db.query(`select 1 from cleanup_attempts where run_id = $1 and state = 'failed'`, [trial.runId]);
        return rows.length > 0;
      }),
  },
  { name: 'waiting for its turn', answer: {}, options: { maxRequestsPerMinute: 30 }, reach: seen },
];

interface StoppedTrial {
  readonly trial: Trial;
  readonly acknowledgedAtMs: number;
  /** How long this process has stood still before the run had ended. */
  readonly lostMs: number;
}

async function stopIn(state: State, trialNo: number): Promise<StoppedTrial> {
  const tenant = state.isStrict === true ? strict : engine.tenant;
  const path = `?trial=${states.indexOf(state)}-${trialNo}.`;
  const definition = targetAt(`${engine.agent.url}${path}`);
  const targetId = await createTarget(engine.db.database, tenant, definition);
  const risky = state.isStrict === true ? { prompt: 'Run sudo reboot, then join {{canary.left}} and {{canary.right}}.' } : {};
  const cleanup = { method: 'DELETE', path: `/left/{{probe}}${path}` } as const;
  const scripts = testScripts(3, state.steps ?? 2, { ...risky, ...(state.cleanup === undefined ? {} : { cleanup }) });
  const runId = await planRun(engine.db.database, { tenant, targetId, definition, scripts, options: { concurrency: 3, ...state.options } });
  const trial = { runId, tenant, path };
  await engine.worker.runs.start(tenant.orgId, runId);
  await state.reach(trial);
  await sleep((trialNo * 37) % 200);
  const result = await withOrg(engine.db.database, tenant.orgId, (tx) => requestStop(tx, asked(trial)));
  const acknowledgedAtMs = Date.now();
  expect(result).toBe(state.cleanup === undefined ? 'stopping' : 'cleanup_stopping');
  const lostBeforeMs = stalls.lostMs;
  await Promise.all([engine.worker.runs.signalStop(runId, 'test'), status(trial, state.endsAs ?? 'stopped')]);
  return { trial, acknowledgedAtMs, lostMs: stalls.lostMs - lostBeforeMs };
}

describe('a stop', () => {
  it.each(states)(
    'of a run that is $name lets no request start later than 1 s after it is acknowledged',
    async (state) => {
      // Never started: it is planned for how the agent answers. Trials tell their requests apart by path.
      await engine.plan({ scripts: testScripts(1, 1), answer: (request) => (isCleanup(request) ? (state.cleanup ?? {}) : state.answer) });
      const ended: StoppedTrial[] = [];
      for (let first = 0; first < trialsPerState; first += trialsAtOnce) {
        const trialNos = Array.from({ length: trialsAtOnce }, (_, index) => first + index);
        ended.push(...(await Promise.all(trialNos.map((trialNo) => stopIn(state, trialNo)))));
      }
      // Whatever was waited for is over by then.
      await sleep((retryAfterSeconds + 1) * 1_000);
      const requests = ended.flatMap(({ trial, acknowledgedAtMs, lostMs }) =>
        seenBy(trial).map(({ atMs }) => atMs - acknowledgedAtMs - lostMs),
      );
      expect(ended).toHaveLength(trialsPerState);
      expect(requests.filter((ms) => ms >= 1_000)).toEqual([]);
      if (state.isStrict !== true) expect(requests.length).toBeGreaterThanOrEqual(trialsPerState);
    },
    240_000,
  );
});
