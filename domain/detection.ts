import type { DetectorKind } from './script.ts';
import type { ExchangePlace } from './steps/transcript.ts';

/** What one detector says of one probe. */
export interface Detection {
  readonly detector: DetectorKind;
  /** Version of the detector's rules, raised with every change that can change a result. */
  readonly version: number;
  readonly fired: boolean;
  /** 0 to 1. */
  readonly confidence: number;
  /** One sentence for a person: what was seen. */
  readonly summary: string;
  /** Where to look; empty when nothing fired. */
  readonly evidence: readonly EvidenceRef[];
  /** The language model that said it, where one did; `version` is then that of the framing. */
  readonly model?: string;
}

/**
 * A pointer into what was recorded: a span of an answer's text (UTF-16 code units, end exclusive), or an event.
 * `exchange` says which answer, where a probe has several.
 */
export type EvidenceRef =
  | {
      readonly kind: 'answer_span';
      readonly start: number;
      readonly end: number;
      readonly excerpt: string;
      readonly exchange?: ExchangePlace;
    }
  | { readonly kind: 'event'; readonly eventId: string; readonly excerpt: string };
