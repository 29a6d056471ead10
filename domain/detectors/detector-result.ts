import type { Detection, EvidenceRef } from '../detection.ts';
import type { DetectorResult } from './detector-input.ts';

/** Which rules spoke. */
export type DetectorIdentity = Pick<Detection, 'detector' | 'version'>;

/** A report keeps this much evidence of one detector; the rest is in the transcript. */
const maxEvidence = 10;

/** The detector saw what it looks for. */
export function fired(
  identity: DetectorIdentity,
  said: { readonly confidence: number; readonly summary: string; readonly evidence: readonly EvidenceRef[] },
): DetectorResult {
  return { detection: { ...identity, fired: true, ...said, evidence: said.evidence.slice(0, maxEvidence) }, undecided: false };
}

/** The detector looked at everything and saw nothing. */
export function silent(identity: DetectorIdentity, confidence: number, summary: string): DetectorResult {
  return { detection: { ...identity, fired: false, confidence, summary, evidence: [] }, undecided: false };
}

/** There was nothing to look at, or what was seen may mean either. */
export function undecided(identity: DetectorIdentity, summary: string): DetectorResult {
  return { detection: { ...identity, fired: false, confidence: 0, summary, evidence: [] }, undecided: true };
}
