import { cpuTimeMs } from '../../../test/harness/cpu-time.ts';
import { hostileUnits, repeatTo } from '../hostile/hostile-units.ts';
import { timedDetectors, type TimedDetector } from '../hostile/timed-detectors.ts';
import type { VerdictRow } from '../row.ts';

const limitMs = 100;
const megabyte = 1_000_000;
/** Every unit is tried on a short text; those that cost most go on to longer ones. */
const stages = [
  { length: 4_096, keep: 24 },
  { length: 131_072, keep: 4 },
] as const;
const runsOfEach = 5;

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
  run: () => {
    const units = hostileUnits();
    const worst = timedDetectors.map((detector) => ({ detector, ...worstOf(detector, units) })).toSorted((a, b) => b.ms - a.ms);
    const detail = worst.map(({ detector, ms, unit }) => `${detector.name} ${Math.round(ms)} (${JSON.stringify(unit.slice(0, 80))})`);
    const figure = worst[0]?.ms ?? Number.POSITIVE_INFINITY;
    return { figure, crossValidated: null, isMet: figure <= limitMs, detail: `${units.length} units; ${detail.join(', ')}` };
  },
};

function worstOf(detector: TimedDetector, units: readonly string[]): { readonly unit: string; readonly ms: number } {
  let suspects = units;
  for (const { length, keep } of stages) {
    suspects = suspects
      .map((unit) => ({ unit, ms: fastest(() => wallMs(() => detector.run(repeatTo(unit, length))), 2) }))
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, keep)
      .map(({ unit }) => unit);
  }
  return suspects
    .map((unit) => {
      const text = repeatTo(unit, megabyte);
      return { unit, ms: fastest(() => cpuTimeMs(() => detector.run(text)), runsOfEach) };
    })
    .reduce((worst, one) => (one.ms > worst.ms ? one : worst), { unit: '', ms: 0 });
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
