-- What wrk sends: `-- KIND DELAY_MS`. KIND is read, post (JSON to the API), sign (the page's form) or mixed (9 pages, 1 form).
-- With DELAY_MS each connection pauses as long on average, at random, before it asks again.
local mean_delay = 0
local count = 0
local form = { ["Content-Type"] = "application/x-www-form-urlencoded", ["Sec-Fetch-Site"] = "same-origin" }
local json = { ["Content-Type"] = "application/json" }

local function text()
  count = count + 1
  local id = string.format("%08x-%08x-%08x", math.random(0, 2 ^ 31 - 1), math.random(0, 2 ^ 31 - 1), count)
  return "Hello from " .. id .. ". It was lovely. It was lovely. It was lovely. It was lovely. It was lovely. It was lovely. It was so."
end

local function sign()
  return wrk.format("POST", "/", form, "name=A+guest+of+the+benchmark&message=" .. text():gsub(" ", "+") .. "&website=")
end

function init(args)
  math.randomseed(os.time())
  mean_delay = tonumber(args[2]) or 0
  if mean_delay > 0 then
    delay = function() return math.random(0, 2 * mean_delay) end
  end
  if args[1] == "post" then
    request = function()
      return wrk.format("POST", nil, json, '{"name":"A guest of the benchmark","message":"' .. text() .. '"}')
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
  io.write(string.format('\nRESULT {"requests":%d,"seconds":%f,"errors":%d,"p50Ms":%f,"p99Ms":%f}\n', summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
