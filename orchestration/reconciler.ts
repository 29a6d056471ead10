import {
  listEndedHolds,
  listLiveRuns,
  listUnseenControls,
  listUnseenDecisions,
  type LiveRun,
  type UnseenDecision,
} from '../db/system-queries.ts';
import { finalizeRun } from '../db/runs/finalize-run.ts';
import { endHold } from '../db/runs/held-runs.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { insertAudit } from '../db/insert-audit.ts';
import { withOrg, type OrgTransaction } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import type { RunId } from '../domain/ids.ts';
import type { Logger } from '../runtime/logger.ts';
import { newId } from '../runtime/new-id.ts';
import type { RunClient } from './run-client.ts';

/** What the reconciler may find, and mends. */
export const repairKinds = [
  'workflow_started',
  'workflow_restarted',
  'stop_resent',
  'control_resent',
  'decision_resent',
  'run_closed',
  'hold_ended',
] as const;
export type RepairKind = (typeof repairKinds)[number];

export interface ReconcilerOptions {
  readonly database: TenantDatabase;
  readonly runs: RunClient;
  readonly log: Logger;
  /** Between two sweeps; default 1 s, so that a run whose start was lost starts within 5 s, on a busy machine too. */
  readonly everyMs?: number;
}

/** A workflow that was just asked for may still be on its way: younger rows are left to whoever made them. */
const startGraceMs = 1_500;
/** A workflow answers a stop in well under this; then its signal was lost. */
const stopGraceMs = 5_000;
/** How often a run that looks healthy is compared with Temporal. */
const compareEveryMs = 10_000;
/** A sweep waits no longer for a workflow to take a decision in. */
const decisionPatienceMs = 3_000;
const runsPerSweep = 1_000;

/**
 * Keeps Temporal and PostgreSQL telling the same story.
 *
 * - queued, no workflow: whoever planned the run died before starting it → start it.
 * - live, workflow unknown to Temporal: its store was lost → start it again; the rows say what is done already.
 * - live, stop requested, workflow still open: the signal was lost → send it again.
 * - live, paused, resumed or adjusted, and the workflow has not looked since: that signal was lost → send it again.
 * - live, an approval of it decided, and the workflow has not heard: that update was lost → send it again.
 * - held, and stopped or held for too long → end the run; none of its steps was sent.
 * - live, workflow closed: it was terminated or timed out → end the run as `failed`, results kept.
 *
 * Every repair is idempotent, so any number of reconcilers may run; each repair is an audit row and a count.
 */
