import { redisScript } from '../redis/redis-script.ts';

/**
 * `takeTokens` of `domain/limits/token-bucket.ts`, by Redis's own clock, which all processes share.
 *
 * KEYS: the bucket. ARGV: capacity and cost in units, units a millisecond. Answers [now, allowed, units]. A bucket that
 * has had time to fill up is forgotten. All figures are whole numbers below 2^53, which `%.0f` writes exactly.
 */
export const tokenBucketScript = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local full, wanted, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local known = redis.call('HMGET', KEYS[1], 'units', 'at')
local units = full
if known[1] then
  local at = tonumber(known[2])
  now = math.max(now, at)
  units = math.min(full, tonumber(known[1]) + (now - at) * rate)
end
local allowed = 0
if units >= wanted then
  allowed = 1
  units = units - wanted
end
redis.call('HSET', KEYS[1], 'units', string.format('%.0f', units), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((full - units) / rate) + 1000)
return {now, allowed, units}
`);
