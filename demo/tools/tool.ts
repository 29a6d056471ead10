import type { ToolEffect } from '../../sidecar/event-record.ts';
import type { World } from './world.ts';

export type ToolArguments = Readonly<Record<string, string | number>>;

export type ToolResult =
  | { readonly ok: true; readonly text: string; readonly items: readonly string[] }
  | { readonly ok: false; readonly error: string };

export interface Tool {
  readonly effect: ToolEffect;
  /** Whose data a call touches: people's ids, `public` or `internal`. Empty when it touches nobody's. */
  readonly ownersOf: (world: World, input: ToolArguments) => readonly string[];
  readonly run: (world: World, input: ToolArguments) => ToolResult;
}

/** A result of one line per item. */
export function done(text: string, items: readonly string[] = []): ToolResult {
  return { ok: true, text, items };
}

export function failed(error: string): ToolResult {
  return { ok: false, error };
}
