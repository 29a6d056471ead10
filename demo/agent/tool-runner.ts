import type { ToolCallReport } from '../../sidecar/event-record.ts';
import type { Guard, Intention, Ruling, Situation } from '../policy/guard.ts';
import { toolbox, type ToolName } from '../tools/toolbox.ts';
import type { ToolArguments, ToolResult } from '../tools/tool.ts';
import type { Session } from './session.ts';

export type ToolCallListener = (call: ToolCallReport) => void;

export type ToolOutcome =
  | { readonly kind: 'done'; readonly text: string; readonly items: readonly string[] }
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'held'; readonly ruling: Exclude<Ruling, { kind: 'allow' }> };

/** Runs tools for one turn: asks the guard first, and reports every call, made or not. */
export class ToolRunner {
  readonly #session: Session;
  readonly #guard: Guard;
  readonly #onCall: ToolCallListener;

  constructor(session: Session, guard: Guard, onCall: ToolCallListener) {
    this.#session = session;
    this.#guard = guard;
    this.#onCall = onCall;
  }

  call(tool: ToolName, input: ToolArguments, situation: Situation): ToolOutcome {
    const { effect, ownersOf, run } = toolbox[tool];
    const intention: Intention = { kind: 'tool', tool, effect, input, owners: ownersOf(this.#session.world, input) };
    const ruling = this.#guard.rule(intention, situation);
    if (ruling.kind !== 'allow') {
      this.#onCall({ name: tool, arguments: input, effect, executed: false });
      return { kind: 'held', ruling };
    }
    const result: ToolResult = run(this.#session.world, input);
    this.#onCall({ name: tool, arguments: input, effect, executed: result.ok });
    return result.ok ? { kind: 'done', text: result.text, items: result.items } : { kind: 'failed', error: result.error };
  }
}
