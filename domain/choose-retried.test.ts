import { describe, expect, it } from 'vitest';

import { chooseRetried, type RetryCandidate } from './choose-retried.ts';

function candidate(place: string, marks: string): RetryCandidate {
  const [sequenceNo = 0, position = 0] = place.split('.').map(Number);
  return { sequenceNo, position, isWanted: marks.includes('w'), usesMarker: marks.includes('m') };
}

function chosen(...plan: readonly (readonly [string, string])[]): string[] {
  return chooseRetried(plan.map(([place, marks]) => candidate(place, marks))).map(
    ({ candidate: { sequenceNo, position }, ...place }) => `${sequenceNo}.${position} -> ${place.sequenceNo}.${place.position}`,
  );
}

describe('what a retry takes up', () => {
  it('is what is wanted alone, in the order of the plan, at places without gaps', () => {
    expect(chosen(['4.2', 'w'], ['0.0', ''], ['1.1', 'w'], ['1.0', ''], ['4.0', 'w'], ['4.1', ''])).toEqual([
      '1.1 -> 0.0',
      '4.0 -> 1.0',
      '4.2 -> 1.1',
    ]);
  });

  it('brings the steps that a wanted step has an agreement from, and none of another session', () => {
    expect(chosen(['0.0', 'm'], ['0.1', ''], ['0.2', 'm'], ['0.3', 'wm'], ['0.4', 'm'], ['1.0', 'm'])).toEqual([
      '0.0 -> 0.0',
      '0.2 -> 0.1',
      '0.3 -> 0.2',
    ]);
  });

  it('brings no agreement for a step that does not call on it', () => {
    expect(chosen(['0.0', 'm'], ['0.1', 'w'])).toEqual(['0.1 -> 0.0']);
  });

  it('is nothing where nothing is wanted', () => {
    expect(chosen(['0.0', 'm'], ['0.1', ''])).toEqual([]);
  });
});
