import type { OrgId, RunId } from '../../domain/ids.ts';

export interface RunKey {
  readonly orgId: OrgId;
  readonly runId: RunId;
}

/** A step by its place in the plan, as workflows name it. */
export interface StepPlace extends RunKey {
  readonly sequenceNo: number;
  readonly position: number;
}

/** A probe by the step of a script that it is, and which of its variants. */
export interface ProbeKey extends RunKey {
  readonly stepId: string;
  readonly variantNo: number;
}

/** A probe as one attempt to work on it holds it; every write of the attempt carries the epoch. */
export interface HeldProbe extends ProbeKey {
  readonly epoch: number;
}

/** The columns by which every table that speaks of a probe knows it, for `values` and for `where((eb) => eb.and(…))`. */
export function probeKey({ orgId, runId, stepId, variantNo }: ProbeKey) {
  return { org_id: orgId, run_id: runId, step_id: stepId, variant_no: variantNo };
}