export class Reconciler {
  readonly repairs: Record<RepairKind, number> = {
    workflow_started: 0,
    workflow_restarted: 0,
    stop_resent: 0,
    control_resent: 0,
    decision_resent: 0,
    run_closed: 0,
    hold_ended: 0,
  };
  lastSweepAt: Date | undefined;
  readonly #options: ReconcilerOptions;
  readonly #comparedAtMs = new Map<string, number>();
  /** When the workflow of a run was last told of its control. */
  readonly #toldAtMs = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#sweeping = this.sweep()
        .catch((error: unknown) => this.#options.log.warn({ err: error }, 'reconciler sweep failed; the next one tries again'))
        .then(() => {
          if (!this.#isStopped) this.start();
        });
    }, this.#options.everyMs ?? 1_000);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  /** One pass over the live runs. A run that cannot be mended now does not keep the others waiting. */
  async sweep(): Promise<void> {
    const live = await listLiveRuns(this.#options.database, runsPerSweep);
    this.#forgetEnded(live);
    for (const run of live.filter((candidate) => this.#isDue(candidate))) {
      try {
        await this.#compare(run);
      } catch (error) {
        if (error instanceof OrdealError && error.failure === 'temporal_unavailable') throw error;
        this.#options.log.error({ err: error, runId: run.runId }, 'run could not be reconciled');
      }
    }
    await this.#resendControls();
    await this.#resendDecisions();
    await this.#endHolds();
    this.lastSweepAt = new Date();
  }

  #isDue(run: LiveRun): boolean {
    if (run.status === 'queued') return run.ageMs > startGraceMs;
    const intervalMs = run.stoppingMs === null ? compareEveryMs : stopGraceMs;
    const isStopFresh = run.stoppingMs !== null && run.stoppingMs < stopGraceMs;
    return !isStopFresh && sinceMs(this.#comparedAtMs, run.runId) >= intervalMs;
  }

  async #compare(run: LiveRun): Promise<void> {
    this.#comparedAtMs.set(run.runId, performance.now());
    const state = await this.#options.runs.state(run.runId);
    if (state === 'missing') return this.#startMissing(run);
    if (state === 'closed') return this.#closeAbandoned(run);
    if (run.stoppingMs !== null) {
      await this.#options.runs.signalStop(run.runId, 'the reconciler, for a stop that was requested before');
      await this.#count(run, 'stop_resent');
    }
  }

  async #startMissing(run: LiveRun): Promise<void> {
    const result = await this.#options.runs.start(run.orgId, run.runId);
    if (result === 'started') await this.#count(run, run.status === 'queued' ? 'workflow_started' : 'workflow_restarted');
  }

  /** A run may have come to its own end since it was listed, and its workflow be closed because of that: nothing is mended then. */
  async #closeAbandoned(run: LiveRun): Promise<void> {
    const isMended = await withOrg(this.#options.database, run.orgId, async (tx) => {
      const { wasLive } = await finalizeRun(tx, {
        orgId: run.orgId,
        runId: run.runId,
        ending: { kind: 'engine_failure', detail: 'its workflow was terminated or timed out' },
        newFindingId: () => newId('finding'),
      });
      if (wasLive) await auditRepair(tx, run, 'run_closed');
      return wasLive;
    });
    if (isMended) this.#tally(run, 'run_closed');
  }

  async #endHolds(): Promise<void> {
    for (const { orgId, runId } of await listEndedHolds(this.#options.database, runsPerSweep)) {
      try {
        const newFindingId = () => newId('finding');
        const hasEnded = await withOrg(this.#options.database, orgId, async (tx) => {
          if (!(await endHold(tx, { orgId, runId, newFindingId }))) return false;
          await auditRepair(tx, { orgId, runId }, 'hold_ended');
          return true;
        });
        if (hasEnded) this.#tally({ orgId, runId }, 'hold_ended');
      } catch (error) {
        this.#options.log.error({ err: error, runId }, 'held run could not be ended');
      }
    }
  }

  /** For repairs of Temporal, which has no transaction of ours to write the audit row in. */
  async #count(run: RepairedRun, kind: RepairKind): Promise<void> {
    this.#tally(run, kind);
    await withOrg(this.#options.database, run.orgId, (tx) => auditRepair(tx, run, kind));
  }

  #tally(run: RepairedRun, kind: RepairKind): void {
    this.repairs[kind] += 1;
    this.#options.log.info({ runId: run.runId, repair: kind }, 'reconciled');
  }

  async #resendControls(): Promise<void> {
    for (const { orgId, runId, ageMs } of await listUnseenControls(this.#options.database, runsPerSweep)) {
      if (ageMs < stopGraceMs || sinceMs(this.#toldAtMs, runId) < stopGraceMs) continue;
      try {
        if ((await this.#options.runs.signalControlChanged(runId)) === 'gone') continue;
        this.#toldAtMs.set(runId, performance.now());
        await this.#count({ orgId, runId }, 'control_resent');
      } catch (error) {
        this.#options.log.error({ err: error, runId }, 'run could not be told of its control');
      }
    }
  }

  async #resendDecisions(): Promise<void> {
    const unseen = await listUnseenDecisions(this.#options.database, runsPerSweep);
    const due = unseen.filter(({ ageMs }) => ageMs >= stopGraceMs);
    const ofRuns = Map.groupBy(due, ({ runId }) => runId);
    await Promise.all([...ofRuns.values()].map((decisions) => this.#resendDecisionsOf(decisions)));
  }

  /** One after the other, because a workflow takes few updates at once. One that does not answer is left to the next sweep. */
  async #resendDecisionsOf(decisions: readonly UnseenDecision[]): Promise<void> {
    for (const { orgId, runId, decisionId } of decisions) {
      try {
        if ((await this.#options.runs.decide(runId, decisionId, decisionPatienceMs)) === 'gone') return;
        await this.#count({ orgId, runId }, 'decision_resent');
      } catch (error) {
        this.#options.log.warn({ err: error, runId, decisionId }, 'run could not be told of a decision; the next sweep tries again');
        return;
      }
    }
  }

  #forgetEnded(live: readonly LiveRun[]): void {
    const ids = new Set<string>(live.map((run) => run.runId));
    for (const times of [this.#comparedAtMs, this.#toldAtMs]) {
      for (const id of times.keys()) if (!ids.has(id)) times.delete(id);
    }
  }
}

/** How long ago something was done for a run; for ever, when it never was. */
function sinceMs(times: ReadonlyMap<string, number>, runId: RunId): number {
  return performance.now() - (times.get(runId) ?? Number.NEGATIVE_INFINITY);
}

type RepairedRun = Pick<LiveRun, 'orgId' | 'runId'>;

function auditRepair(tx: OrgTransaction, { orgId, runId }: RepairedRun, kind: RepairKind): Promise<void> {
  return insertAudit(tx, { orgId, action: `run.${kind}`, actor: 'reconciler', objectType: 'run', objectId: runId });
}
