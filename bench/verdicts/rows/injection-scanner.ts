import { scanForInjection } from '../../../domain/detectors/injection/scan-for-injection.ts';
import { injectionProbability } from '../../../domain/detectors/injection/injection-model.ts';
import { datasetsOfInjectionTraining, readFurtherSamples, readMeasuredSamples } from '../injection-data.ts';
import type { InjectionSample } from '../injection-data.ts';
import { foldOf, prepareSamples, trainInjectionModel } from '../injection-training.ts';
import type { VerdictRow } from '../row.ts';

const recallFloor = 0.5;
const alarmCeiling = 0.005;
const folds = 5;

/** Recall on the labelled injections, counted only while false alarms stay under the ceiling on each benign set. */
export const row: VerdictRow = {
  id: 'injection-scanner',
  datasets: datasetsOfInjectionTraining,
  measure: 'recall of injections',
  requirement: 'recall ≥ .50, false alarms ≤ 0.5 % on each of three sets',
  floor: recallFloor,
  run: (dataFolder) => {
    const measured = readMeasuredSamples(dataFolder);
    const found = measured.map((sample) => scanForInjection(sample.text).isInjection);
    const fitted = figures(measured, found);
    const unseen = crossValidated(dataFolder);
    return {
      figure: fitted.recall,
      crossValidated: unseen.recall,
      isMet: fitted.recall >= recallFloor && fitted.alarms.every((alarm) => alarm.rate <= alarmCeiling),
      detail: `fitted: ${fitted.text}; ${folds}-fold, groups of near copies kept together: ${unseen.text}; rules were written with these rows in view`,
    };
  },
};

interface Figures {
  readonly recall: number;
  readonly alarms: readonly { readonly set: string; readonly rate: number }[];
  readonly text: string;
}

function figures(samples: readonly InjectionSample[], found: readonly boolean[]): Figures {
  const count = (set: string, isInjection: boolean): { hits: number; all: number } => {
    const inSet = samples
      .map((sample, index) => ({ sample, hit: found[index] === true }))
      .filter(({ sample }) => sample.set === set && sample.isInjection === isInjection);
    return { hits: inSet.filter(({ hit }) => hit).length, all: inSet.length };
  };
  const positives = count('deepset', true);
  const benign = ['deepset', 'notinject', 'benign'].map((set) => ({ set, ...count(set, false) }));
  return {
    recall: positives.hits / positives.all,
    alarms: benign.map(({ set, hits, all }) => ({ set, rate: hits / all })),
    text: `${positives.hits}/${positives.all} found, alarms ${benign.map(({ set, hits, all }) => `${set} ${hits}/${all}`).join(', ')}`,
  };
}

function crossValidated(dataFolder: string): Figures {
  const samples = prepareSamples([...readMeasuredSamples(dataFolder), ...readFurtherSamples(dataFolder)]);
  const found = samples.map(() => false);
  for (let fold = 0; fold < folds; fold += 1) {
    const model = trainInjectionModel(samples.filter((sample) => foldOf(sample.group, folds) !== fold));
    for (const [index, sample] of samples.entries()) {
      if (foldOf(sample.group, folds) === fold) found[index] = injectionProbability(model, sample.text, sample.evidence) >= 0.5;
    }
  }
  return figures(samples, found);
}
