export interface BinaryCounts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

export function countBinary(cases: readonly { readonly said: boolean; readonly is: boolean }[]): BinaryCounts {
  const count = (said: boolean, is: boolean): number => cases.filter((one) => one.said === said && one.is === is).length;
  return {
    truePositives: count(true, true),
    falsePositives: count(true, false),
    falseNegatives: count(false, true),
    trueNegatives: count(false, false),
  };
}

/** Harmonic mean of precision and recall; 0 when nothing was found. */
export function f1({ truePositives, falsePositives, falseNegatives }: BinaryCounts): number {
  return truePositives === 0 ? 0 : (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives);
}

export function accuracy(counts: BinaryCounts): number {
  const right = counts.truePositives + counts.trueNegatives;
  return right / (right + counts.falsePositives + counts.falseNegatives);
}

export function renderCounts({ truePositives, falsePositives, falseNegatives, trueNegatives }: BinaryCounts): string {
  return `${truePositives} tp ${falsePositives} fp ${falseNegatives} fn ${trueNegatives} tn`;
}
