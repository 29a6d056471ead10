import { OrdealError } from '../domain/failures.ts';
import { parseAccessToken } from '../runtime/access-token.ts';
import type { RateLimiter } from '../runtime/limits/rate-limiter.ts';
import { RecentKeys } from '../runtime/limits/recent-keys.ts';

export interface SignIn {
  /** Where the connection comes from. */
  readonly address: string | undefined;
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
}

const maxBlocked = 10_000;

/**
 * Makes guessing the secret of a key slow: after too many wrong ones for one key from one address, no secret of that
 * key is looked at from there for a while, not even the right one. Others are not held up, and what has not even the
 * shape of a key costs nothing and is not counted.
 */
export class SignInGuard {
  readonly #limiter: RateLimiter;
  readonly #blockedUntilMs = new RecentKeys<number>(maxBlocked);

  constructor(limiter: RateLimiter) {
    this.#limiter = limiter;
  }

  async admit<Principal>(signIn: SignIn, authenticate: () => Promise<Principal>): Promise<Principal> {
    const subject = subjectOf(signIn);
    if (subject !== undefined) this.#refuseBlocked(subject);
    try {
      return await authenticate();
    } catch (error) {
      const isWrong = error instanceof OrdealError && error.failure === 'unauthenticated';
      if (isWrong && subject !== undefined) await this.#countFailure(subject);
      throw error;
    }
  }

  #refuseBlocked(subject: string): void {
    const waitMs = (this.#blockedUntilMs.get(subject) ?? 0) - performance.now();
    if (waitMs > 0) throw tooManyFailures(waitMs);
  }

  /** Throws `limiter_unavailable` where failures cannot be counted: a guess is then answered neither way. */
  async #countFailure(subject: string): Promise<void> {
    const { isAllowed, retryAfterMs } = await this.#limiter.takeToken('sign_in', subject);
    if (isAllowed) return;
    this.#blockedUntilMs.set(subject, performance.now() + retryAfterMs);
    throw tooManyFailures(retryAfterMs);
  }
}

function subjectOf({ address, authorization }: SignIn): string | undefined {
  const token = /^Bearer +([^\s]+) *$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return undefined;
  const claimed = parseAccessToken('apiKey', token) ?? parseAccessToken('sidecar', token);
  return claimed === undefined ? undefined : `${address ?? 'unknown'}:${claimed.orgId}:${claimed.id}`;
}

function tooManyFailures(waitMs: number): OrdealError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return new OrdealError('rate_limited', `This key was given wrongly too often from here. Try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  });
}
