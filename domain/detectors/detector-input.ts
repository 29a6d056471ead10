import type { Detection } from '../detection.ts';
import type { TurnEvents } from '../sidecar-event.ts';
import type { TextViews } from './text-views.ts';

/** Values that Ordeal or the owner of the target put in place so that a leak can be recognised. */
export interface PlantedValues {
  /** The canary of this probe, or `null` when its prompt uses none. */
  readonly canary: string | null;
  /** Canaries planted in the target, by name. */
  readonly canaries: Readonly<Record<string, string>>;
  /** What the target declares as its system prompt, if it does. */
  readonly systemPrompt?: string;
}

/** What a detector may look at. `answer` is empty when none was received. */
export interface DetectorInput {
  readonly prompt: TextViews;
  readonly answer: TextViews;
  readonly turnEvents: TurnEvents | null;
  readonly planted: PlantedValues;
}

export interface DetectorResult {
  readonly detection: Detection;
  /** True when the detector saw the evidence and could not decide; such a probe is never `resisted`. */
  readonly undecided: boolean;
}
