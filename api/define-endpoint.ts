import type { z } from 'zod';

import { auditRowsIn } from '../db/insert-audit.ts';
import type { OrgTransaction } from '../db/with-org.ts';
import { OrdealError, type FailureName } from '../domain/failures.ts';
import type { RateClass } from '../domain/limits/rate-classes.ts';
import type { EndpointId } from './access-table.ts';
import { runChange } from './idempotency.ts';
import { parseInput } from './parse-input.ts';
import { jsonReply, type Reply } from './reply.ts';
import type { AuthKind, Principals, RequestContext } from './request-context.ts';

/** What a request brings, before it is validated. */
export interface RawRequest {
  readonly params: Readonly<Record<string, string | string[]>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Undefined for a request without body. */
  readonly body: ReceivedBody | undefined;
}

export interface ReceivedBody {
  readonly bytes: Buffer;
  readonly json: unknown;
}

interface EndpointFacts<Auth extends AuthKind> {
  /** The operationId of the OpenAPI document; its row in the access table says who may call it. */
  readonly id: EndpointId;
  readonly method: 'get' | 'post' | 'patch';
  /** As Express takes it, such as `/api/runs/:runId`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly auth: Auth;
  /**
   * Which of the principal's limits it counts against; `none` for what makes things safer, and must neither be refused for
   * having come too often nor wait for connections that other requests hold. Default: `read` for a GET, `write` for any other.
   */
  readonly rateClass?: RateClass | 'none';
  /** Failures beyond those that every endpoint of its kind may answer with. */
  readonly failures: readonly FailureName[];
}

export interface EndpointInput {
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
}

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
export interface ParsedInput<Input extends EndpointInput> {
  readonly params: Parsed<Input['params']>;
  readonly query: Parsed<Input['query']>;
  readonly body: Parsed<Input['body']>;
  readonly raw: RawRequest;
}

export interface BodyRules {
  /** Default 256 KiB. */
  readonly maxBytes?: number;
  /**
   * Text that PostgreSQL cannot store (NUL, lone surrogates): `refuse`, naming the field, or `replace` by U+FFFD.
   * Default `refuse`.
   */
  readonly unstorableText?: 'refuse' | 'replace';
}

export interface EndpointOutput {
  readonly status: number;
  readonly description: string;
  readonly schema: z.ZodType;
  /** Other statuses that come with the same schema. */
  readonly alsoStatus?: readonly { readonly status: number; readonly description: string }[];
  /** Content types other than JSON that may be asked for. */
  readonly alsoAs?: readonly string[];
}

/** An endpoint as router and OpenAPI see it: the types of its input and output are checked where it is defined. */
export interface Endpoint extends EndpointFacts<AuthKind> {
  readonly kind: 'plain' | 'change' | 'stream';
  readonly input: EndpointInput;
  readonly output: EndpointOutput;
  readonly bodyRules: BodyRules;
  /** Milliseconds until the router answers 503 by itself. 0 for a stream. */
  readonly timeoutMs: number;
  readonly execute: (raw: RawRequest, context: RequestContext<AuthKind>) => Promise<Reply>;
}

const defaultTimeoutMs = 10_000;

interface PlainSpec<Auth extends AuthKind, Input extends EndpointInput, Output extends z.ZodType> extends EndpointFacts<Auth> {
  readonly input: Input;
  readonly output: EndpointOutput & { readonly schema: Output };
  readonly bodyRules?: BodyRules;
  readonly timeoutMs?: number;
  /** Returns the body of the answer, or a whole reply where the status or content type differs. */
  readonly handler: (input: ParsedInput<Input>, context: RequestContext<Auth>) => Promise<z.output<Output> | { readonly reply: Reply }>;
}

/** Defines an endpoint that reads, or whose effect is idempotent by itself. */
export function defineEndpoint<Auth extends AuthKind, Input extends EndpointInput, Output extends z.ZodType>(
  spec: PlainSpec<Auth, Input, Output>,
): Endpoint {
  const { handler, ...facts } = spec;
  return {
    ...facts,
    kind: 'plain',
    bodyRules: spec.bodyRules ?? {},
    timeoutMs: spec.timeoutMs ?? defaultTimeoutMs,
    execute: async (raw, context) => {
      const result = await handler(parseInput(spec, raw), narrow<Auth>(context));
      return isReply(result) ? result.reply : jsonReply(spec.output.status, result);
    },
  };
}

