import { redisScript } from '../redis/redis-script.ts';

/**
 * Places are members of a sorted set, by when their lease ends: one that nobody renews is free again by itself.
 *
 * KEYS: since when this Redis knows places, then the sets, that of the origin first. ARGV: the place, its lease and how long it
 * takes until all living places were renewed, in milliseconds; whether the process may take a place of its own share; and how
 * many places each set has. Takes a place in all of the sets or in none. Answers 0, or the number of the first set that is full.
 *
 * A Redis that was flushed or began anew knows nothing of the places that are held. Until everybody has renewed theirs, it does
 * not count those of the origin: each process gives out its share.
 */
export const takePlaceScript = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[1], string.format('%.0f', now), 'NX')
local isNew = now - redis.call('GET', KEYS[1]) < tonumber(ARGV[3])
if isNew and ARGV[4] == '0' then return 1 end
for i = 2, #KEYS do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
  local isCounted = i > 2 or not isNew
  if isCounted and redis.call('ZCARD', KEYS[i]) >= tonumber(ARGV[i + 3]) then return i - 1 end
end
for i = 2, #KEYS do
  redis.call('ZADD', KEYS[i], now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', KEYS[i], ARGV[2] * 2)
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
