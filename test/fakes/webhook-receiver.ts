import type { ServerResponse } from 'node:http';

import { startWebServer, type SeenWebRequest } from './web-server.ts';

export interface ReceivedWebhook {
  readonly id: string;
  readonly timestamp: number;
  readonly signatures: readonly string[];
  readonly path: string;
  readonly text: string;
  readonly json: { readonly type: string; readonly timestamp: string; readonly data: Readonly<Record<string, unknown>> };
  readonly receivedAtMs: number;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly port: number;
  readonly received: ReceivedWebhook[];
  close(): Promise<void>;
}

/** A receiver of webhooks on loopback. `answer` decides about each; by default all are taken. */
export async function startWebhookReceiver(
  answer: (webhook: ReceivedWebhook, response: ServerResponse) => void = (_, response) => void response.writeHead(204).end(),
): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const server = await startWebServer((request, response) => {
    const webhook = read(request);
    received.push(webhook);
    answer(webhook, response);
    return undefined;
  });
  return { url: `${server.url}/hook`, port: server.port, received, close: () => server.close() };
}

function read({ headers, body, path }: SeenWebRequest): ReceivedWebhook {
  const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => String(headers[name]));
  return {
    id: id ?? '',
    timestamp: Number(timestamp),
    signatures: signature?.split(' ') ?? [],
    path,
    text: body,
    json: JSON.parse(body) as ReceivedWebhook['json'],
    receivedAtMs: Date.now(),
  };
}

/**
 * Which of the signatures hold under this secret: written from the text of Standard Webhooks with the WebCrypto API, so
 * that it shares nothing with what signs.
 */
export async function holdingSignatures(webhook: ReceivedWebhook, secret: string): Promise<number> {
  const bytes = Uint8Array.from(atob(secret.replace(/^whsec_/, '')), (character) => character.charCodeAt(0));
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  const content = new TextEncoder().encode(`${webhook.id}.${webhook.timestamp}.${webhook.text}`);
  const checks = webhook.signatures.map(async (signature) => {
    const [version, value] = signature.split(',');
    if (version !== 'v1' || value === undefined) return false;
    return crypto.subtle.verify(
      'HMAC',
      key,
      Uint8Array.from(atob(value), (character) => character.charCodeAt(0)),
      content,
    );
  });
  return (await Promise.all(checks)).filter(Boolean).length;
}
