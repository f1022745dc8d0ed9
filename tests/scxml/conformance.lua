-- SPDX-License-Identifier: MIT
-- The W3C's tests for SCXML in the Lua form of the uscxml project, where they
-- are there: each document is run by the command in virtual time, and has to end
-- as it should. Which do not yet, and why, stands below; a document that passes
-- though it stands there is a failure as well, so that the list stays true.
--
--   lua5.4 conformance.lua COMMAND FOLDER

local command, folder = arg[1], os.getenv("APLOMB_SCXML_IRP") or arg[2]

local AT_THE_TOP = "not the W3C's: a <transition> stands in <scxml>, where SCXML has no place for it"
local NOT_YET = {}
for _, encoding in ipairs { "UTF8", "UTF-16", "WINDOWS-1252", "ISO-8859-1" } do NOT_YET["enc-" .. encoding] = AT_THE_TOP end

-- What those for people ask: how the run has to end, and what the journal or the errors have to say.
local BY_HAND = {
	-- Parent and child say the same of an event that was forwarded.
	["230"] = { outcome = "final", alike = { "name is childToParent", "type is external", "sendid is ", "origin is ", "origintype is ", "invokeid is ", "data is " } },
	-- A child that is cancelled leaves its states, and does not come to its end.
	["250"] = { outcome = "final", journal = "Exiting sub01", also = "Exiting sub0\"", lacks = "invocation was not cancelled" },
	["178"] = { outcome = "final", journal = '"data":{"data":{"Var1":[2,3]}}' },
	["301"] = { errors = "scxml-source" },
	["307"] = { outcome = "final", journal = "error in state s1", lacks = "No error in s1" },
	["313"] = { outcome = "pass" },
	["314"] = { outcome = "pass" },
	["415"] = { outcome = "final", lacks = '"on":"event1"' },
}

local function read(path)
	local file = io.open(path, "rb")
	local text = file and file:read("a")
	if file then file:close() end
	return text
end

local classes = read(folder .. "/classes.json")
local manifest = read(folder .. "/manifest.xml")
if not classes or not manifest then
	print("skipped: " .. folder .. " does not hold the tests (classes.json, manifest.xml and a folder lua)")
	os.exit(77)
end

local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

-- In which final state it ended, and everything that was printed beside it.
local function run(path)
	local errors, journal = os.tmpname(), os.tmpname()
	local pipe = assert(io.popen(("%s run %s --summary json --overwrite --journal %s 2>%s"):format(quoted(command), quoted(path), quoted(journal), quoted(errors))))
	local summary = pipe:read("a")
	pipe:close()
	local result = { outcome = summary:match('"ended":"([^"]+)"') or "none", journal = read(journal), errors = read(errors) }
	os.remove(errors)
	os.remove(journal)
	return result
end

local function passes(number, result)
	local wanted = BY_HAND[number] or { outcome = "pass" }
	if wanted.outcome and result.outcome ~= wanted.outcome then return false end
	if wanted.errors and not result.errors:find(wanted.errors, 1, true) then return false end
	if wanted.journal and not result.journal:find(wanted.journal, 1, true) then return false end
	if wanted.also and not result.journal:find(wanted.also, 1, true) then return false end
	for _, what in ipairs(wanted.alike or {}) do
		local said = {}
		for message in result.journal:gmatch('"message":"(' .. what:gsub("%p", "%%%0") .. '[^"]*)"') do said[#said + 1] = message end
		if #said ~= 2 or said[1] ~= said[2] then return false end
	end
	return not (wanted.lacks and result.journal:find(wanted.lacks, 1, true))
end

-- Out as a document and in again it has to end as it did: nil where it does not fit.
local came_back = { passed = 0, failed = {}, unfit = 0 }
local function comes_back(number, path)
	local document = os.tmpname()
	if not os.execute(("%s export %s >%s 2>%s.told"):format(quoted(command), quoted(path), quoted(document), document)) then
		came_back.unfit = came_back.unfit + 1
	elseif passes(number, run(document)) then
		came_back.passed = came_back.passed + 1
	else
		came_back.failed[#came_back.failed + 1] = number
	end
	os.remove(document)
	os.remove(document .. ".told")
end

local mandatory = {}
for number, kind in manifest:gmatch('<test id="(%w+)"%s+conformance="(%w+)"') do mandatory[number] = kind end

local unexpected, seen, of_w3c = 0, {}, { passed = 0, of = 0 }
local totals = {}
for _, class in ipairs { "a", "b", "c", "d", "e", "f" } do
	local list = classes:match('"classes".-"' .. class .. '"%s*:%s*(%b[])')
	local total = { passed = 0, of = 0, mandatory = 0, mandatory_of = 0 }
	totals[#totals + 1] = { class, total }
	for number in list:gmatch('"([^"]+)"') do
		seen[number] = true
		-- 403 is three documents of one test.
		local kind = mandatory[number] or mandatory[(number:gsub("%a$", ""))] or "added"
		total.of = total.of + 1
		total.mandatory_of = total.mandatory_of + (kind == "mandatory" and 1 or 0)
		local word
		if class == "d" then
			word = "not run: it needs an HTTP server"
		else
			local path = ("%s/lua/test%s%s.scxml"):format(folder, number:find("^enc") and "-" or "", number)
			local result = run(path)
			local passed = passes(number, result)
			-- What those for people ask is partly said of the document itself.
			if passed and class ~= "f" then comes_back(number, path) end
			if class ~= "f" and kind ~= "added" then
				of_w3c.of = of_w3c.of + 1
				of_w3c.passed = of_w3c.passed + (passed and 1 or 0)
			end
			if passed then
				total.passed = total.passed + 1
				total.mandatory = total.mandatory + (kind == "mandatory" and 1 or 0)
			end
			word = passed and "passed" or "not passed"
			if passed == (NOT_YET[number] ~= nil) then
				unexpected = unexpected + 1
				word = word .. ", UNEXPECTED: " .. (passed and "take it off the list" or result.errors ~= "" and result.errors or "it ended in " .. result.outcome)
			elseif NOT_YET[number] then
				word = word .. ": " .. NOT_YET[number]
			end
		end
		print(("%-14s %s  %-10s %s"):format(number, class, kind, word))
	end
end
for number in pairs(NOT_YET) do
	if not seen[number] then
		print(number .. " is on the list, and there is no such test")
		unexpected = unexpected + 1
	end
end
print("\nIRP-derived tests passed")
for _, row in ipairs(totals) do
	local class, total = row[1], row[2]
	if class == "d" then
		print(("  %s  not run, %d documents"):format(class, total.of))
	else
		print(("  %s  %3d of %3d   mandatory %3d of %3d"):format(class, total.passed, total.of, total.mandatory, total.mandatory_of))
	end
end
print(("  of the W3C's that can be decided by running them, HTTP apart: %d of %d"):format(of_w3c.passed, of_w3c.of))
print(("  of those that passed, exported and taken back: %d passed, %d do not fit"):format(came_back.passed, came_back.unfit))
for _, number in ipairs(came_back.failed) do
	unexpected = unexpected + 1
	print("  " .. number .. " did not pass when it was exported and taken back")
end
if unexpected > 0 then
	print(unexpected .. " not as expected")
	os.exit(1)
end
