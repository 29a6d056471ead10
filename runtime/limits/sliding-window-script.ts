import { redisScript } from '../redis/redis-script.ts';

/**
 * `takeFromWindow` of `domain/limits/sliding-window.ts`, by Redis's own clock, which all processes share.
 *
 * KEYS: the window. ARGV: limit, window and slot in milliseconds, how many are asked for. Answers [now, slot, count, …]:
 * the live slots as they were before, from which the caller and this script take the same.
 */
export const slidingWindowScript = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit, window, slot, asked = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local current = math.floor(now / slot)
local known = redis.call('HGETALL', KEYS[1])
local answer, used, own = {now}, 0, 0
for i = 1, #known, 2 do
  local number, count = tonumber(known[i]), tonumber(known[i + 1])
  if (number + 1) * slot + window > now then
    used = used + count
    answer[#answer + 1] = number
    answer[#answer + 1] = count
    if number == current then own = count end
  else
    redis.call('HDEL', KEYS[1], known[i])
  end
end
local taken = math.max(0, math.min(asked, limit - used))
if taken > 0 then
  redis.call('HSET', KEYS[1], string.format('%.0f', current), own + taken)
  redis.call('PEXPIRE', KEYS[1], window + 2 * slot)
end
return answer
`);
