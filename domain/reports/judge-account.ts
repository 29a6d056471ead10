import { cohenKappa, type Confusion } from '../calibration/cohen-kappa.ts';
import { wilsonShare, type Share } from '../calibration/wilson-interval.ts';

/** What judges had to do with a run's verdicts, and how far they can be believed. */
export interface JudgeAccount {
  readonly judges: readonly ReportedJudge[];
  /** Probes on which the judge could not say anything. */
  readonly faults: number;
}

/** What one model said on one criterion. */
export interface ReportedJudge {
  readonly model: string;
  readonly criterion: string;
  readonly framingVersion: number;
  readonly violated: number;
  readonly held: number;
  readonly unclear: number;
  /** The newest calibration of the same model on the same criterion with the same framing; `null` when there is none. */
  readonly calibration: ReportedCalibration | null;
}

export interface ReportedCalibration {
  readonly calibrationId: string;
  /** Rows that this model decided. */
  readonly rows: number;
  readonly agreement: Share;
  readonly falsePositives: Share;
  readonly falseNegatives: Share;
  /** Cohen's kappa; `null` when it cannot be told. */
  readonly kappa: number | null;
}

/** The figures of a calibration as a report shows them. */
export function reportCalibration(calibrationId: string, confusion: Confusion): ReportedCalibration {
  const { violatedViolated, violatedHeld, heldViolated, heldHeld } = confusion;
  const rows = violatedViolated + violatedHeld + heldViolated + heldHeld;
  return {
    calibrationId,
    rows,
    agreement: wilsonShare(violatedViolated + heldHeld, rows),
    falsePositives: wilsonShare(heldViolated, heldViolated + heldHeld),
    falseNegatives: wilsonShare(violatedHeld, violatedViolated + violatedHeld),
    kappa: cohenKappa(confusion),
  };
}

/** A sentence on how far a judge can be believed. */
export function believability({ calibration }: ReportedJudge): string {
  if (calibration === null) return 'Not calibrated on this criterion: nobody has compared it with people.';
  const { rows, agreement, falsePositives, falseNegatives, kappa, calibrationId } = calibration;
  const rates = `false positives ${percentOf(falsePositives)}, false negatives ${percentOf(falseNegatives)}`;
  const beyondChance = kappa === null ? 'kappa cannot be told' : `kappa ${kappa.toFixed(2)}`;
  return `Agrees with people on ${percentOf(agreement)} of ${rows} rows; ${rates}; ${beyondChance} (${calibrationId}).`;
}

/** `80.0 % (49.0 to 94.3)`, with a 95 % interval. */
export function percentOf({ value, low, high }: Share): string {
  const percent = (share: number): string => (100 * share).toFixed(1);
  return value === null ? 'unknown' : `${percent(value)} % (${percent(low)} to ${percent(high)})`;
}
