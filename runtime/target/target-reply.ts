import { failureOfStatus } from '../../domain/answer-status.ts';
import { OrdealError, type FailureName } from '../../domain/failures.ts';
import type { RequestedToolCall } from '../../domain/requested-tool-call.ts';
import type { EgressResponse } from '../egress/egress.ts';

/** What a target answered to one exchange. */
export type TargetReply =
  | {
      readonly kind: 'answered';
      readonly response: TargetResponse;
      readonly text: string;
      /** The session that the exchange was part of, as far as the target named it. */
      readonly sessionId: string | undefined;
      readonly toolCalls: readonly RequestedToolCall[];
    }
  /** The target answered, but with nothing that could be judged. */
  | { readonly kind: 'unusable'; readonly response: TargetResponse; readonly failure: FailureName; readonly detail: string };

export interface TargetResponse {
  readonly status: number;
  /** Without cookies, which are credentials of ours with the target. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded bytes, as received. */
  readonly body: Uint8Array;
  readonly latencyMs: number;
}

export type ReadContent = Omit<Extract<TargetReply, { kind: 'answered' }>, 'kind' | 'response'>;

/**
 * A reply from what was received: the status decides first (those of `expected` are answers), then `read`, whose OrdealErrors make
 * it unusable.
 */
export function replyOf(received: EgressResponse, read: () => ReadContent, expected: readonly number[] = []): TargetReply {
  const response = toTargetResponse(received);
  const failure = expected.includes(response.status) ? null : failureOfStatus(response.status);
  if (failure !== null) return { kind: 'unusable', response, failure, detail: `The target answered with HTTP status ${response.status}.` };
  try {
    return { kind: 'answered', response, ...read() };
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    return { kind: 'unusable', response, failure: error.failure, detail: error.message };
  }
}

export function toTargetResponse({ status, headers, body, latencyMs }: EgressResponse): TargetResponse {
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'set-cookie'));
  return { status, headers: kept, body, latencyMs };
}
