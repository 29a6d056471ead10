import { Router, type NextFunction, type Request, type Response } from 'express';

import { OrdealError } from '../domain/failures.ts';
import { answerWithin } from '../runtime/answer-within.ts';
import type { ApiDependencies } from './api-dependencies.ts';
import { auditDenial } from './audit-denial.ts';
import { authenticate, authorize, DeniedToken } from './authenticate.ts';
import type { Endpoint } from './define-endpoint.ts';
import { limitRequest } from './limit-requests.ts';
import { readBody } from './read-body.ts';
import type { AuthKind, RequestContext } from './request-context.ts';
import { requestFacts, type RequestFacts } from './request-facts.ts';
import { sendReply, type Reply } from './reply.ts';
import { SignInGuard } from './sign-in-guard.ts';

/** A database that hangs is told from a slow one by its first, tiny query. */
const authTimeoutMs = 2_500;
const auditTimeoutMs = 2_500;

/** Mounts endpoints; a method that a path does not take is answered with 405 and `Allow`. */
export function createRouter(endpoints: readonly Endpoint[], deps: ApiDependencies): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const serving: Serving = { deps, signIns: new SignInGuard(deps.limiter) };
  for (const [path, group] of Map.groupBy(endpoints, (endpoint) => endpoint.path)) {
    const route = router.route(path);
    for (const endpoint of group) {
      route[endpoint.method]((request: Request, response: Response, next: NextFunction) => {
        // oxlint-disable-next-line promise/no-callback-in-promise -- how a handler hands an error to Express.
        serve(endpoint, serving, { request, response }).catch(next);
      });
    }
    route.all((_request: Request, response: Response) => {
      const allowed = group.map((endpoint) => endpoint.method.toUpperCase());
      if (allowed.includes('GET')) allowed.push('HEAD');
      response.set('Allow', allowed.join(', '));
      throw new OrdealError('method_not_allowed', `This path takes ${allowed.join(', ')}.`);
    });
  }
  return router;
}

interface Exchange {
  readonly request: Request;
  readonly response: Response;
}

interface Serving {
  readonly deps: ApiDependencies;
  readonly signIns: SignInGuard;
}

async function serve(endpoint: Endpoint, serving: Serving, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const { signIns } = serving;
  const deps = endpoint.rateClass === 'none' ? { ...serving.deps, database: serving.deps.databaseForStops } : serving.deps;
  const facts = requestFacts(response);
  facts.route = endpoint.path;
  if (endpoint.kind === 'stream' && request.method === 'HEAD') {
    throw new OrdealError('method_not_allowed', 'This stream takes GET alone.');
  }
  const { authorization } = request.headers;
  const signIn = { address: request.socket.remoteAddress, authorization };
  const authenticating = signIns.admit(signIn, () => authenticate(deps.database, endpoint.auth, authorization));
  const principal = await within(authTimeoutMs, authenticating).catch(async (error: unknown) => {
    if (error instanceof DeniedToken) await auditToken(endpoint, { deps, request, facts }, error);
    throw error;
  });
  facts.actor = principal?.actor;
  facts.orgId = principal?.orgId;
  const setHeaders = (headers: Readonly<Record<string, string>>): void => void response.set(headers);
  await limitRequest(deps.limiter, { endpoint, principal, setHeaders });
  const context = { deps, requestId: facts.requestId, log: facts.log, signal: goneSignal(response), setHeaders, principal };
  try {
    authorize(endpoint.id, principal);
    const reply = await execute(endpoint, request, context);
    if (!response.destroyed) await sendReply(response, reply);
  } catch (error) {
    await within(auditTimeoutMs, auditDenial({ endpoint, params: request.params, context, by: principal, error }));
    throw error;
  }
}

interface DeniedRequest {
  readonly deps: ApiDependencies;
  readonly request: Request;
  readonly facts: RequestFacts;
}

/** No limit was asked before: what one token can write into the audit log in a minute is bounded here. */
async function auditToken(endpoint: Endpoint, { deps, request, facts }: DeniedRequest, error: DeniedToken): Promise<void> {
  const { by } = error;
  const { isAllowed } = await deps.limiter.takeToken('write', `${by.orgId}:${by.actor}`);
  if (!isAllowed) return;
  const context = { deps, requestId: facts.requestId, log: facts.log };
  await within(auditTimeoutMs, auditDenial({ endpoint, params: request.params, context, by, error }));
}

async function execute(endpoint: Endpoint, request: Request, context: RequestContext<AuthKind>): Promise<Reply> {
  const raw = {
    params: request.params,
    query: request.query,
    headers: request.headers,
    body: endpoint.method !== 'get' ? await readBody(request, endpoint.bodyRules) : undefined,
  };
  const executing = endpoint.execute(raw, context);
  return endpoint.timeoutMs === 0 ? executing : within(endpoint.timeoutMs, executing);
}

/** Waits no longer than that. What was begun goes on, and under an Idempotency-Key a repeat finds what became of it. */
function within<Result>(timeoutMs: number, work: Promise<Result>): Promise<Result> {
  const silence = () =>
    new OrdealError('database_unavailable', 'PostgreSQL did not answer in time. Try again, with the same Idempotency-Key.', {
      retryAfterSeconds: 2,
    });
  return answerWithin(timeoutMs, work, silence);
}

function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return gone.signal;
}
