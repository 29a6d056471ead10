import { OrdealError, type FailureName } from '../../domain/failures.ts';
import { EgressAborted } from '../egress/egress-fault.ts';
import type { Egress } from '../egress/egress.ts';
import { askModel } from './ask-model.ts';
import type { ChatAnswer, ChatModel, ChatRequest } from './chat-model.ts';
import { estimateTokens, reservedTokens } from './completion-request.ts';
import type { ModelEndpoint } from './model-endpoint.ts';
import type { ModelLedger, ModelUsage } from './model-ledger.ts';
import type { Completion } from './read-completion.ts';

export interface ModelChainParts {
  /** Tried in order. */
  readonly endpoints: readonly ModelEndpoint[];
  readonly egress: Egress;
  readonly ledger: ModelLedger;
}

const maxRequestCharacters = 1_000_000;

/** A chain of models: the first that gives a usable answer decides. Each request is in the ledger before it is sent. */
export function createModelChain(parts: ModelChainParts): ChatModel {
  return {
    complete: async (request) => {
      const characters = request.messages.reduce((sum, { content }) => sum + content.length, 0);
      if (characters > maxRequestCharacters) {
        throw new OrdealError(
          'payload_too_large',
          `A model is asked with at most ${maxRequestCharacters} characters; these are ${characters}.`,
        );
      }
      const faults: LinkFault[] = [];
      for (const [index, endpoint] of parts.endpoints.entries()) {
        const result = await askLink(parts, { endpoint, position: index + 1, request });
        if (result.kind === 'answered') return result.answer;
        faults.push(result);
      }
      throw faultOfChain(faults);
    },
  };
}

interface Link {
  readonly endpoint: ModelEndpoint;
  readonly position: number;
  readonly request: ChatRequest;
}

interface LinkFault {
  readonly kind: 'failed';
  readonly model: string;
  readonly error: OrdealError;
}

type LinkResult = { readonly kind: 'answered'; readonly answer: ChatAnswer } | LinkFault;

async function askLink({ egress, ledger }: ModelChainParts, { endpoint, position, request }: Link): Promise<LinkResult> {
  request.signal.throwIfAborted();
  const { model, baseUrl } = endpoint;
  const callId = await ledger.open({ position, model, baseUrl, tokensReserved: reservedTokens(request) });
  const startedAtMs = performance.now();
  const completion = await attempt(() => askModel(egress, endpoint, request));
  const latencyMs = Math.round(performance.now() - startedAtMs);
  if (completion instanceof Error) {
    const failure = failureOf(completion);
    await ledger.close(callId, { failure, detail: completion.message, servedModel: null, usage: null, latencyMs });
    if (!(completion instanceof OrdealError)) throw completion;
    return { kind: 'failed', model, error: completion };
  }
  const { text, servedModel } = completion;
  const usage = usageOf(endpoint, request, completion);
  const problem = completion.problem ?? request.findProblem?.(text) ?? null;
  const failure = problem === null ? null : 'model_answer_invalid';
  await ledger.close(callId, { failure, detail: problem, servedModel, usage, latencyMs });
  if (problem !== null) return { kind: 'failed', model, error: new OrdealError('model_answer_invalid', problem) };
  const { tokensIn, tokensOut, costMicros } = usage;
  return { kind: 'answered', answer: { text, model: servedModel ?? model, tokensIn, tokensOut, costMicros: costMicros ?? 0 } };
}

function failureOf(error: Error): FailureName {
  if (error instanceof OrdealError) return error.failure;
  return error instanceof EgressAborted ? 'run_stopped' : 'internal';
}

async function attempt(ask: () => Promise<Completion>): Promise<Completion | Error> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

function usageOf(endpoint: ModelEndpoint, request: ChatRequest, { tokens, text }: Completion): ModelUsage {
  const asked = request.messages.map(({ content }) => content).join('');
  const { tokensIn, tokensOut } = tokens ?? { tokensIn: estimateTokens(asked), tokensOut: estimateTokens(text) };
  const { priceIn, priceOut } = endpoint;
  const costMicros =
    priceIn === undefined && priceOut === undefined ? null : Math.ceil(tokensIn * (priceIn ?? 0) + tokensOut * (priceOut ?? 0));
  return { tokensIn, tokensOut, costMicros, isEstimated: tokens === null };
}

/** What the whole chain failed with: worth asking again when one of its models may answer then. */
function faultOfChain(faults: readonly LinkFault[]): OrdealError {
  const passing = faults.find(({ error }) => error.failure === 'model_unavailable');
  const decisive = passing ?? faults.at(-1);
  if (decisive === undefined) return new OrdealError('model_not_configured', 'No model is configured for this purpose.');
  const detail = faults.map(({ model, error }) => `${model}: ${error.message}`).join(' ');
  const { retryAfterSeconds } = decisive.error;
  return new OrdealError(decisive.error.failure, detail, {
    cause: decisive.error,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}
