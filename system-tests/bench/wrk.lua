-- Arguments: KIND DELAY_MS. KIND is read, post (JSON to the API), sign (the page's form) or mixed
-- (9 pages, 1 form). DELAY_MS is the average of random pauses between requests.
local mean_delay = 0
local count = 0
local form = {
  ["Content-Type"] = "application/x-www-form-urlencoded",
  ["Sec-Fetch-Site"] = "same-origin"
}
local json = { ["Content-Type"] = "application/json" }

local function text()
  count = count + 1
  local function random() return math.random(0, 2 ^ 31 - 1) end
  local id = string.format("%08x-%08x-%08x", random(), random(), count)
  return "Hello from " .. id .. "." .. string.rep(" It was lovely.", 6) .. " It was so."
end

local function sign()
  local message = text():gsub(" ", "+")
  local body = "name=A+guest+of+the+benchmark&message=" .. message .. "&website="
  return wrk.format("POST", "/", form, body)
end

function init(args)
  math.randomseed(os.time())
  mean_delay = tonumber(args[2]) or 0
  if mean_delay > 0 then
    delay = function() return math.random(0, 2 * mean_delay) end
  end
  if args[1] == "post" then
    request = function()
      local body = '{"name":"A guest of the benchmark","message":"' .. text() .. '"}'
      return wrk.format("POST", nil, json, body)
    end
  elseif args[1] == "sign" then
    request = sign
  elseif args[1] == "mixed" then
    local read = wrk.format("GET", "/")
    request = function() return math.random() < 0.1 and sign() or read end
  end
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '\nRESULT {"requests":%d,"seconds":%f,"errors":%d,"p50Ms":%f,"p99Ms":%f}\n',
    summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000
  ))
end