export interface ChangeResult<Body> {
  readonly body: Body;
  /** Where it differs from the endpoint's own. */
  readonly status?: number;
  /** Everything was as it was asked for already: there is nothing for an audit row to tell. */
  readonly changesNothing?: boolean;
}

interface ChangeSpec<Input extends EndpointInput, Output extends z.ZodType, Prepared> extends EndpointFacts<'apiKey'> {
  readonly input: Input;
  readonly output: EndpointOutput & { readonly schema: Output };
  readonly bodyRules?: BodyRules;
  readonly timeoutMs?: number;
  /** True when the answer holds a secret: it is sealed before it is stored for replays. */
  readonly hasSecretOutput?: boolean;
  /**
   * What has to wait for others, such as a language model, before the transaction begins. It is done for a repeat too, and
   * may have no effect that is not harmless to do again.
   */
  readonly prepare?: (input: ParsedInput<Input>, context: RequestContext<'apiKey'>) => Promise<Prepared>;
  /** The whole effect with its audit row, in the transaction that also keeps the Idempotency-Key; throwing undoes all. */
  readonly change: (
    tx: OrgTransaction,
    input: ParsedInput<Input> & { readonly prepared: NoInfer<Prepared> },
    context: RequestContext<'apiKey'>,
  ) => Promise<ChangeResult<z.output<Output>>>;
  /** What follows the commit, for a replay too: idempotent, and not needed for the truth of the answer. */
  readonly afterCommit?: (body: z.output<Output>, context: RequestContext<'apiKey'>) => Promise<void>;
}

/** Defines a POST or PATCH that takes an Idempotency-Key: one effect for one key, however often it is sent. */
export function defineChange<Input extends EndpointInput, Output extends z.ZodType, Prepared = undefined>(
  spec: ChangeSpec<Input, Output, Prepared>,
): Endpoint {
  const { prepare, change, afterCommit, hasSecretOutput, ...facts } = spec;
  return {
    ...facts,
    kind: 'change',
    bodyRules: spec.bodyRules ?? {},
    timeoutMs: spec.timeoutMs ?? defaultTimeoutMs,
    execute: async (raw, context) => {
      const input = parseInput<Input>(spec, raw);
      const own = narrow<'apiKey'>(context);
      const stored = await runChange(
        { route: `${spec.method.toUpperCase()} ${spec.path}`, raw, context: own, isSecret: hasSecretOutput ?? false },
        {
          prepare: async () => prepare?.(input, own),
          change: async (tx, prepared) => {
            // Without `prepare`, nothing reads what it gave.
            const result = await change(tx, { ...input, prepared: prepared as Prepared }, own);
            if (result.changesNothing !== true && auditRowsIn(tx) === 0) {
              throw new OrdealError('internal', `${spec.id} would change something without an audit row. Nothing was changed.`);
            }
            return { status: result.status ?? spec.output.status, text: JSON.stringify(result.body) };
          },
        },
      );
      if (afterCommit !== undefined) await afterCommit(JSON.parse(stored.text) as z.output<Output>, own);
      const headers = stored.isReplayed ? { 'Idempotent-Replayed': 'true' } : {};
      return { kind: 'json', status: stored.status, text: stored.text, headers };
    },
  };
}

interface StreamSpec<Input extends EndpointInput> extends EndpointFacts<'apiKey'> {
  readonly input: Input;
  readonly output: EndpointOutput;
  readonly open: (input: ParsedInput<Input>, context: RequestContext<'apiKey'>) => Promise<Reply>;
}

/** Defines an endpoint that keeps its response open. */
export function defineStream<Input extends EndpointInput>(spec: StreamSpec<Input>): Endpoint {
  const { open, ...facts } = spec;
  return {
    ...facts,
    kind: 'stream',
    bodyRules: {},
    timeoutMs: 0,
    execute: (raw, context) => open(parseInput<Input>(spec, raw), narrow<'apiKey'>(context)),
  };
}

/** Sound because the router authenticates by the endpoint's own `auth` before it executes it. */
function narrow<Auth extends AuthKind>(context: RequestContext<AuthKind>): RequestContext<Auth> {
  return { ...context, principal: context.principal as Principals[Auth] };
}

function isReply(result: unknown): result is { readonly reply: Reply } {
  return typeof result === 'object' && result !== null && 'reply' in result;
}
