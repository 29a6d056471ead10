import type { CalibrationDetail } from '../../contracts/calibration.ts';
import type { Share } from '../../domain/calibration/wilson-interval.ts';
import { percentOf } from '../../domain/reports/judge-account.ts';
import { modelUseText } from '../../domain/reports/model-use-text.ts';
import { printableLine } from '../printable.ts';
import { textTable } from '../text-table.ts';

/** A calibration as a person reads it. */
export function calibrationText(calibration: CalibrationDetail): string {
  const { figures, modelUse } = calibration;
  const { confusion, kappa } = figures;
  const facts = [
    ['calibration', calibration.calibrationId],
    ['criterion', calibration.criterion],
    ['judge', `${calibration.models.join(', ')} (framing ${calibration.framingVersion})`],
    ['rows', `${figures.rows}: ${figures.decided.count} decided, ${figures.unclear} unclear, ${figures.faults} faults of the judge`],
    ['agreement', shareText(figures.agreement)],
    ['false positives', shareText(figures.falsePositives)],
    ['false negatives', shareText(figures.falseNegatives)],
    ['kappa', kappa.value === null ? 'cannot be told' : `${kappa.value.toFixed(3)} (${kappa.low.toFixed(3)} to ${kappa.high.toFixed(3)})`],
    ...modelUse.map((use) => ['use', modelUseText(use)]),
  ];
  const table = [
    ['', 'judge: violated', 'judge: held'],
    ['label: violated', String(confusion.violatedViolated), String(confusion.violatedHeld)],
    ['label: held', String(confusion.heldViolated), String(confusion.heldHeld)],
  ];
  return `${textTable(facts.map((row) => row.map(printableLine)))}\n${textTable(table)}`;
}

/** `12 of 40 = 30.0 % (18.1 to 45.4)`, with a 95 % interval. */
function shareText(share: Share): string {
  return share.value === null ? 'nothing to count' : `${share.count} of ${share.of} = ${percentOf(share)}`;
}
