import { randomUUID } from 'node:crypto';

import type { NextFunction, Request, RequestHandler, Response } from 'express';

import type { Logger } from '../runtime/logger.ts';

/** What is known of a request while it is served; written to the log when it has ended. */
export interface RequestFacts {
  readonly requestId: string;
  readonly log: Logger;
  route: string | undefined;
  actor: string | undefined;
  orgId: string | undefined;
  error: unknown;
}

const factsOf = new WeakMap<Response, RequestFacts>();

export function requestFacts(response: Response): RequestFacts {
  const facts = factsOf.get(response);
  if (facts === undefined) throw new TypeError('The response did not pass through followRequests()');
  return facts;
}

/** Gives every request an id, which goes out as `X-Request-ID`, and logs it once when it has ended. */
export function followRequests(log: Logger): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const requestId = acceptableId(request.headers['x-request-id']) ?? randomUUID();
    const facts: RequestFacts = {
      requestId,
      log: log.child({ requestId }),
      route: undefined,
      actor: undefined,
      orgId: undefined,
      error: undefined,
    };
    factsOf.set(response, facts);
    response.set('X-Request-ID', requestId);
    const startedAtMs = performance.now();
    response.once('close', () => logRequest(request, response, { facts, durationMs: performance.now() - startedAtMs }));
    next();
  };
}

/** A client's id is kept when it cannot forge a log line or a header. */
function acceptableId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/.test(header) ? header : undefined;
}

function logRequest(request: Request, response: Response, end: { readonly facts: RequestFacts; readonly durationMs: number }): void {
  const { facts } = end;
  const entry = {
    method: request.method,
    // The pattern and not the path: a path may hold anything that a client wrote.
    route: facts.route ?? 'none',
    status: response.statusCode,
    durationMs: Math.round(end.durationMs),
    actor: facts.actor,
    orgId: facts.orgId,
    ...(response.writableFinished ? {} : { isAborted: true }),
    ...(facts.error === undefined ? {} : { err: facts.error }),
  };
  if (response.statusCode >= 500) facts.log.error(entry, 'request failed');
  else if (facts.route?.startsWith('/health') === true) facts.log.debug(entry, 'request');
  else facts.log.info(entry, 'request');
}
