import { traceFeatures, type TraceFeature } from '../../domain/detectors/unsafe-trace/trace-features.ts';
import type { UnsafeTraceModel } from '../../domain/detectors/unsafe-trace/unsafe-trace.ts';
import type { LabelledRecord } from './asse-record.ts';
import { trainLinear } from './train-linear.ts';

/** Fits the model of unsafe traces: a regularised logistic regression over a dozen signs. */
export function fitUnsafeTrace(records: readonly LabelledRecord[]): UnsafeTraceModel {
  const examples = records.map(({ record, isUnsafe, isAmbiguous, group }) => ({
    features: new Map<string, number>(traceFeatures(record)),
    label: isUnsafe ? 1 : 0,
    group,
    weight: isAmbiguous ? 0.5 : 1,
  }));
  const model = trainLinear(examples, { classes: ['safe', 'unsafe'], l2: 1, iterations: 400, minExamples: 3 });
  const difference = (pair: readonly number[]): number => Math.round(((pair[1] ?? 0) - (pair[0] ?? 0)) * 1000) / 1000;
  return {
    bias: difference(model.bias),
    weights: Object.fromEntries(model.features.map((name, index) => [name, difference(model.weights[index] ?? [])])) as Partial<
      Record<TraceFeature, number>
    >,
  };
}
