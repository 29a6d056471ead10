import type { Logger } from '../logger.ts';
import { RedisLink } from './redis-link.ts';

/** The process's connection to Redis, whose comings and goings it logs; undefined, and said once, when none is configured. */
export function openRedis(settings: { readonly url: string; readonly keyPrefix: string } | undefined, log: Logger): RedisLink | undefined {
  if (settings === undefined) {
    log.info('REDIS_URL is not set: limits are counted by this process alone');
    return undefined;
  }
  const onChange = (isAvailable: boolean, reason: string): void => {
    if (isAvailable) log.info({ reason }, 'Redis is there: limits are counted for all processes together');
    else log.warn({ reason }, 'Redis is away: this process counts its share of the limits by itself');
  };
  return new RedisLink({ ...settings, onChange });
}
