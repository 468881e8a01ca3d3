-- Takes once from every bucket, or from none: see buckets.py. Called by redis_buckets.py.
-- KEYS: the buckets. ARGV: the longest wait, then interval and burst of each. All in microseconds.
-- Answers the wait; above the longest nothing was taken.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local wait = 0
local full = {}
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local full_at = math.max(tonumber(redis.call('GET', key) or now), now)
  full[i] = full_at + interval
  wait = math.max(wait, full_at - (burst - 1) * interval - now)
end
if wait <= tonumber(ARGV[1]) then
  for i, key in ipairs(KEYS) do
    local left_ms = math.ceil((full[i] - now) / 1000) + 1
    redis.call('SET', key, string.format('%.0f', full[i]), 'PX', string.format('%.0f', left_ms))
  end
end
return math.ceil(wait)
