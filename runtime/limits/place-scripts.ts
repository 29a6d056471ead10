import { redisScript } from '../redis/redis-script.ts';

/**
 * Places are members of a sorted set, by when their lease ends: one that nobody renews is free again by itself.
 *
 * KEYS: the sets. ARGV: the place, its lease in milliseconds, and how many places each set has. Takes a place in all of
 * them or in none. Answers 0, or the number of the first set that is full.
 */
export const takePlaceScript = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  if redis.call('ZCARD', key) >= tonumber(ARGV[i + 2]) then return i end
end
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', key, ARGV[2] * 2)
end
return 0
`);

/** KEYS: the sets. ARGV: the place. */
export const freePlaceScript = redisScript(`
for _, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[1]) end
return 0
`);

/** KEYS: a set for each place. ARGV: the lease in milliseconds, and the places. Those that were forgotten are there again. */
export const renewPlacesScript = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i, key in ipairs(KEYS) do
  redis.call('ZADD', key, now + ARGV[1], ARGV[i + 1])
  redis.call('PEXPIRE', key, ARGV[1] * 2)
end
return 0
`);
