import { createServer, type IncomingMessage, type Server } from 'node:http';

import { checkWebhook, type WebhookCheck } from '../runtime/webhook-signature.ts';

/** What became of a request: taken for the first time, taken before, or refused with why. */
export type Receipt =
  | { readonly kind: 'new' | 'again'; readonly id: string; readonly body: string }
  | {
      readonly kind: 'refused';
      readonly reason: Extract<WebhookCheck, { readonly isValid: false }>['reason'] | 'body_too_large' | 'not_a_post';
    };

/** More than a body of Ordeal's may have. */
const maxBodyBytes = 65_536;
/** A receiver that must not forget, also when it restarts, keeps the ids in its database instead, in the transaction of its effect. */
const rememberedIds = 10_000;
const requestTimeoutMs = 10_000;

/**
 * A receiver of webhooks as one should be: the signature is checked over the bytes that came, then the time, then whether
 * the message has come before, and nothing is done with it until all of them hold. With `runtime/webhook-signature.ts`
 * it works outside of Ordeal as well.
 */
export function createWebhookReceiver(secret: string, onReceipt: (receipt: Receipt) => void): Server {
  const seen = new Set<string>();
  const receive = async (request: IncomingMessage): Promise<Receipt> => {
    if (request.method !== 'POST') return { kind: 'refused', reason: 'not_a_post' };
    const body = await readBody(request);
    if (body === undefined) return { kind: 'refused', reason: 'body_too_large' };
    const check = checkWebhook(secret, { headers: request.headers, body }, Date.now());
    if (!check.isValid) return { kind: 'refused', reason: check.reason };
    const { id } = check;
    const kind = seen.has(id) ? 'again' : 'new';
    seen.add(id);
    const [oldest] = seen;
    if (seen.size > rememberedIds && oldest !== undefined) seen.delete(oldest);
    return { kind, id, body: body.toString('utf8') };
  };
  const server = createServer((request, response) => {
    void receive(request).then(
      (receipt) => {
        // What was taken before is acknowledged too: the sender has missed the first acknowledgement.
        response.writeHead(receipt.kind === 'refused' ? 400 : 204, { connection: 'close' }).end();
        onReceipt(receipt);
      },
      () => response.destroy(),
    );
  });
  server.requestTimeout = requestTimeoutMs;
  return server;
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
