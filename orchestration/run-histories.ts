import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

import { OrdealError } from '../domain/failures.ts';
import { runWorkflowId, type RunId } from '../domain/ids.ts';
import type { TemporalGateway } from './connect-temporal.ts';

export interface RunHistory {
  /** Temporal's own id of this execution; a long run has several, one after the other. */
  readonly executionId: string;
  /** The history in Temporal's JSON form, as `Worker.runReplayHistory` and the Temporal CLI take it. */
  readonly history: unknown;
}

const fetchTimeoutMs = 30_000;

/** The executions of a run's workflow, oldest first. Throws `not_found` when Temporal keeps none (any more). */
export function listRunExecutions(temporal: TemporalGateway, runId: RunId): Promise<string[]> {
  return temporal.call(async (client) => {
    const ids = await executionIds(client, runId);
    if (ids.length > 0) return ids;
    throw new OrdealError('not_found', `Temporal keeps no history of the run ${runId} (any more).`);
  }, fetchTimeoutMs);
}

export function fetchRunHistory(temporal: TemporalGateway, runId: RunId, executionId: string): Promise<RunHistory> {
  return temporal.call(async (client) => {
    const history = await client.workflow.getHandle(runWorkflowId(runId), executionId).fetchHistory();
    return { executionId, history: JSON.parse(historyToJSON(history)) as unknown };
  }, fetchTimeoutMs);
}

async function executionIds(client: Client, runId: RunId): Promise<string[]> {
  const executions: { id: string; startedAtMs: number }[] = [];
  for await (const execution of client.workflow.list({ query: `WorkflowId = "${runWorkflowId(runId)}"` })) {
    executions.push({ id: execution.runId, startedAtMs: execution.startTime.getTime() });
  }
  const listed = executions.toSorted((a, b) => a.startedAtMs - b.startedAtMs).map((execution) => execution.id);
  const latest = await latestExecutionId(client, runId);
  return latest === undefined || listed.includes(latest) ? listed : [...listed, latest];
}

/** Known at once, while Temporal lists an execution some moments after it began. */
async function latestExecutionId(client: Client, runId: RunId): Promise<string | undefined> {
  try {
    const { runId: executionId } = await client.workflow.getHandle(runWorkflowId(runId)).describe();
    return executionId;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
