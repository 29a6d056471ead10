import type { Response } from 'express';

/** What an endpoint answers with. */
export type Reply =
  | { readonly kind: 'json'; readonly status: number; readonly text: string; readonly headers?: Readonly<Record<string, string>> }
  | {
      readonly kind: 'text';
      readonly status: number;
      readonly contentType: string;
      readonly text: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'bytes'; readonly status: number; readonly contentType: string; readonly bytes: Buffer }
  | { readonly kind: 'empty'; readonly status: 204 }
  /** Takes over the response and resolves when it has ended. */
  | { readonly kind: 'stream'; readonly write: (response: Response) => Promise<void> };

/** Serializes here, so that what is stored for a replay is byte for byte what was sent. */
export function jsonReply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { kind: 'json', status, text: JSON.stringify(body), headers };
}

export function sendReply(response: Response, reply: Reply): Promise<void> {
  switch (reply.kind) {
    case 'json':
      response
        .status(reply.status)
        .set(reply.headers ?? {})
        .type('application/json')
        .send(reply.text);
      return Promise.resolve();
    case 'text':
      response
        .status(reply.status)
        .set(reply.headers ?? {})
        .type(reply.contentType)
        .send(reply.text);
      return Promise.resolve();
    case 'bytes':
      response.status(reply.status).type(reply.contentType).send(reply.bytes);
      return Promise.resolve();
    case 'empty':
      response.status(reply.status).end();
      return Promise.resolve();
    case 'stream':
      return reply.write(response);
  }
}
