import { parentPort, workerData } from 'node:worker_threads';

import { cpuTimeMs } from '../../../test/harness/cpu-time.ts';
import { repeatTo } from './repeat-to.ts';
import { timedDetectors } from './timed-detectors.ts';

/** What the main thread asks: how long one detector takes for a megabyte of each of these. */
export interface MegabyteQuestion {
  readonly detector: string;
  readonly units: readonly string[];
}

const megabyte = 1_000_000;
const runsOfEach = 6;

// In a thread of its own, compiled for this detector alone, as a worker that judges answers is; the search before it has run
// a thousand other patterns.
const { detector, units } = workerData as MegabyteQuestion;
const run = timedDetectors.find(({ name }) => name === detector)?.run ?? (() => undefined);
parentPort?.postMessage(
  units.map((unit) => {
    const text = repeatTo(unit, megabyte);
    return { unit, ms: Math.min(...Array.from({ length: runsOfEach }, () => cpuTimeMs(() => run(text)))) };
  }),
);
