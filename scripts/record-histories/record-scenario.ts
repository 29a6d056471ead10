import { pauseRun, resumeRun } from '../../db/runs/pause-run.ts';
import { requestStop } from '../../db/runs/request-stop.ts';
import { withOrg } from '../../db/with-org.ts';
import { runWorkflowId, type RunId } from '../../domain/ids.ts';
import type { ScriptDefinition } from '../../domain/script.ts';
import { fetchRunHistory, listRunExecutions } from '../../orchestration/run-histories.ts';
import type { AgentAnswer, ScriptedAgent, SeenRequest } from '../../test/fakes/scripted-agent.ts';
import {
  createTarget,
  createTenant,
  planRun,
  targetAt,
  testConversation,
  testScripts,
  type TestTenant,
} from '../../test/harness/plan-run.ts';
import { addMember, approvalsOf, giveDecision, issueToken, setPolicy, signalDecision } from '../../test/harness/approvals.ts';
import type { TestDatabase } from '../../test/harness/test-database.ts';
import type { TestWorker } from '../../test/harness/test-worker.ts';
import { waitUntil } from '../../test/harness/wait-until.ts';
import { adjustRunUpdate, pauseSignal, resumeSignal, stopSignal } from '../../workflows/run-messages.ts';
import type { Scenario } from './scenarios.ts';

export interface RecordingServices {
  readonly db: TestDatabase;
  readonly agent: ScriptedAgent;
  readonly worker: TestWorker;
  /** What the agent answers just now. */
  readonly answering: { answer: (request: SeenRequest, number: number) => AgentAnswer };
}

const longestRunMs = 300_000;

/** Runs a scenario for real and returns the histories of its executions, oldest first. */
export async function recordScenario(services: RecordingServices, scenario: Scenario): Promise<unknown[]> {
  const { db, agent, worker, answering } = services;
  agent.seen.length = 0;
  answering.answer = scenario.answer;
  const tenant = await createTenant(db.database, scenario.name);
  const definition = targetAt(agent.url, { concurrency: scenario.options.concurrency ?? 4 });
  const targetId = await createTarget(db.database, tenant, definition);
  const scripts = scriptsOfScenario(scenario);
  const runId = await planRun(db.database, { tenant, targetId, definition, scripts, options: scenario.options });
  if (scenario.approvals !== undefined) await setPolicy(db, tenant, scenario.approvals.policy);
  if (scenario.stop === 'before_start') await stop(services, tenant, runId);
  await worker.runs.start(tenant.orgId, runId);
  if (typeof scenario.stop === 'object') {
    const { afterRequests, how } = scenario.stop;
    await waitUntil(`${afterRequests} requests`, async () => agent.seen.length >= afterRequests);
    if (how === 'stop_by_signal') {
      await worker.temporal.call((client) => client.workflow.getHandle(runWorkflowId(runId)).signal(stopSignal, { by: 'a person' }));
    } else if (how === 'stop') {
      await stop(services, tenant, runId);
      await worker.runs.signalStop(runId, 'a person');
    } else {
      await worker.temporal.call((client) => client.workflow.getHandle(runWorkflowId(runId)).cancel());
    }
  }
  if (scenario.pause !== undefined) await pause(services, { tenant, runId, ...scenario.pause });
  if (scenario.adjust !== undefined) await adjust(services, { runId, ...scenario.adjust });
  if (scenario.approvals !== undefined) await decideAll(services, { tenant, runId, ...scenario.approvals });
  await expectEnd(services, runId, scenario);
  return readHistories(services, runId, scenario);
}

function scriptsOfScenario({ scripts, stepsPerScript, turns, hasCleanups }: Scenario): readonly ScriptDefinition[] {
  const cleanup = { method: 'DELETE', path: '/left/{{probe}}' } as const;
  const prompts = testScripts(scripts, stepsPerScript, hasCleanups === true ? { cleanup } : {});
  if (turns === undefined) return prompts;
  return prompts.map((script) => ({ ...script, steps: script.steps.map(({ id }) => testConversation(id, turns)) }));
}

interface Pausing extends NonNullable<Scenario['pause']> {
  readonly tenant: TestTenant;
  readonly runId: RunId;
}

