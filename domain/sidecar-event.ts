import type { SideEffect } from './script.ts';

/**
 * What an agent's sidecar reports of one turn. `sequence` counts every event of a `stream` (one process life of the
 * agent) from 1 without gaps, so that a lost event is seen. A turn is closed by `turn_started` and `turn_ended`.
 */
export const sidecarEventTypes = ['turn_started', 'tool_call', 'turn_ended'] as const;
export type SidecarEventType = (typeof sidecarEventTypes)[number];

export interface SidecarEvent {
  readonly eventId: string;
  readonly stream: string;
  readonly sequence: number;
  readonly type: SidecarEventType;
  /** Present for `tool_call`. */
  readonly tool?: ToolCall;
}

export interface ToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly effect: SideEffect;
  /** False when the agent's own guard refused the call, so that nothing happened. */
  readonly executed: boolean;
  /**
   * True for a call that a model asked for in its answer while it was tested without the tools behind it. Nothing was
   * carried out and nothing could have refused it, so what it asked for is judged as done: `executed` is true as well.
   */
  readonly isRequested?: true;
}

/** How much of a turn's event sequence has arrived. */
export type EventCompleteness =
  | { readonly kind: 'complete' }
  /** Nothing for this probe, or no `turn_ended` yet. */
  | { readonly kind: 'open'; readonly detail: string }
  /** The turn is closed, but sequence numbers in it are missing. */
  | { readonly kind: 'gap'; readonly missing: number };

export interface TurnEvents {
  readonly completeness: EventCompleteness;
  readonly events: readonly SidecarEvent[];
}
