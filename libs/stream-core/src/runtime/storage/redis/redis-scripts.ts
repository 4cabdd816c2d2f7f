/**
 * The scripts of a task's state. Everything of a task lies under one hash tag, so a script is one node's business. `epoch` counts the owners of a task: whoever claims
 * it draws the next number, and nothing is written for a number that is not the last one drawn.
 *
 * An operation is three elements, `<n>` a place in the list of hashes: `s<n>` field value · `d<n>` field '' · `u<n>` '' '' (the hash goes).
 */

/** What a script answers to an owner that is none any more. */
export const FENCED = 'FENCED';

/** KEYS: epoch, checkpoint. Gives the new epoch and the checkpoint. */
export const CLAIM = `
local epoch = redis.call('INCR', KEYS[1])
return { tostring(epoch), redis.call('GET', KEYS[2]) }
`;

/** KEYS: epoch, checkpoint. ARGV: own epoch. Gives the checkpoint. */
export const READ = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return redis.error_reply('${FENCED}') end
return redis.call('GET', KEYS[2])
`;

/** KEYS: epoch, staging. ARGV: own epoch, `1` to begin anew, operations. */
export const STAGE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return redis.error_reply('${FENCED}') end
if ARGV[2] == '1' then redis.call('DEL', KEYS[2]) end
for i = 3, #ARGV do redis.call('RPUSH', KEYS[2], ARGV[i]) end
return redis.status_reply('OK')
`;

/** KEYS: epoch, checkpoint, names, staging, hashes. ARGV: own epoch, the checkpoint, `1` to apply what is staged, operations behind that. */
export const COMMIT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return redis.error_reply('${FENCED}') end
local function apply(what, field, value)
  local hash = KEYS[4 + tonumber(string.sub(what, 2))]
  local kind = string.sub(what, 1, 1)
  if kind == 's' then redis.call('HSET', hash, field, value)
  elseif kind == 'd' then redis.call('HDEL', hash, field)
  else redis.call('UNLINK', hash) end
end
local staged = 0
if ARGV[3] == '1' then staged = redis.call('LLEN', KEYS[4]) end
for from = 0, staged - 1, 3000 do
  local part = redis.call('LRANGE', KEYS[4], from, from + 2999)
  for i = 1, #part, 3 do apply(part[i], part[i + 1], part[i + 2]) end
end
for i = 4, #ARGV, 3 do apply(ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
for i = 5, #KEYS do redis.call('SADD', KEYS[3], KEYS[i]) end
redis.call('SET', KEYS[2], ARGV[2])
redis.call('DEL', KEYS[4])
return redis.status_reply('OK')
`;

/** KEYS: epoch, checkpoint, names, staging. ARGV: own epoch. The hashes have the task's tag as well. */
export const WIPE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return redis.error_reply('${FENCED}') end
for _, hash in ipairs(redis.call('SMEMBERS', KEYS[3])) do redis.call('UNLINK', hash) end
redis.call('DEL', KEYS[2], KEYS[3], KEYS[4])
return redis.status_reply('OK')
`;