/** By signals to the workflow alone, or in the database alone, where the workflow finds it. */
async function pause({ db, agent, worker }: RecordingServices, { tenant, runId, afterRequests, how, isResumed }: Pausing): Promise<void> {
  const asked = { orgId: tenant.orgId, runId, requestedBy: 'a person' };
  const status = async (wanted: string): Promise<boolean> => (await worker.runs.progress(runId)).status === wanted;
  const workflow = await worker.temporal.call(async (client) => client.workflow.getHandle(runWorkflowId(runId)));
  await waitUntil(`${afterRequests} requests`, async () => agent.seen.length >= afterRequests);
  if (how === 'signal') await workflow.signal(pauseSignal, { by: 'a person' });
  else await withOrg(db.database, tenant.orgId, (tx) => pauseRun(tx, asked));
  await waitUntil('the pause', () => status('paused'));
  if (!isResumed) return;
  if (how === 'signal') return workflow.signal(resumeSignal, { by: 'a person' });
  await withOrg(db.database, tenant.orgId, (tx) => resumeRun(tx, asked));
  await worker.runs.signalControlChanged(runId);
}

async function adjust(
  { agent, worker }: RecordingServices,
  { runId, afterRequests, adjustment }: NonNullable<Scenario['adjust']> & { readonly runId: RunId },
): Promise<void> {
  await waitUntil(`${afterRequests} requests`, async () => agent.seen.length >= afterRequests);
  const workflow = await worker.temporal.call(async (client) => client.workflow.getHandle(runWorkflowId(runId)));
  await workflow.executeUpdate(adjustRunUpdate, { args: [adjustment] });
}

interface Deciding extends NonNullable<Scenario['approvals']> {
  readonly tenant: TestTenant;
  readonly runId: RunId;
}

/** Decides whatever the run asks for until it has ended. */
async function decideAll({ db, worker }: RecordingServices, { tenant, runId, verdict, by }: Deciding): Promise<void> {
  if (verdict === 'none') return;
  const memberId = await addMember(db, tenant, 'approver');
  await waitUntil(`the end of ${runId}`, async () => {
    const waiting = (await approvalsOf(db, runId)).filter(({ status }) => status === 'pending');
    for (const { approval_id: approvalId } of waiting) {
      if (by === 'update') await worker.runs.decide(runId, await giveDecision(db, tenant, { approvalId, memberId, verdict }));
      else await signalDecision(worker, runId, await issueToken(db, tenant, { approvalId, memberId, verdict }));
    }
    return (await worker.runs.state(runId)) === 'closed';
  });
}

async function stop({ db }: RecordingServices, tenant: TestTenant, runId: RunId): Promise<void> {
  await withOrg(db.database, tenant.orgId, (tx) => requestStop(tx, { orgId: tenant.orgId, runId, requestedBy: 'a person' }));
}

async function expectEnd({ db, worker }: RecordingServices, runId: RunId, scenario: Scenario): Promise<void> {
  const [row] = await waitUntil(
    `the end of ${scenario.name}`,
    async () => {
      const rows = await db.query<{ status: string }>('select status from runs where run_id = $1 and ended_at is not null', [runId]);
      return rows.length > 0 && (await worker.runs.state(runId)) === 'closed' ? rows : undefined;
    },
    longestRunMs,
  );
  if (row?.status !== scenario.status) throw new Error(`${scenario.name} ended as ${row?.status}, not as ${scenario.status}`);
}

/** The list of executions lags behind the runs: visibility is written later. */
async function readHistories({ worker }: RecordingServices, runId: RunId, scenario: Scenario): Promise<unknown[]> {
  const executions = await waitUntil(`${scenario.executions} executions of ${scenario.name}`, async () => {
    const found = await listRunExecutions(worker.temporal, runId).catch(() => []);
    return found.length >= scenario.executions && found;
  });
  if (executions.length !== scenario.executions)
    throw new Error(`${scenario.name} took ${executions.length} executions, not ${scenario.executions}`);
  return Promise.all(executions.map(async (id) => (await fetchRunHistory(worker.temporal, runId, id)).history));
}
