import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { hostileUnits } from '../hostile/hostile-units.ts';
import type { MegabyteQuestion } from '../hostile/measure-megabyte.ts';
import { repeatTo } from '../hostile/repeat-to.ts';
import { timedDetectors, type TimedDetector } from '../hostile/timed-detectors.ts';
import type { VerdictRow } from '../row.ts';

const limitMs = 100;
/** What cost most once; the search may miss it. */
const knownUnits = ['ignore ', 'pass: ', 'key="', 'key=', '\u{1f600}', 'привет ', 'ignоre ', 'aa_api_k', 'Z->Aa_->za '];
/** Every unit is tried on a short text; those that cost most go on to longer ones. */
const stages = [
  { length: 4_096, keep: 24 },
  { length: 131_072, keep: 4 },
] as const;

/**
 * Looks for the text that costs each detector most, among repetitions of what its own patterns accept, and gives the
 * processor time of the worst on a megabyte. Of several runs the fastest counts.
 */
export const row: VerdictRow = {
  id: 'hostile-input',
  datasets: [],
  measure: 'ms of processor time, worst detector on 1 MB',
  requirement: `≤ ${limitMs} ms each`,
  floor: 0,
  run: async () => {
    const units = hostileUnits();
    const worst: (Cost & { readonly name: string })[] = [];
    for (const detector of timedDetectors) {
      const suspects = suspectsOf(detector, units);
      // One at a time: threads beside each other would take each other's cores.
      // oxlint-disable-next-line no-await-in-loop
      const [most] = (await onMegabyte({ detector: detector.name, units: suspects })).toSorted((a, b) => b.ms - a.ms);
      if (most !== undefined) worst.push({ name: detector.name, ...most });
    }
    worst.sort((a, b) => b.ms - a.ms);
    const detail = worst.map(({ name, ms, unit }) => `${name} ${Math.round(ms)} (${JSON.stringify(unit.slice(0, 80))})`);
    const figure = worst[0]?.ms ?? Number.POSITIVE_INFINITY;
    return { figure, crossValidated: null, isMet: figure <= limitMs, detail: `${units.length} units; ${detail.join(', ')}` };
  },
};

interface Cost {
  readonly unit: string;
  readonly ms: number;
}

function suspectsOf(detector: TimedDetector, units: readonly string[]): readonly string[] {
  let suspects = units;
  for (const { length, keep } of stages) {
    suspects = suspects
      .map((unit) => ({ unit, ms: fastest(() => wallMs(() => detector.run(repeatTo(unit, length))), 2) }))
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, keep)
      .map(({ unit }) => unit);
  }
  return [...suspects, ...knownUnits];
}

async function onMegabyte(question: MegabyteQuestion): Promise<readonly Cost[]> {
  const worker = new Worker(new URL('../hostile/measure-megabyte.ts', import.meta.url), { workerData: question });
  const [costs] = (await once(worker, 'message')) as [readonly Cost[]];
  await worker.terminate();
  return costs;
}

function fastest(measure: () => number, runs: number): number {
  return Math.min(...Array.from({ length: runs }, measure));
}

/** Finer than processor time, which some systems count in steps of milliseconds. */
function wallMs(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}
