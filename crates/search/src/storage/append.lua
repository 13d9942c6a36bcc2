local counter = ARGV[1] .. ':log_number'
local last = tonumber(redis.call('get', counter) or '-1')
if last ~= tonumber(ARGV[2]) then return {0, last} end
for i = 3, #ARGV do
  last = last + 1
  redis.call('set', ARGV[1] .. ':log:' .. string.format('%d', last), ARGV[i])
end
redis.call('set', counter, string.format('%d', last))
return {1, last}
