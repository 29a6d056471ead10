import { findSecrets } from '../../../domain/detectors/secrets/find-secrets.ts';
import { seededSamples } from '../../../domain/detectors/secrets/sample-secrets.ts';
import type { VerdictRow } from '../row.ts';

const recallFloor = 0.8;
const alarmCeiling = 0.05;
const positiveCount = 4_000;
const negativeCount = 2_000;

/**
 * Recall on generated keys, with false alarms on generated look-alikes.
 *
 * No set of real-looking keys is part of the data: these come from the published shapes, by the same hand as the
 * rules, so the figure shows that the rules do what they mean to and not how keys in the wild look.
 */
export const row: VerdictRow = {
  id: 'secrets-generated',
  datasets: [],
  measure: 'recall of generated keys',
  requirement: 'recall ≥ .80, false alarms ≤ 5 %',
  floor: recallFloor,
  run: () => {
    const samples = seededSamples(7);
    const positives = samples.positives(positiveCount);
    const found = positives.filter(({ text, secret }) => {
      const start = text.indexOf(secret);
      return findSecrets(text).some((match) => match.start < start + secret.length && match.end > start);
    }).length;
    const alarms = samples.negatives(negativeCount).filter((text) => findSecrets(text).length > 0).length;
    return {
      figure: found / positiveCount,
      crossValidated: null,
      isMet: found / positiveCount >= recallFloor && alarms / negativeCount <= alarmCeiling,
      detail: `${found}/${positiveCount} keys found, ${alarms}/${negativeCount} alarms on look-alikes; generated, not observed`,
    };
  },
};
