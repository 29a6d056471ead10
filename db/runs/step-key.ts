import type { OrgId, RunId } from '../../domain/ids.ts';

/** A step by its place in the plan, as workflows name it. */
export interface StepPlace {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly sequenceNo: number;
  readonly position: number;
}

/** A probe as one attempt to work on it holds it; every write of the attempt carries the epoch. */
export interface HeldProbe {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly stepId: string;
  readonly variantNo: number;
  readonly epoch: number;
}
