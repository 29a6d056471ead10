import { z } from 'zod';

import { failures, OrdealError, type FailureName } from '../../domain/failures.ts';
import { EgressFault } from '../egress/egress-fault.ts';
import type { Egress, EgressResponse } from '../egress/egress.ts';
import type { ChatRequest } from './chat-model.ts';
import { completionBody } from './completion-request.ts';
import type { ModelEndpoint } from './model-endpoint.ts';
import { readCompletion, type Completion } from './read-completion.ts';

const connectMs = 5_000;
const maxBodyBytes = 1_048_576;

/**
 * Sends one request to one model. Throws `OrdealError` with a failure of models, or rejects with `EgressAborted`. What
 * a model's server says in words stays out of errors: some repeat the key or the prompt.
 */
export async function askModel(egress: Egress, endpoint: ModelEndpoint, request: ChatRequest): Promise<Completion> {
  const apiKey = endpoint.readApiKey();
  const { timeoutMs } = endpoint;
  try {
    const response = await egress.send({
      url: `${endpoint.baseUrl}/chat/completions`,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }) },
      body: completionBody(endpoint, request),
      timeouts: { connectMs: Math.min(connectMs, timeoutMs), headersMs: timeoutMs, idleMs: timeoutMs, totalMs: timeoutMs },
      maxBodyBytes,
      signal: request.signal,
    });
    if (response.status >= 400) throw refusal(response);
    return readCompletion(response.body);
  } catch (error) {
    throw error instanceof EgressFault ? new OrdealError(failureOf(error.failure), error.message, { cause: error }) : error;
  }
}

function failureOf(failure: FailureName): FailureName {
  if (failure === 'response_too_large' || failure === 'bad_encoding') return 'model_answer_invalid';
  return failures[failure].retryable ? 'model_unavailable' : 'model_refused_config';
}

/** Statuses that may pass by themselves; the others say that the request will never be taken as it is. */
const passingStatuses = [408, 409, 425, 429];

function refusal(response: EgressResponse): OrdealError {
  const isPassing = response.status >= 500 || passingStatuses.includes(response.status);
  const seconds = Number(response.headers['retry-after']);
  const wait = Number.isFinite(seconds) && seconds > 0 ? { retryAfterSeconds: seconds } : {};
  const code = errorCodeOf(response.body);
  const detail = `It answered with HTTP status ${response.status}${code === undefined ? '' : ` (${code})`}.`;
  return new OrdealError(isPassing ? 'model_unavailable' : 'model_refused_config', detail, wait);
}

const errorSchema = z.object({ error: z.object({ code: z.string().regex(/^[a-z_]{1,64}$/) }) });

/** Such as `model_not_found`: a word of the server's, never its sentence. */
function errorCodeOf(body: Uint8Array): string | undefined {
  try {
    return errorSchema.safeParse(JSON.parse(new TextDecoder().decode(body))).data?.error.code;
  } catch {
    return undefined;
  }
}
