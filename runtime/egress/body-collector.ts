import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { FailureName } from '../../domain/failures.ts';

const contentCodings = ['identity', 'gzip', 'deflate', 'br'] as const;
export type ContentCoding = (typeof contentCodings)[number];

/** A compressed body may carry this much that decodes to nothing (a long gzip header, empty blocks) before it is given up. */
const overheadBytes = 65_536;

type CollectorFailure = Extract<FailureName, 'response_too_large' | 'bad_encoding'>;
type Decoder = ReturnType<typeof createGunzip> | ReturnType<typeof createBrotliDecompress>;

export interface CollectorOptions {
  readonly coding: ContentCoding;
  readonly maxBodyBytes: number;
  /** Called at most once; the collector is then dead. */
  readonly onFailure: (failure: CollectorFailure, detail: string) => void;
  readonly onBody: (body: Uint8Array) => void;
}

/**
 * Decodes and keeps a body up to a limit of decoded bytes. The limit holds for what was decoded, never for what came
 * over the wire: 100 KB of gzip can hold 100 MB. Exactly one of `onFailure` and `onBody` is called, or none after `destroy`.
 */
export class BodyCollector {
  readonly #options: CollectorOptions;
  readonly #chunks: Uint8Array[] = [];
  #decoder: Decoder | undefined;
  #receivedBytes = 0;
  #decodedBytes = 0;
  #isDone = false;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  /** Takes the length that the target declares, so that a body which cannot fit is refused before it is read. */
  expect(declaredBytes: number): void {
    const slackBytes = this.#options.coding === 'identity' ? 0 : overheadBytes;
    if (declaredBytes > this.#options.maxBodyBytes + slackBytes) this.#failTooLarge();
  }

  /**
   * Takes a chunk off the wire. There is no backpressure, and none is needed: what waits for the decoder is bounded by
   * the limit on received bytes. (A paused undici parser also reports a complete answer as cut when the target closes.)
   */
  write(chunk: Uint8Array): void {
    if (this.#isDone || chunk.byteLength === 0) return;
    this.#receivedBytes += chunk.byteLength;
    if (this.#receivedBytes > this.#options.maxBodyBytes + overheadBytes) {
      this.#failTooLarge();
    } else if (this.#options.coding === 'identity') {
      this.#keep(chunk);
    } else {
      this.#decoder ??= this.#startDecoder(this.#options.coding, chunk);
      this.#decoder.write(chunk);
    }
  }

  /** The body is complete on the wire. */
  end(): void {
    if (this.#isDone) return;
    if (this.#decoder === undefined) this.#finish();
    else this.#decoder.end();
  }

  destroy(): void {
    this.#isDone = true;
    this.#decoder?.destroy();
    this.#chunks.length = 0;
  }

  #startDecoder(coding: Exclude<ContentCoding, 'identity'>, firstChunk: Uint8Array): Decoder {
    const decoder = makeDecoder(coding, firstChunk[0] ?? 0);
    decoder.on('data', (chunk: Uint8Array) => this.#keep(chunk));
    decoder.on('end', () => this.#finish());
    decoder.on('error', () => this.#fail('bad_encoding', `The body of the answer is not valid ${coding}`));
    return decoder;
  }

  #keep(chunk: Uint8Array): void {
    if (this.#isDone) return;
    this.#decodedBytes += chunk.byteLength;
    if (this.#decodedBytes > this.#options.maxBodyBytes) this.#failTooLarge();
    else this.#chunks.push(chunk);
  }

  #finish(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#options.onBody(new Uint8Array(Buffer.concat(this.#chunks)));
    this.#chunks.length = 0;
  }

  #failTooLarge(): void {
    this.#fail('response_too_large', `The body of the answer is larger than ${this.#options.maxBodyBytes} bytes`);
  }

  #fail(failure: CollectorFailure, detail: string): void {
    if (this.#isDone) return;
    this.destroy();
    this.#options.onFailure(failure, detail);
  }
}

/** Which single coding an answer has, or nothing when it has several or one that is not known. */
export function readContentCoding(headers: Readonly<Record<string, string>>): ContentCoding | undefined {
  const transfer = codingNames(headers['transfer-encoding']);
  if (transfer.some((name) => name !== 'chunked') || transfer.length > 1) return undefined;
  const names = codingNames(headers['content-encoding']);
  if (names.length > 1) return undefined;
  const name = names[0] === 'x-gzip' ? 'gzip' : (names[0] ?? 'identity');
  return contentCodings.find((coding) => coding === name);
}

function codingNames(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}

function makeDecoder(coding: Exclude<ContentCoding, 'identity'>, firstByte: number): Decoder {
  if (coding === 'gzip') return createGunzip();
  if (coding === 'br') return createBrotliDecompress();
  // "deflate" means the zlib format, but some servers send the bare stream; the low nibble of the first byte tells.
  return (firstByte & 0x0f) === 8 ? createInflate() : createInflateRaw();
}
