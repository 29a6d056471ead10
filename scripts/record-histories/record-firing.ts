import { WorkflowFailedError } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

import { insertSchedule } from '../../db/schedules/insert-schedule.ts';
import { withOrg } from '../../db/with-org.ts';
import { newId } from '../../runtime/new-id.ts';
import { createTarget, createTenant, targetAt } from '../../test/harness/plan-run.ts';
import { waitUntil } from '../../test/harness/wait-until.ts';
import type { ScheduledRunInput, scheduledRunWorkflow } from '../../workflows/scheduled-run-workflow.ts';
import type { RecordingServices } from './record-scenario.ts';

/** A path through the workflow of a schedule's firing of which a history is kept. */
export interface FiringScenario {
  /** Becomes the name of the file. */
  readonly name: string;
  readonly isCancelled: boolean;
}

export const firingScenarios: readonly FiringScenario[] = [
  { name: 'firing-completed', isCancelled: false },
  { name: 'firing-cancelled', isCancelled: true },
];

/** Fires a schedule for real, as Temporal does when it is time, and returns the history. */
export async function recordFiring(
  { db, agent, worker, answering }: RecordingServices,
  { name, isCancelled }: FiringScenario,
): Promise<unknown> {
  agent.seen.length = 0;
  answering.answer = () => ({ delayMs: isCancelled ? 2_000 : 500 });
  const tenant = await createTenant(db.database, name);
  const { orgId, projectId } = tenant;
  const targetId = await createTarget(db.database, tenant, targetAt(agent.url));
  const [key] = await db.query<{ key_id: string }>('select key_id from api_keys where org_id = $1', [orgId]);
  const scheduleId = newId('schedule');
  const timing = { everySeconds: 3_600, timeZone: 'UTC', jitterSeconds: 0, overlap: 'cancel_other', catchUpSeconds: 60 } as const;
  const schedule = {
    scheduleId,
    projectId,
    name,
    timing,
    run: { targetId, scripts: ['S1'] },
    isPaused: false,
    createdBy: key?.key_id ?? '',
  };
  await withOrg(db.database, orgId, (tx) => insertSchedule(tx, orgId, schedule));
  const input: ScheduledRunInput = { orgId, scheduleId };
  const firing = await worker.temporal.call((client) =>
    client.workflow.start<typeof scheduledRunWorkflow>('scheduledRunWorkflow', {
      workflowId: `scheduled-run/${scheduleId}`,
      taskQueue: worker.taskQueue,
      args: [input],
    }),
  );
  if (isCancelled) {
    await waitUntil('a request', async () => agent.seen.length > 0);
    await firing.cancel();
  }
  await firing.result().catch((error: unknown) => {
    if (!(isCancelled && error instanceof WorkflowFailedError)) throw error;
  });
  return JSON.parse(historyToJSON(await firing.fetchHistory()));
}
