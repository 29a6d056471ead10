import { Redis } from 'ioredis';

import { answerWithin } from '../answer-within.ts';
import type { RedisScript } from './redis-script.ts';

export interface RedisLinkOptions {
  /** `redis:` or, with TLS, `rediss:`; user and password as in any URL. */
  readonly url: string;
  /** Put before every key, so that two environments can share one server. */
  readonly keyPrefix: string;
  /** A Redis that gives no answer for so long is taken to hang. Default 250 ms. */
  readonly commandTimeoutMs?: number;
  /** Called with every change, and with what was wrong; never with an address or a password. */
  readonly onChange: (isAvailable: boolean, reason: string) => void;
}

/** Redis does not answer. Whoever gets this goes on without. */
export class RedisAway extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RedisAway';
  }
}

/** Answers on loopback take 0.1 ms; a command that takes this long means a Redis that hangs. */
const defaultCommandTimeoutMs = 250;
/** What the client asks by itself when it connects may take as long as the connection. */
const connectTimeoutMs = 2_000;
/** How often a Redis that was away is asked whether it is back. */
const probeEveryMs = 200;
/** After so many unanswered probes the connection itself is taken for dead. */
const probesPerConnection = 25;

/**
 * A connection to Redis that costs nothing while Redis is away: the first command that gets no answer within 250 ms
 * opens a circuit, and until Redis has answered a probe every further command is refused at once.
 */
export class RedisLink {
  readonly #options: RedisLinkOptions;
  readonly #redis: Redis;
  readonly #commandTimeoutMs: number;
  #isAvailable = false;
  #probe: NodeJS.Timeout | undefined;
  #failedProbes = 0;
  #isClosed = false;

  constructor(options: RedisLinkOptions) {
    this.#options = options;
    this.#commandTimeoutMs = options.commandTimeoutMs ?? defaultCommandTimeoutMs;
    this.#redis = new Redis(options.url, {
      commandTimeout: Math.max(connectTimeoutMs, this.#commandTimeoutMs),
      connectTimeout: connectTimeoutMs,
      enableOfflineQueue: false,
      // A command that was lost is the caller's to decide on: it may have been counted.
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(times * 50, 500),
    });
    this.#redis.on('ready', () => this.#mark(true, 'connected'));
    this.#redis.on('close', () => this.#mark(false, 'the connection is closed'));
    // What went wrong is told by the command that failed, or by 'close'.
    this.#redis.on('error', () => undefined);
  }

  get isAvailable(): boolean {
    return this.#isAvailable;
  }

  /** Runs a script as one atomic step; throws `RedisAway` when Redis does not answer in time, or answers that it cannot. */
  async run(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    const rest = [keys.length, ...keys.map((key) => this.#options.keyPrefix + key), ...args];
    try {
      return await this.#command(() => this.#redis.call('EVALSHA', script.sha, ...rest));
    } catch (error) {
      if (!isUnknownScript(error)) throw toRedisAway(error);
      // A server that was just started, or flushed, knows no script.
      return await this.#command(() => this.#redis.call('EVAL', script.source, ...rest)).catch((cause: unknown) => {
        throw toRedisAway(cause);
      });
    }
  }

  /** Resolves when Redis answers; throws `RedisAway`. */
  async ping(): Promise<void> {
    await this.#command(() => this.#redis.ping());
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#probe);
    this.#redis.disconnect();
  }

  async #command<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    if (!this.#isAvailable) throw new RedisAway('Redis is away.');
    try {
      return await this.#inTime(send());
    } catch (error) {
      if (isAnswer(error)) throw error;
      this.#mark(false, 'a command was not answered');
      throw new RedisAway('Redis did not answer.', { cause: error });
    }
  }

  #inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const timeoutMs = this.#commandTimeoutMs;
    return answerWithin(timeoutMs, answer, () => new Error(`Redis did not answer within ${timeoutMs} ms`));
  }

  #mark(isAvailable: boolean, reason: string): void {
    if (this.#isClosed) return;
    if (!isAvailable && this.#redis.status === 'ready') this.#scheduleProbe();
    if (isAvailable === this.#isAvailable) return;
    this.#isAvailable = isAvailable;
    this.#options.onChange(isAvailable, reason);
  }

  /** Only where the connection stands: one that does not is made anew by the client itself. */
  #scheduleProbe(): void {
    clearTimeout(this.#probe);
    this.#probe = setTimeout(() => void this.#probeOnce(), probeEveryMs);
    this.#probe.unref();
  }

  async #probeOnce(): Promise<void> {
    try {
      await this.#inTime(this.#redis.ping());
      this.#failedProbes = 0;
      this.#mark(true, 'answers again');
    } catch {
      this.#failedProbes += 1;
      if (this.#failedProbes % probesPerConnection === 0) this.#redis.disconnect(true);
      else if (this.#redis.status === 'ready' && !this.#isClosed) this.#scheduleProbe();
    }
  }
}

/** Redis answered, and said no: the connection is well, and the command is wrong. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/** Out of memory, loading, read-only: whatever its reason, this Redis counts nothing. */
function toRedisAway(error: unknown): unknown {
  return isAnswer(error) ? new RedisAway('Redis refused a command.', { cause: error }) : error;
}

function isUnknownScript(error: unknown): boolean {
  return isAnswer(error) && (error as Error).message.startsWith('NOSCRIPT');
}
