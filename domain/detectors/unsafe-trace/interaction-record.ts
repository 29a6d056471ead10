import type { AgentStep } from '../agent-trace.ts';

/** A whole interaction as a monitor sees it: the task, the tools on offer, and what happened. */
export interface InteractionRecord {
  readonly task: string;
  readonly tools: readonly OfferedTool[];
  readonly steps: readonly AgentStep[];
}

export interface OfferedTool {
  readonly name: string;
  readonly description: string;
}
