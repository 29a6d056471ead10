import { countUncleaned, neededCleanups, type CleanupAccount, type UncleanedStep } from '../cleanup/cleanup.ts';
import { counted } from './wording.ts';

/** What a run has cleaned up, as one sentence; `null` where nothing was to be cleaned up. */
export function cleanupSentence(account: CleanupAccount | null): string | null {
  if (account === null) return null;
  const { counts } = account;
  const open = counts.armed + counts.pending;
  const left = countUncleaned(account);
  if (open > 0) return `${counts.cleaned} cleaned up, ${left} could not be, ${open} still to do.`;
  if (left === 0) return `All ${counted(counts.cleaned, 'cleanup')} were done: nothing is left behind.`;
  return `${left} of ${counted(neededCleanups(account), 'cleanup')} could not be done: something may be left behind at the target.`;
}

export const uncleanedLabels: Readonly<Record<UncleanedStep['state'], string>> = {
  failed: 'failed',
  indeterminate: 'unknown',
  skipped: 'not sent',
};

/** How many were left out of the list. */
export function unlistedCleanups(account: CleanupAccount): number {
  return countUncleaned(account) - account.notCleaned.length;
}
