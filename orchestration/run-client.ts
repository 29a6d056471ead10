import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';

import { loadRunStart, type RunStart } from '../db/runs/load-run-start.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { withOrg } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import type { AppliedDecision } from '../domain/approvals/approval.ts';
import { runWorkflowId, type DecisionId, type OrgId, type RunId } from '../domain/ids.ts';
import type { RunProgress } from '../domain/run-progress.ts';
import { priorityKeys } from '../domain/run-priority.ts';
import type { runWorkflow } from '../workflows/run-workflow.ts';
import {
  controlChangedSignal,
  decideApprovalUpdate,
  progressQuery,
  runSearchAttributes,
  stopSignal,
  type RunWorkflowInput,
} from '../workflows/run-messages.ts';
import type { TemporalGateway } from './connect-temporal.ts';
import { ensureSearchAttributes } from './ensure-search-attributes.ts';

export interface RunClientOptions {
  readonly temporal: TemporalGateway;
  readonly database: TenantDatabase;
  readonly taskQueue: string;
}

export type WorkflowState = 'open' | 'closed' | 'missing';

/** How API and reconciler speak to the workflows of runs. There is no other way to start one. */
export interface RunClient {
  /** Starts the workflow of a planned run; `already_started` when it has one, or had one. Throws `conflict` for a held run. */
  start(orgId: OrgId, runId: RunId): Promise<'started' | 'already_started'>;
  /** Tells the workflow of a stop that is stored; `gone` when there is none to tell. The ledger is closed by `requestStop`, not by this. */
  signalStop(runId: RunId, by: string): Promise<'signalled' | 'gone'>;
  /** Tells the workflow that its run was paused, resumed or adjusted; `gone` when there is none to tell. */
  signalControlChanged(runId: RunId): Promise<'signalled' | 'gone'>;
  /** The workflow's own account of where it stands. Throws `not_found` when there is no workflow to ask. */
  progress(runId: RunId): Promise<RunProgress>;
  /** Tells the workflow of a stored decision, which counts from then on if it did not before; `gone` when there is none to tell. */
  decide(runId: RunId, decisionId: DecisionId, timeoutMs?: number): Promise<AppliedDecision | 'gone'>;
  state(runId: RunId): Promise<WorkflowState>;
}

/** The deadline that stands behind the duration cap: it ends a workflow whose own timer could not. */
const backstopMinutes = 60;
/** While a run only waits for people its clock stands still; so must what stands behind the clock. Approvals lapse by themselves long before. */
const longestWaitForPeopleMinutes = 90 * 24 * 60;
/** A decision is a round trip through the workflow, which may have to be read from the start first. */
const decisionTimeoutMs = 8_000;
/** The gRPC code. */
const invalidArgument = 3;

export function createRunClient({ temporal, database, taskQueue }: RunClientOptions): RunClient {
  return {
    start: async (orgId, runId) => {
      const run = await withOrg(database, orgId, (tx) => loadRunStart(tx, orgId, runId));
      if (run === undefined) throw new OrdealError('not_found', `There is no run ${runId}.`);
      if (run.isHeld) throw new OrdealError('conflict', `Run ${runId} is held: POST /api/runs/${runId}/execute lets it start.`);
      try {
        return await startWorkflow(temporal, taskQueue, run);
      } catch (error) {
        // A server that lost its store lost our search attributes too, and no process starts anew because of that.
        if (!isUnknownSearchAttribute(error)) throw error;
        await ensureSearchAttributes(temporal, await temporal.call(async (client) => client.options.namespace));
        return startWorkflow(temporal, taskQueue, run);
      }
    },
    signalStop: (runId, by) =>
      temporal.call(async (client) => {
        try {
          await client.workflow.getHandle(runWorkflowId(runId)).signal(stopSignal, { by, sparesCleanup: true });
          return 'signalled';
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return 'gone';
          if (!isFullOfSignals(error)) throw error;
          // A storm of signals keeps nobody from stopping the run: it takes a cancellation for a stop.
          await client.workflow.getHandle(runWorkflowId(runId)).cancel();
          return 'signalled';
        }
      }),
    signalControlChanged: (runId) =>
      temporal.call(async (client) => {
        try {
          await client.workflow.getHandle(runWorkflowId(runId)).signal(controlChangedSignal);
          return 'signalled';
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return 'gone';
          throw error;
        }
      }),
    progress: (runId) =>
      temporal.call(async (client) => {
        try {
          return await client.workflow.getHandle(runWorkflowId(runId)).query(progressQuery);
        } catch (error) {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
          throw new OrdealError('not_found', `There is no workflow of the run ${runId}.`, { cause: error });
        }
      }),
    decide: (runId, decisionId, timeoutMs = decisionTimeoutMs) =>
      temporal.call(async (client) => {
        const handle = client.workflow.getHandle(runWorkflowId(runId));
        try {
          return await handle.executeUpdate(decideApprovalUpdate, { updateId: decisionId, args: [{ decisionId }] });
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return 'gone';
          throw error;
        }
      }, timeoutMs),
    state: (runId) =>
      temporal.call(async (client) => {
        try {
          const { status } = await client.workflow.getHandle(runWorkflowId(runId)).describe();
          return status.name === 'RUNNING' || status.name === 'CONTINUED_AS_NEW' ? 'open' : 'closed';
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return 'missing';
          throw error;
        }
      }),
  };
}

async function startWorkflow(temporal: TemporalGateway, taskQueue: string, run: RunStart): Promise<'started' | 'already_started'> {
  const input: RunWorkflowInput = { orgId: run.orgId, runId: run.runId };
  const scripts = run.scripts
    .map((script) => script.slug)
    .slice(0, 10)
    .join(', ');
  try {
    await temporal.call((client) =>
      client.workflow.start<typeof runWorkflow>('runWorkflow', {
        workflowId: runWorkflowId(run.runId),
        taskQueue,
        args: [input],
        priority: { priorityKey: priorityKeys[run.priority], fairnessKey: run.orgId },
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowExecutionTimeout: `${longestRunMinutes(run)} minutes`,
        staticSummary: `${scripts} against ${run.targetName}`.slice(0, 200),
        staticDetails: run.scripts
          .map((script) => `- ${script.slug} ${script.title}: ${script.steps} steps`)
          .join('\n')
          .slice(0, 5_000),
        typedSearchAttributes: new TypedSearchAttributes([
          { key: runSearchAttributes.organization, value: run.orgId },
          { key: runSearchAttributes.project, value: run.projectId },
          { key: runSearchAttributes.status, value: 'queued' },
        ]),
      }),
    );
    return 'started';
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'already_started';
    throw error;
  }
}

function longestRunMinutes({ options }: RunStart): number {
  const { maxDurationMinutes, maxPausedMinutes, maxCleanupMinutes } = options;
  return maxDurationMinutes + maxPausedMinutes + longestWaitForPeopleMinutes + maxCleanupMinutes + backstopMinutes;
}

function isUnknownSearchAttribute(error: unknown): boolean {
  return isRefusedFor(error, 'search attribute');
}

/** Temporal takes so many signals of one execution and no more. */
function isFullOfSignals(error: unknown): boolean {
  return isRefusedFor(error, 'limit for signal events');
}

function isRefusedFor(error: unknown, words: string): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === invalidArgument && cause.message.includes(words);
}
