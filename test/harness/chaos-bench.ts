import { inject, type TestContext } from 'vitest';

import type { RunId } from '../../domain/ids.ts';
import type { RunOptions } from '../../domain/run-options.ts';
import type { ScriptDefinition } from '../../domain/script.ts';
import type { HttpTargetDefinition } from '../../domain/target.ts';
import { connectTemporal, type TemporalGateway } from '../../orchestration/connect-temporal.ts';
import { ensureSearchAttributes } from '../../orchestration/ensure-search-attributes.ts';
import { createRunClient, type RunClient } from '../../orchestration/run-client.ts';
import { startScriptedAgent, type AgentAnswer, type ScriptedAgent, type SeenRequest } from '../fakes/scripted-agent.ts';
import { startApiProcess, type ApiProcess } from './api-process.ts';
import { checkRun, type WorkflowEnd } from './check-run.ts';
import { createTarget, createTenant, planRun, targetAt, type TestTenant } from './plan-run.ts';
import { randomSecretKey, randomTaskQueue, type ServiceSettings } from './service-env.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import { waitUntil } from './wait-until.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

export interface ChaosBenchOptions {
  readonly answer?: (request: SeenRequest, number: number) => AgentAnswer | Promise<AgentAnswer>;
  /** Servers of the test's own, when it is to stop them. */
  readonly clusterUrl?: string;
  readonly temporalAddress?: string;
  /** Further ports that workers may reach. */
  readonly allowPorts?: readonly number[];
}

export interface ChaosRunSpec {
  readonly scripts: readonly ScriptDefinition[];
  readonly options?: Partial<RunOptions>;
  readonly target?: Partial<HttpTargetDefinition>;
}

/** One installation whose processes are real and can be killed; everything of it is gone when the test is over. */
export interface ChaosBench {
  readonly db: TestDatabase;
  readonly agent: ScriptedAgent;
  readonly tenant: TestTenant;
  readonly temporal: TemporalGateway;
  readonly runs: RunClient;
  readonly settings: ServiceSettings;
  /** `overrides`: for a worker that sees the installation differently. */
  startWorker(overrides?: Partial<ServiceSettings>): Promise<WorkerProcess>;
  startApi(overrides?: Partial<ServiceSettings>): Promise<ApiProcess>;
  /** Plans a run and starts nothing, as an API that dies right after its commit. */
  plan(spec: ChaosRunSpec): Promise<RunId>;
  start(spec: ChaosRunSpec): Promise<RunId>;
  /** Waits for the end of a run in PostgreSQL and in Temporal. */
  ended(runId: RunId, timeoutMs?: number): Promise<EndedChaosRun>;
  /** How many probes of a run have their outcome. */
  judged(runId: RunId): Promise<number>;
  /** The requests of a run that the agent saw. */
  seen(runId: RunId): SeenRequest[];
  /** What the checker finds wrong with a run that has ended. */
  check(runId: RunId, workflow?: WorkflowEnd): Promise<string[]>;
}

export interface EndedChaosRun {
  readonly status: string;
  readonly reason: string;
  readonly outcomes: Readonly<Record<string, number>>;
}

export async function openChaosBench(context: TestContext, options: ChaosBenchOptions = {}): Promise<ChaosBench> {
  const db = await createTestDatabase(options.clusterUrl);
  const agent = await startScriptedAgent(options.answer ?? (() => ({})));
  const settings: ServiceSettings = {
    databaseUrl: db.url,
    temporalAddress: options.temporalAddress ?? inject('temporalAddress'),
    taskQueue: randomTaskQueue(),
    secretKey: randomSecretKey(),
    allowPorts: [agent.port, ...(options.allowPorts ?? [])],
  };
  // A test waits for a busy server.
  const temporal = connectTemporal({ address: settings.temporalAddress, namespace: 'default', callTimeoutMs: 30_000 });
  await ensureSearchAttributes(temporal, 'default');
  const processes: (WorkerProcess | ApiProcess)[] = [];
  context.onTestFinished(async () => {
    await Promise.all(processes.map((each) => each.kill9()));
    await Promise.all([temporal.close(), agent.close()]);
    await db.drop();
  });
  const tenant = await createTenant(db.database);
  const runs = createRunClient({ temporal, database: db.database, taskQueue: settings.taskQueue });
  const plan = async (spec: ChaosRunSpec): Promise<RunId> => {
    const definition = targetAt(agent.url, spec.target);
    const targetId = await createTarget(db.database, tenant, definition);
    return planRun(db.database, { tenant, targetId, definition, scripts: spec.scripts, options: spec.options ?? {} });
  };
  const seen = (runId: RunId) => agent.seen.filter((request) => request.headers['x-ordeal-run-id'] === runId);
  return {
    db,
    agent,
    tenant,
    temporal,
    runs,
    settings,
    plan,
    seen,
    startWorker: async (overrides) => {
      const worker = await startWorkerProcess({ ...settings, ...overrides });
      processes.push(worker);
      return worker;
    },
    startApi: async (overrides) => {
      const api = await startApiProcess({ ...settings, ...overrides });
      processes.push(api);
      return api;
    },
    start: async (spec) => {
      const runId = await plan(spec);
      await runs.start(tenant.orgId, runId);
      return runId;
    },
    judged: async (runId) => (await db.query('select from probes where run_id = $1 and outcome is not null', [runId])).length,
    ended: (runId, timeoutMs = 90_000) => waitForEnd({ db, runs }, runId, timeoutMs),
    check: (runId, workflow) => checkRun({ db, temporal, runId, seen: seen(runId), ...(workflow === undefined ? {} : { workflow }) }),
  };
}

async function waitForEnd({ db, runs }: Pick<ChaosBench, 'db' | 'runs'>, runId: RunId, timeoutMs: number): Promise<EndedChaosRun> {
  const look = async () => {
    const rows = await db.query<{ status: string; status_reason: string }>(
      'select status, status_reason from runs where run_id = $1 and ended_at is not null',
      [runId],
    );
    return rows[0];
  };
  const { status, status_reason: reason } = await waitUntil(`the end of ${runId}`, look, timeoutMs);
  await waitUntil(`the end of the workflow of ${runId}`, async () => (await runs.state(runId)) !== 'open');
  const counts = await db.query<{ outcome: string; count: number }>(
    'select outcome, count(*)::int as count from probes where run_id = $1 group by 1 order by 1',
    [runId],
  );
  return { status, reason, outcomes: Object.fromEntries(counts.map((row) => [row.outcome, row.count])) };
}
