import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';

import { OrdealError } from '../domain/failures.ts';
import type { ApiDependencies } from './api-dependencies.ts';
import { documentation } from './documentation.ts';
import { endpoints } from './endpoints.ts';
import { problemContentType, problemReply, toOrdealError } from './problem-reply.ts';
import { followRequests, requestFacts } from './request-facts.ts';
import { createRouter } from './router.ts';

/** The API as an Express application: endpoints, documentation, and a problem body for everything else. */
export function createApp(deps: ApiDependencies, options: { readonly isHttps: boolean }): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(followRequests(deps.log));
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          baseUri: ["'none'"],
          connectSrc: ["'self'"],
          fontSrc: ["'self'"],
          formAction: ["'none'"],
          frameAncestors: ["'none'"],
          imgSrc: ["'self'", 'data:'],
          scriptSrc: ["'self'"],
          // Swagger UI sets style attributes.
          styleSrc: ["'self'", "'unsafe-inline'"],
        },
      },
      // Over plain HTTP the header means nothing, and on localhost it would lock out every other port.
      strictTransportSecurity: options.isHttps,
    }),
  );
  app.use(documentation());
  app.use(createRouter(endpoints, deps));
  app.use(() => {
    throw new OrdealError('not_found', 'There is no such path. /documentation lists all of them.');
  });
  // oxlint-disable-next-line max-params -- Express knows an error handler by its four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => sendProblem(error, request, response));
  return app;
}

function sendProblem(error: unknown, request: Request, response: Response): void {
  const facts = requestFacts(response);
  const failure = toOrdealError(error);
  facts.error = failure;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What is left of a body that was refused is not read: the connection ends instead.
  if (!request.complete) response.set('Connection', 'close');
  const reply = problemReply(failure, { path: request.path, requestId: facts.requestId });
  response
    .status(reply.status)
    .set(reply.headers ?? {})
    .set('Cache-Control', 'no-store')
    .type(problemContentType)
    .send(reply.text);
}
