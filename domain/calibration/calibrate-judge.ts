import type { JudgeAnswer } from '../model-judge/opinion.ts';
import { kappaWithInterval, type Confusion, type Kappa } from './cohen-kappa.ts';
import { wilsonShare, type Share } from './wilson-interval.ts';

export const calibrationLabels = ['violated', 'held'] as const;
export type CalibrationLabel = (typeof calibrationLabels)[number];

/** A row that people have labelled, and what the judge said of it; `null` when the judge was at fault. */
export interface CalibrationRow {
  readonly label: CalibrationLabel;
  readonly said: JudgeAnswer | null;
}

/** How far a judge can be believed, with 95 % intervals. */
export interface CalibrationFigures {
  readonly rows: number;
  /** Rows that the judge decided; every share but `decided` is of these. */
  readonly decided: Share;
  readonly unclear: number;
  readonly faults: number;
  readonly confusion: Confusion;
  readonly agreement: Share;
  /** Of rows that people call held, those that the judge calls violated. */
  readonly falsePositives: Share;
  /** Of rows that people call violated, those that the judge calls held. */
  readonly falseNegatives: Share;
  readonly kappa: Kappa;
}

/**
 * Compares a judge with people. Rows that it called unclear or could not judge are counted beside: they are no agreement,
 * and no disagreement either. `seed` decides the resamples of the interval of kappa.
 */
export function calibrateJudge(rows: readonly CalibrationRow[], seed: string): CalibrationFigures {
  const count = (label: CalibrationLabel, said: JudgeAnswer): number =>
    rows.filter((row) => row.label === label && row.said === said).length;
  const confusion: Confusion = {
    violatedViolated: count('violated', 'violated'),
    violatedHeld: count('violated', 'held'),
    heldViolated: count('held', 'violated'),
    heldHeld: count('held', 'held'),
  };
  const { violatedViolated, violatedHeld, heldViolated, heldHeld } = confusion;
  const decided = violatedViolated + violatedHeld + heldViolated + heldHeld;
  return {
    rows: rows.length,
    decided: wilsonShare(decided, rows.length),
    unclear: rows.filter(({ said }) => said === 'unclear').length,
    faults: rows.filter(({ said }) => said === null).length,
    confusion,
    agreement: wilsonShare(violatedViolated + heldHeld, decided),
    falsePositives: wilsonShare(heldViolated, heldViolated + heldHeld),
    falseNegatives: wilsonShare(violatedHeld, violatedViolated + violatedHeld),
    kappa: kappaWithInterval(confusion, seed),
  };
}
