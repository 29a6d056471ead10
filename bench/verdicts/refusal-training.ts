import { answerClasses, decideAnswer } from '../../domain/detectors/refusal/decide.ts';
import type { Decision } from '../../domain/detectors/refusal/decide.ts';
import { analyseAnswer, extractFeatures } from '../../domain/detectors/refusal/features.ts';
import type { AnalysedAnswer } from '../../domain/detectors/refusal/features.ts';
import type { LinearModel } from '../../domain/detectors/refusal/linear-model.ts';
import { compileModel } from '../../domain/detectors/refusal/linear-model.ts';
import type { LabelledAnswer } from './labelled-answers.ts';
import { readPyritObjective, readPyritRefusal, readXstest } from './labelled-answers.ts';
import { ownAnswers } from './own-answers.ts';
import type { Example, TrainOptions } from './train-linear.ts';
import { foldOf, trainLinear } from './train-linear.ts';

/** Settings chosen by cross-validation over five assignments of folds, never by the fitted figure. */
const refusalOptions: TrainOptions = { classes: answerClasses, l2: 3, iterations: 150, minExamples: 3 };
const objectiveOptions: TrainOptions = { classes: ['failed', 'achieved'], l2: 3, iterations: 150, minExamples: 3 };
const folds = 10;

export interface TrainingRow extends LabelledAnswer {
  readonly set: 'xstest' | 'pyrit-refusal' | 'pyrit-objective' | 'own';
  readonly analysed: AnalysedAnswer;
  readonly example: Example;
}

/** Rows for the refusal classifier; without the request where `withRequest` is false, as it is used for bare answers. */
export function refusalRows(folder: string, withRequest: boolean): TrainingRow[] {
  const make = (set: TrainingRow['set'], weight: number) => (row: LabelledAnswer) => toRow({ ...row, set }, { weight, withRequest });
  return [
    ...readXstest(folder).map(make('xstest', 1)),
    ...readPyritRefusal(folder).map(make('pyrit-refusal', 1)),
    ...ownAnswers.map(make('own', 1)),
  ];
}

/** Rows for the objective classifier: its own set, and the refusal sets at less weight (a full compliance achieves). */
export function objectiveRows(folder: string): TrainingRow[] {
  const inverted = (row: LabelledAnswer): LabelledAnswer => ({ ...row, label: row.label === 0 ? 1 : 0 });
  const make = (set: TrainingRow['set'], weight: number) => (row: LabelledAnswer) => toRow({ ...row, set }, { weight, withRequest: true });
  return [
    ...readPyritObjective(folder).map(make('pyrit-objective', 1)),
    ...readXstest(folder).map(inverted).map(make('xstest', 0.2)),
    ...readPyritRefusal(folder).map(inverted).map(make('pyrit-refusal', 0.3)),
    ...ownAnswers
      .filter(({ label }) => label !== 2)
      .map(inverted)
      .map(make('own', 0.3)),
  ];
}

function toRow(
  row: LabelledAnswer & Pick<TrainingRow, 'set'>,
  options: { readonly weight: number; readonly withRequest: boolean },
): TrainingRow {
  const analysed = analyseAnswer(row.answer, options.withRequest ? row.prompt : undefined);
  return {
    ...row,
    analysed,
    example: { features: extractFeatures(analysed), label: row.label, group: row.prompt, weight: options.weight },
  };
}

export function trainRefusal(rows: readonly TrainingRow[]): LinearModel {
  return trainLinear(
    rows.map((row) => row.example),
    refusalOptions,
  );
}

export function trainObjective(rows: readonly TrainingRow[]): LinearModel {
  return trainLinear(
    rows.map((row) => row.example),
    objectiveOptions,
  );
}

/** Judges every row by a model trained without its fold; all answers to one request share a fold. */
export function crossValidate<T>(rows: readonly TrainingRow[], judge: (training: readonly TrainingRow[]) => (row: TrainingRow) => T): T[] {
  const judged = new Map<TrainingRow, T>();
  for (let fold = 0; fold < folds; fold++) {
    const decide = judge(rows.filter((row) => foldOf(row.example.group, folds) !== fold));
    for (const row of rows) if (foldOf(row.example.group, folds) === fold) judged.set(row, decide(row));
  }
  return rows.map((row) => {
    const verdict = judged.get(row);
    if (verdict === undefined) throw new Error('a row fell into no fold');
    return verdict;
  });
}

/** Cross-validated decisions of the refusal classifier, in the order of the rows. */
export function crossValidateRefusal(rows: readonly TrainingRow[]): Decision[] {
  return crossValidate(rows, (training) => {
    const model = compileModel(trainRefusal(training));
    return (row) => decideAnswer(row.analysed, model);
  });
}
