import { describe, expect, it } from 'vitest';

import { zeroCleanupCounts, type CleanupCounts } from '../cleanup/cleanup.ts';
import { cleanupSentence } from './cleanup-text.ts';

const sentenceOf = (counts: Partial<CleanupCounts>) => cleanupSentence({ counts: { ...zeroCleanupCounts(), ...counts }, notCleaned: [] });

describe('cleanupSentence', () => {
  it('says nothing of a run that had nothing to clean up', () => {
    expect(cleanupSentence(null)).toBeNull();
  });

  it('says that nothing is left only when everything was cleaned', () => {
    expect(sentenceOf({ cleaned: 2, not_needed: 1 })).toBe('All 2 cleanups were done: nothing is left behind.');
    for (const state of ['failed', 'indeterminate', 'skipped'] as const) {
      expect(sentenceOf({ cleaned: 2, [state]: 1 })).toBe('1 of 3 cleanups could not be done: something may be left behind at the target.');
    }
  });

  it('says what is still to do while the run lives', () => {
    expect(sentenceOf({ cleaned: 1, armed: 2, pending: 3, failed: 1 })).toBe('1 cleaned up, 1 could not be, 5 still to do.');
  });
});
