import type { Socket } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import type { FailureName } from '../../domain/failures.ts';
import { BodyCollector, readContentCoding } from './body-collector.ts';
import { parseRawHeaders } from './raw-headers.ts';
import type { RequestWatch } from './request-watch.ts';
import type { EgressUrl } from './url-policy.ts';

export interface ExchangeRequest {
  readonly url: EgressUrl;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | string | undefined;
  readonly headersMs: number;
  readonly idleMs: number;
  readonly maxBodyBytes: number;
}

export interface ExchangeResult {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** From the first byte of the request to the last byte of the answer. */
  readonly latencyMs: number;
}

const maxHeaderBytes = 16_384;

/** Sends one request over this connection and reads one answer. The connection serves nothing else and is destroyed at the end. */
export async function exchange(request: ExchangeRequest, socket: Socket, watch: RequestWatch): Promise<ExchangeResult> {
  const client = makeSingleUseClient(request.url.origin, socket);
  const handler = new ExchangeHandler(request, socket, watch);
  try {
    const { method, headers, url } = request;
    client.dispatch({ method, path: url.path, headers, body: request.body ?? null, reset: true, idempotent: false }, handler);
    return await watch.race(handler.result);
  } finally {
    handler.dispose();
    socket.destroy();
    void client.destroy();
  }
}

/**
 * An undici client that owns exactly this socket. When it asks for a second connection, which is what it does before
 * it would send a request again, it gets an error: nothing is ever sent twice.
 */
function makeSingleUseClient(origin: string, socket: Socket): Client {
  let isHandedOut = false;
  return new Client(origin, {
    pipelining: 1,
    allowH2: false,
    maxHeaderSize: maxHeaderBytes,
    // The clocks of undici are coarse; RequestWatch has all of them.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (_options, callback) => {
      const isFirst = !isHandedOut;
      isHandedOut = true;
      // Not at once: undici does not go on when its connector answers before it returns.
      queueMicrotask(() => {
        if (isFirst && !socket.destroyed) callback(null, socket);
        else callback(new Error('The connection was closed'), null);
      });
    },
  });
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly result: Promise<ExchangeResult>;
  readonly #request: ExchangeRequest;
  readonly #watch: RequestWatch;
  readonly #socket: Socket;
  readonly #resolve: (result: ExchangeResult) => void;
  readonly #reject: (error: Error) => void;
  readonly #onSocketError = (error: Error): void => {
    this.#socketError = error;
  };
  #socketError: Error | undefined;
  #collector: BodyCollector | undefined;
  #status: number | undefined;
  #headers: Readonly<Record<string, string>> = {};
  #startedAtMs = 0;
  #endedAtMs = 0;

  constructor(request: ExchangeRequest, socket: Socket, watch: RequestWatch) {
    const { promise, resolve, reject } = Promise.withResolvers<ExchangeResult>();
    this.result = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#request = request;
    this.#watch = watch;
    this.#socket = socket;
    socket.on('error', this.#onSocketError);
  }

  /** undici calls this in the same tick in which it writes; from here on the target may have seen the request. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#watch.signal.aborted || this.#watch.sent) {
      controller.abort(new Error('The request was ended before it was sent'));
      return;
    }
    this.#watch.sent = true;
    this.#startedAtMs = performance.now();
    this.#watch.enter('headers_timeout', this.#request.headersMs, 'The target did not start to answer');
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = parseRawHeaders(controller.rawHeaders);
    if (status < 400 && status >= 300) {
      this.#fail(
        'redirect_refused',
        `The target answered with ${status}${describeLocation(this.#headers['location'])}, which is not followed`,
      );
      return;
    }
    const coding = readContentCoding(this.#headers);
    if (coding === undefined) {
      this.#fail('bad_encoding', 'The answer has more than one content encoding, or one that is not known');
      return;
    }
    this.#watch.enter('idle_timeout', this.#request.idleMs, 'The target sent nothing more of its answer');
    this.#collector = new BodyCollector({
      coding,
      maxBodyBytes: this.#request.maxBodyBytes,
      onFailure: (failure, detail) => this.#fail(failure, detail),
      onBody: (body) => this.#succeed(body),
    });
    this.#collector.expect(Number(this.#headers['content-length'] ?? 0));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#watch.touch();
    this.#collector?.write(chunk);
  }

  onResponseEnd(): void {
    this.#endedAtMs = performance.now();
    // Without a length only a clean close ends a body; undici takes a reset for one too.
    if (this.#socketError !== undefined && this.#isClosedByConnection()) {
      this.#fail('connection_lost', 'The connection was reset in the middle of the answer', this.#socketError);
      return;
    }
    this.#collector?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const [failure, detail] = explain(error, this.#watch.sent, this.#status !== undefined);
    this.#fail(failure, detail, error);
  }

  dispose(): void {
    this.#collector?.destroy();
    this.#socket.off('error', this.#onSocketError);
    // Once `dispose` ran nobody waits for the result any more.
    this.result.catch(() => undefined);
  }

  #isClosedByConnection(): boolean {
    return this.#headers['content-length'] === undefined && this.#headers['transfer-encoding'] === undefined;
  }

  #succeed(body: Uint8Array): void {
    const latencyMs = Math.round(this.#endedAtMs - this.#startedAtMs);
    this.#resolve({ status: this.#status ?? 0, headers: this.#headers, body, latencyMs });
  }

  #fail(failure: FailureName, detail: string, cause?: Error): void {
    const status = this.#status === undefined ? {} : { status: this.#status };
    this.#reject(this.#watch.fault(failure, detail, { ...status, ...(cause === undefined ? {} : { cause }) }));
    this.#collector?.destroy();
    this.#socket.destroy();
  }
}

/** Names what undici reports. Whatever is not a known breach of HTTP is a lost connection. */
function explain(error: Error, sent: boolean, hasStatus: boolean): [FailureName, string] {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'UND_ERR_INVALID_ARG' && !sent) return ['target_config_invalid', `The request cannot be sent: ${error.message}`];
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return ['protocol_error', `The headers of the answer are larger than ${maxHeaderBytes} bytes`];
  // The end of the connection inside a chunked body or inside the headers.
  if (code === 'HPE_INVALID_EOF_STATE') return ['connection_lost', 'The target closed the connection in the middle of its answer'];
  if (error.name === 'HTTPParserError') return ['protocol_error', 'The answer is not valid HTTP'];
  if (code === 'UND_ERR_SOCKET' && /^bad (response|upgrade)$/.test(error.message))
    return ['protocol_error', 'The target sent an answer that nobody asked for'];
  // undici says this of any breach after a Content-Length header, so also of headers that contradict each other.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && !hasStatus)
    return ['protocol_error', 'The headers of the answer are not valid HTTP'];
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return ['connection_lost', 'The answer is shorter than its Content-Length'];
  if (code.startsWith('ERR_SSL_')) return ['tls_error', `The TLS connection broke (${code})`];
  return [
    'connection_lost',
    `The connection to the target was closed ${sent ? 'before its answer was complete' : 'before the request was sent'}`,
  ];
}

/** The origin only: the rest of a redirect often carries a token. */
function describeLocation(location: string | undefined): string {
  if (location === undefined || !URL.canParse(location)) return '';
  return ` to ${new URL(location).origin}`;
}
