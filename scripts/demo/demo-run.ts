import { setTimeout as sleep } from 'node:timers/promises';
import { pageOf } from '../../contracts/page.ts';
import { probeSchema } from '../../contracts/probe.ts';
import { reportSchema } from '../../contracts/report.ts';
import { runProgressSchema, type RunProgressView, runSchema } from '../../contracts/run.ts';
import { isTerminal } from '../../domain/run-state.ts';
import type { ApiConnection } from '../stack/api-connection.ts';
import type { DemoAgent, LocalTenant } from '../stack/local-settings.ts';
import type { DemoResult } from './demo-result.ts';

const probePage = pageOf(probeSchema);

/** How far a run is. */
export type DemoProgress = RunProgressView;

/** Two runs are followed with one key, within what a key may read a minute. */
const pollMs = 1_000;
const longestRunMs = 120_000;

/** Starts a run of all built-in scripts against the agent, as any client of the API would; returns its id. */
export async function startDemoRun(api: ApiConnection, tenant: LocalTenant, agent: DemoAgent): Promise<string> {
  const { runId } = await api.post(
    `/api/projects/${tenant.projectId}/runs`,
    { targetId: tenant.targets[agent].targetId, scripts: ['S1', 'S2', 'S3', 'S4', 'S5'] },
    runSchema,
  );
  return runId;
}

/** Waits until the run has ended, telling how far it is whenever it has moved. */
export async function followRun(
  api: ApiConnection,
  runId: string,
  options: { readonly tell: (progress: DemoProgress) => void; readonly signal: AbortSignal },
): Promise<DemoProgress> {
  const deadline = Date.now() + longestRunMs;
  let told = '';
  for (;;) {
    const progress = await api.get(`/api/runs/${runId}/progress`, runProgressSchema);
    const state = JSON.stringify(progress);
    if (state !== told) options.tell(progress);
    told = state;
    if (isTerminal(progress.status) || Date.now() > deadline) return progress;
    await sleep(pollMs, undefined, { signal: options.signal });
  }
}

/** Reads what came of the run, and its reports as they stand. */
export async function readDemoResult(
  api: ApiConnection,
  run: { readonly agent: DemoAgent; readonly runId: string; readonly progress: DemoProgress },
): Promise<{ readonly result: DemoResult; readonly markdown: string; readonly json: string }> {
  const path = `/api/runs/${run.runId}`;
  const [probes, markdown, json] = await Promise.all([
    api.get(`${path}/probes?limit=100`, probePage),
    api.getText(`${path}/report?format=markdown`),
    api.getText(`${path}/report?format=json`),
  ]);
  const report = reportSchema.parse(JSON.parse(json));
  const result: DemoResult = {
    agent: run.agent,
    runId: run.runId,
    status: run.progress.status,
    risk: report.score.risk,
    coveragePercent: report.score.coveragePercent,
    probes: probes.items.map(({ scriptSlug, stepId, outcome }) => ({ script: scriptSlug, stepId, outcome })),
    findings: report.findings.map(({ severity, title, scriptSlug }) => ({ severity, title, script: scriptSlug })),
  };
  return { result, markdown, json };
}
