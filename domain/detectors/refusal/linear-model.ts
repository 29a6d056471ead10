/** A softmax over linear scores. Weights are one row per feature, one column per class; a feature without a row counts nothing. */
export interface LinearModel {
  readonly classes: readonly string[];
  readonly bias: readonly number[];
  readonly features: readonly string[];
  readonly weights: readonly (readonly number[])[];
}

export interface CompiledModel {
  readonly classes: readonly string[];
  /** Probability of each class, in the order of `classes`; they sum to 1. */
  readonly predict: (features: ReadonlyMap<string, number>) => readonly number[];
}

export function compileModel(model: LinearModel): CompiledModel {
  const rows = new Map<string, readonly number[]>(model.features.map((name, index) => [name, model.weights[index] ?? []]));
  return {
    classes: model.classes,
    predict: (features) => {
      const scores = [...model.bias];
      for (const [name, value] of features) {
        const row = rows.get(name);
        if (row === undefined) continue;
        for (let index = 0; index < scores.length; index++) scores[index] = (scores[index] ?? 0) + value * (row[index] ?? 0);
      }
      return softmax(scores);
    },
  };
}

export function softmax(scores: readonly number[]): number[] {
  const top = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - top));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
