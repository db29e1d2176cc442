-- Closures, coroutines, strings, tables, the collector, files.
local T = os.getenv("T")
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end
print("fib", fib(22))
local c = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i * i) end return "end" end)
print(c(), c(), c(), c())
local t = {}
for i = 1, 100000 do t[i] = (i * 7919) % 100003 end
table.sort(t)
print("sorted", t[1], t[50000], t[100000])
for round = 1, 20 do local garbage = {} for i = 1, 5000 do garbage[i] = ("x"):rep(i % 100) .. i end end
collectgarbage()
print("memory below 8 MB", collectgarbage("count") < 8192)
print(("hello world"):gsub("o", "0"), ("%5.2f|%-5s|%x"):format(math.pi, "ab", 255))
print(string.pack("<i4", 77):byte(1, -1))
print(pcall(error, "caught"))
print(select("#", 1, nil, 3), #"text", 7 // 2, 7 % -3, 2 ^ 0.5 > 1.41)
local f = assert(io.open(T .. "/lua", "w"))
for i = 1, 1000 do f:write(i, "\n") end
f:close()
local s = 0
for line in io.lines(T .. "/lua") do s = s + tonumber(line) end
print("file", s, os.rename(T .. "/lua", T .. "/lua2"), os.remove(T .. "/lua2"))
print(pcall(string.rep, "x", 1 << 40))
