import { createDocument, type ZodOpenApiObject, type ZodOpenApiOperationObject } from 'zod-openapi';
import { z } from 'zod';

import { ingestEventSchema } from '../contracts/ingest.ts';
import { problemSchema } from '../contracts/problem.ts';
import { webhookHeadersSchema, webhookMessageSchema } from '../contracts/webhook-message.ts';
import { failures, type FailureName } from '../domain/failures.ts';
import type { Endpoint } from './define-endpoint.ts';

/** The OpenAPI 3.1 document of these endpoints, from the schemas that validate their requests. */
export function createOpenApiDocument(endpoints: readonly Endpoint[], version: string): unknown {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method]: operationOf(endpoint) };
  }
  const document: ZodOpenApiObject = {
    openapi: '3.1.1',
    info: {
      title: 'Ordeal',
      version,
      description: 'Adversarial test scripts against AI agents, run as durable workflows. Every error is a problem body (RFC 9457).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The process that serves this document' }],
    tags: [...new Set(endpoints.map((endpoint) => endpoint.tag))].map((name) => ({ name })),
    components: {
      schemas: { Problem: problemSchema, SidecarEvent: ingestEventSchema },
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key: `ordeal_…`' },
        sidecarToken: { type: 'http', scheme: 'bearer', description: 'A sidecar token: `ordealsc_…`' },
      },
    },
    paths,
    webhooks: { approvals: { post: webhookOperation } },
  };
  return createDocument(document);
}

/** What Ordeal sends, to the receivers that were added with `createWebhook`. */
const webhookOperation: ZodOpenApiOperationObject = {
  operationId: 'receiveWebhook',
  summary: 'A request to approve, a reminder, a decision, an expiry, a withdrawal, or a test',
  tags: ['webhooks'],
  security: [],
  requestParams: { header: webhookHeadersSchema },
  requestBody: { required: true, content: { 'application/json': { schema: webhookMessageSchema } } },
  responses: {
    '2XX': { description: 'It was taken; anything else but 410 is tried again' },
    '410': { description: 'Nothing more is wanted: the webhook is disabled' },
  },
};

function operationOf(endpoint: Endpoint): ZodOpenApiOperationObject {
  const { input } = endpoint;
  return {
    operationId: endpoint.id,
    summary: endpoint.summary,
    tags: [endpoint.tag],
    security: securityOf(endpoint),
    requestParams: {
      ...(input.params === undefined ? {} : { path: input.params }),
      ...(input.query === undefined ? {} : { query: input.query }),
      ...headersOf(endpoint),
    },
    ...(input.body === undefined ? {} : { requestBody: { required: true, content: { 'application/json': { schema: input.body } } } }),
    responses: { ...successesOf(endpoint), ...problemsOf(endpoint) },
  };
}

function securityOf(endpoint: Endpoint): Record<string, string[]>[] {
  switch (endpoint.auth) {
    case 'none':
      return [];
    case 'apiKey':
      return [{ apiKey: [] }];
    case 'sidecar':
      return [{ sidecarToken: [] }];
  }
}

const idempotencyKey = z
  .string()
  .min(1)
  .max(255)
  .meta({ description: 'Repeat a request under the same key and it has one effect. Kept for 7 days.' });
const lastEventId = z.string().optional().meta({ description: 'Id of the last event that was seen; the stream goes on after it' });
const signature = z
  .string()
  .meta({ description: '`t=<unix seconds>,v1=<hex HMAC-SHA-256 of "t.body">`', example: 't=1795000000,v1=5257a8…' });

function headersOf(endpoint: Endpoint): { header?: z.ZodObject } {
  if (endpoint.kind === 'change') return { header: z.object({ 'Idempotency-Key': idempotencyKey }) };
  if (endpoint.kind === 'stream') return { header: z.object({ 'Last-Event-ID': lastEventId }) };
  if (endpoint.auth === 'sidecar') return { header: z.object({ 'X-Ordeal-Signature': signature }) };
  return {};
}

function successesOf(endpoint: Endpoint): ZodOpenApiOperationObject['responses'] {
  const { status, description, schema, alsoStatus = [], alsoAs = [] } = endpoint.output;
  const type = endpoint.kind === 'stream' ? 'text/event-stream' : 'application/json';
  const content = { [type]: { schema }, ...Object.fromEntries(alsoAs.map((other) => [other, { schema: z.string() }])) };
  const all = [{ status, description }, ...alsoStatus];
  return Object.fromEntries(
    all.map((one) => [
      String(one.status),
      one.status === 204 ? { description: one.description } : { description: one.description, content },
    ]),
  );
}

function problemsOf(endpoint: Endpoint): ZodOpenApiOperationObject['responses'] {
  const names = [...new Set([...usualFailures(endpoint), ...endpoint.failures])];
  const byStatus = Map.groupBy(names, (name) => failures[name].status);
  const entries = [...byStatus].toSorted(([a], [b]) => a - b);
  return Object.fromEntries(
    entries.map(([status, group]) => [
      String(status),
      {
        description: group.map((name) => `\`${name}\`: ${failures[name].title}`).join('; '),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}

function usualFailures(endpoint: Endpoint): FailureName[] {
  const names: FailureName[] = ['invalid_request', 'internal'];
  if (endpoint.auth !== 'none') names.push('unauthenticated', 'forbidden', 'rate_limited', 'database_unavailable');
  if (endpoint.input.params !== undefined) names.push('not_found');
  if (endpoint.method !== 'get') names.push('payload_too_large', 'unsupported_media_type');
  if (endpoint.kind === 'change') names.push('idempotency_key_missing', 'idempotency_in_flight', 'idempotency_key_reused');
  return names;
}
