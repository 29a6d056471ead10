import { sql } from 'kysely';

import { deadOutcomes, type DeadOutcome } from '../../domain/dead-letter.ts';
import type { OrgId, ProjectId, RunId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Which dead letters are meant; what is left out limits nothing. */
export interface DeadLetterFilter {
  readonly projectId?: ProjectId | undefined;
  readonly runId?: RunId | undefined;
  readonly script?: string | undefined;
  readonly category?: string | undefined;
  readonly outcome?: DeadOutcome | undefined;
  readonly reason?: string | undefined;
  readonly failure?: string | undefined;
  /** Judged at this moment or later; ISO 8601. */
  readonly since?: string | undefined;
}

/**
 * The dead letters of an organization: probes of ended runs without a verdict, where no retry has come to an outcome. (A
 * retry that came to none either is a dead letter itself.) Probes that a live retry has taken up are among them.
 */
export function selectDeadLetters(tx: OrgTransaction, orgId: OrgId, filter: DeadLetterFilter) {
  const { projectId, runId, script, category, outcome, reason, failure, since } = filter;
  return (
    tx
      .selectFrom('probes')
      .innerJoin('runs', (join) => join.onRef('runs.org_id', '=', 'probes.org_id').onRef('runs.run_id', '=', 'probes.run_id'))
      .leftJoin('probes as retries', (join) =>
        join.onRef('retries.org_id', '=', 'probes.org_id').onRef('retries.retry_of', '=', 'probes.probe_id'),
      )
      .where('probes.org_id', '=', orgId)
      // As in the condition of its index, which a list of parameters would not match.
      .where(sql<boolean>`probes.outcome in (${sql.join(deadOutcomes.map((name) => sql.lit(name)))})`)
      .where('runs.ended_at', 'is not', null)
      .where('retries.outcome', 'is', null)
      .$if(projectId !== undefined, (query) => query.where('runs.project_id', '=', projectId ?? ''))
      .$if(runId !== undefined, (query) => query.where('probes.run_id', '=', runId ?? ''))
      .$if(script !== undefined, (query) => query.where('probes.script_slug', '=', script ?? ''))
      .$if(category !== undefined, (query) => query.where(sql`probes.step->>'category'`, '=', category))
      .$if(outcome !== undefined, (query) => query.where('probes.outcome', '=', outcome ?? ''))
      .$if(reason !== undefined, (query) => query.where('probes.reason', '=', reason ?? ''))
      .$if(failure !== undefined, (query) => query.where('probes.failure', '=', failure ?? ''))
      .$if(since !== undefined, (query) => query.where('probes.judged_at', '>=', new Date(since ?? 0)))
  );
}

/** Those that no retry has taken up yet: a probe is taken up once, and then its retry is what may be retried. */
export function selectRetryable(tx: OrgTransaction, orgId: OrgId, filter: DeadLetterFilter) {
  return selectDeadLetters(tx, orgId, filter).where('retries.probe_id', 'is', null);
}
