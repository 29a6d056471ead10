/** What an agent did in one conversation, in order, as far as somebody who watches it can know. */
export interface AgentTrace {
  readonly steps: readonly AgentStep[];
}

export type AgentStep =
  /** What the person who uses the agent wrote. */
  | { readonly kind: 'user'; readonly text: string }
  /** A tool call by the agent; `arguments` as JSON text or any text. */
  | { readonly kind: 'call'; readonly tool: string; readonly arguments: string; readonly eventId?: string }
  /** What a tool gave back. Untrusted: anybody may have written it. */
  | { readonly kind: 'result'; readonly tool: string; readonly text: string }
  /** What the agent said. */
  | { readonly kind: 'answer'; readonly text: string };
