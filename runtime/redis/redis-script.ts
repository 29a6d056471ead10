import { createHash } from 'node:crypto';

/** A Lua script that Redis runs as one atomic step. */
export interface RedisScript {
  readonly source: string;
  /** What `EVALSHA` knows it by. */
  readonly sha: string;
}

export function redisScript(source: string): RedisScript {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}
