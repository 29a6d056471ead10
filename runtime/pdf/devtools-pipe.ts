import type { Readable, Writable } from 'node:stream';

import { z } from 'zod';

const messageSchema = z.object({
  id: z.int().optional(),
  sessionId: z.string().optional(),
  method: z.string().optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ message: z.string() }).optional(),
});

/** What was asked, and where: without `session` the browser itself. */
export interface DevtoolsCall {
  readonly method: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly session?: string;
}

interface Waiting {
  readonly resolve: (result: Readonly<Record<string, unknown>>) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Chromium's DevTools protocol over a pair of pipes: messages are JSON, each ended by a NUL. No port is opened, so that
 * nobody else on the machine can speak to the browser.
 */
export class DevtoolsPipe {
  readonly #output: Writable;
  readonly #maxMessageBytes: number;
  readonly #waiting = new Map<number, Waiting>();
  readonly #events = new Map<string, () => void>();
  #parts: Buffer[] = [];
  #bytes = 0;
  #lastId = 0;
  #fault: Error | undefined;

  constructor(streams: { readonly toBrowser: Writable; readonly fromBrowser: Readable }, maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
    this.#output = streams.toBrowser;
    streams.fromBrowser.on('data', (bytes: Buffer) => this.#take(bytes));
    // A browser that ends early, and with it the pipes, is told of by its exit.
    streams.toBrowser.on('error', () => undefined);
    streams.fromBrowser.on('error', () => undefined);
  }

  /** The result of a call; rejects with what Chromium says, and never resolves when it ends. */
  call({ method, parameters = {}, session }: DevtoolsCall): Promise<Readonly<Record<string, unknown>>> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<Readonly<Record<string, unknown>>>();
    this.#waiting.set(id, { resolve, reject });
    this.#output.write(`${JSON.stringify({ id, method, params: parameters, ...(session === undefined ? {} : { sessionId: session }) })}\0`);
    return promise;
  }

  /** Resolves with the next event of this name; ask before what causes it. */
  event(name: string): Promise<void> {
    return new Promise((resolve) => this.#events.set(name, resolve));
  }

  #take(bytes: Buffer): void {
    for (let from = 0; from < bytes.length;) {
      const end = bytes.indexOf(0, from);
      const piece = bytes.subarray(from, end === -1 ? bytes.length : end);
      this.#bytes += piece.length;
      if (this.#bytes > this.#maxMessageBytes) return this.#fail(new Error('the answer of Chromium is too large'));
      this.#parts.push(piece);
      if (end === -1) return;
      const text = Buffer.concat(this.#parts).toString('utf8');
      this.#parts = [];
      this.#bytes = 0;
      from = end + 1;
      this.#handle(text);
    }
  }

  #handle(text: string): void {
    const parsed = messageSchema.safeParse(parseJson(text));
    if (!parsed.success) return this.#fail(new Error('Chromium does not speak the protocol that was expected'));
    const { id, method, result, error } = parsed.data;
    if (id === undefined) {
      const resolve = this.#events.get(method ?? '');
      this.#events.delete(method ?? '');
      resolve?.();
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result ?? {});
    else waiting?.reject(new Error(error.message));
  }

  #fail(fault: Error): void {
    this.#fault ??= fault;
    for (const { reject } of this.#waiting.values()) reject(this.#fault);
    this.#waiting.clear();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
