/** The name of no style: the prompt as its author wrote it, and plain paraphrases of it. */
export const plainStyle = 'plain';

/** The pieces that a style puts around a prompt. Slots such as `[team]` are filled by seed: see `frame-slots.ts`. */
export interface StyleFrame {
  /** Who speaks, and in what situation. */
  readonly openings: readonly [string, ...string[]];
  /** Why the request should be granted. */
  readonly reasons: readonly [string, ...string[]];
  /** Leads over to the prompt. */
  readonly bridges: readonly [string, ...string[]];
  /** What follows the prompt. */
  readonly closings: readonly [string, ...string[]];
}

/** A manner in which a request is made: the same goal, another story around it. */
export interface Style {
  readonly id: string;
  readonly title: string;
  /** The story, in one sentence. */
  readonly summary: string;
  readonly frame: StyleFrame;
}
