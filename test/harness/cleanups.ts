import { requestStop, type StopResult } from '../../db/runs/request-stop.ts';
import { withOrg } from '../../db/with-org.ts';
import type { RunId } from '../../domain/ids.ts';
import type { CleanupSpec, ScriptDefinition, SendPromptStep, StepDefinition } from '../../domain/script.ts';
import type { SeenRequest } from '../fakes/scripted-agent.ts';
import type { Engine } from './engine.ts';
import { testStep } from './plan-run.ts';
import { waitUntil } from './wait-until.ts';
import type { TestDatabase } from './test-database.ts';

/** A step that leaves something behind under its own id. */
export function messyStep(id: string, overrides: Partial<SendPromptStep> = {}, cleanup: Partial<CleanupSpec> = {}): SendPromptStep {
  return testStep(id, { cleanup: { method: 'DELETE', path: `/left/${id}`, ...cleanup }, ...overrides });
}

/** One script, whose steps are sent one after the other. */
export function inOrder(...steps: readonly StepDefinition[]): ScriptDefinition[] {
  return [{ slug: 'T1', title: 'Test script', description: 'For tests.', steps }];
}

export const isCleanup = ({ headers }: SeenRequest): boolean => headers['x-ordeal-cleanup-id'] !== undefined;

/** What the target was asked to clean up, in that order. */
export function cleanedAt(seen: readonly SeenRequest[]): string[] {
  return seen.filter(isCleanup).map(({ path }) => path.split('/').at(-1) ?? '');
}

/** The steps that the target was sent, in that order. */
export function sentTo(seen: readonly SeenRequest[]): string[] {
  return seen.flatMap((request) => (isCleanup(request) ? [] : [/\(([\w-]+)\)/.exec(request.message)?.[1] ?? request.message]));
}

export interface CleanupRow {
  readonly cleanup_id: string;
  readonly step_id: string;
  readonly state: string;
  readonly failure: string | null;
  readonly detail: string | null;
  readonly order_no: number | null;
}

/** Cleanups of a run in their order. */
export function cleanupsOf(db: TestDatabase, runId: RunId): Promise<CleanupRow[]> {
  return db.query(
    'select cleanup_id, step_id, state, failure, detail, order_no from cleanups where run_id = $1 order by order_no nulls last, step_id',
    [runId],
  );
}

export async function cleanupStates(db: TestDatabase, runId: RunId): Promise<Record<string, string>> {
  return Object.fromEntries(
    (await cleanupsOf(db, runId)).map((row) => [row.step_id, row.failure === null ? row.state : `${row.state}: ${row.failure}`]),
  );
}

/** What tests of cleanups ask of their engine. */
export function cleaningEngine(engine: Engine) {
  const seen = () => engine.agent.seen;
  return {
    seen,
    begun: (requests: number) => waitUntil(`${requests} requests`, async () => seen().length >= requests),
    cleaning: (requests: number) => waitUntil(`${requests} cleanups`, async () => cleanedAt(seen()).length >= requests),
    states: (runId: RunId) => cleanupStates(engine.db, runId),
    stop: (runId: RunId): Promise<StopResult> => {
      const { orgId } = engine.tenant;
      return withOrg(engine.db.database, orgId, (tx) => requestStop(tx, { orgId, runId, requestedBy: 'key_test' }));
    },
  };
}
