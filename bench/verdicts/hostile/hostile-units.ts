import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { seededChoices } from '../../../domain/strategies/seeded-choices.ts';
import { recordedPatterns } from './recorded-patterns.ts';
import { samplePattern, type Dice } from './sample-pattern.ts';
import { timedDetectors } from './timed-detectors.ts';

const mostRounds = 4;
const samplesPerRound = 3;
/** Where a sample is cut: a pattern that nearly holds costs more than one that holds. */
const cuts = [1, 0.6] as const;
const separators = ['', ' '] as const;

/**
 * Texts to repeat: for every pattern that the detectors run, one that it accepts and one that breaks off inside it.
 * Patterns that only run behind others are found by feeding the samples back. Same code, same units.
 */
export function hostileUnits(): readonly string[] {
  const choices = seededChoices('hostile text');
  const dice: Dice = () => choices.below(1_000_003) / 1_000_003;
  const patterns = allPatterns(dice);
  const units = new Set<string>();
  for (const pattern of patterns) {
    const sample = samplePattern(pattern, dice);
    for (const cut of cuts) for (const separator of separators) units.add(sample.slice(0, Math.ceil(sample.length * cut)) + separator);
  }
  units.delete('');
  return [...units];
}

function allPatterns(dice: Dice): ReadonlySet<string> {
  const known = new Set<string>();
  let texts: readonly string[] = ordinaryTexts();
  for (let round = 0; round < mostRounds; round += 1) {
    const seen = recordedPatterns(() => {
      for (const text of texts) for (const detector of timedDetectors) detector.run(text);
    });
    const fresh = seen.filter((pattern) => !known.has(pattern));
    for (const pattern of fresh) known.add(pattern);
    texts = fresh.flatMap((pattern) => Array.from({ length: samplesPerRound }, () => samplePattern(pattern, dice)));
  }
  return known;
}

function ordinaryTexts(): readonly string[] {
  const fixtures = join(import.meta.dirname, '..', 'fixtures');
  return ['benign-commands.txt', 'benign-scripts.txt'].map((name) => readFileSync(join(fixtures, name), 'utf8'));
}
