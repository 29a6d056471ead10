export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /** A JSON Schema that the answer is to satisfy. A model may ignore it: what comes back is still data to be parsed. */
  readonly responseSchema?: { readonly name: string; readonly schema: object };
  readonly temperature?: number;
  readonly seed?: number;
  /** Default 1024. */
  readonly maxOutputTokens?: number;
  readonly signal: AbortSignal;
  /**
   * Why an answer cannot be used, in words that quote nothing of it; `null` when it can. One that cannot is recorded as
   * `model_answer_invalid`, and the next model of the chain is asked.
   */
  readonly findProblem?: (text: string) => string | null;
}

export interface ChatAnswer {
  readonly text: string;
  /** The model that answered, by the name it gave itself, or else by the configured one. */
  readonly model: string;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** Millionths of a US dollar; 0 for a model without a configured price. */
  readonly costMicros: number;
}

/** A language model, or a chain of them. */
export interface ChatModel {
  /**
   * Asks once, of every model of the chain in turn until one answers. Throws `OrdealError` with `model_unavailable` (asking
   * again later may help), `model_answer_invalid`, `model_refused_config` or `model_budget_exceeded`, or rejects with
   * `EgressAborted` for the caller's signal.
   */
  complete(request: ChatRequest): Promise<ChatAnswer>;
}
