-- SPDX-License-Identifier: MIT
-- What a page names is there: every relative link of every Markdown page, and
-- every file or folder that a page writes in `code` with a slash in it. Every
-- page of docs/ can be found from docs/README.md.

package.path = (arg[0]:match("^(.*)/") or ".") .. "/?.lua;" .. package.path
local tree = require "tree"

-- "a/b/../c" without the dots; nil when it leaves the project.
local function tidy(path)
	local parts = {}
	for part in path:gmatch("[^/]+") do
		if part == ".." then
			if #parts == 0 then return nil end
			parts[#parts] = nil
		elseif part ~= "." then
			parts[#parts + 1] = part
		end
	end
	return table.concat(parts, "/")
end

local known = { [""] = true }
for _, path in ipairs(tree.files()) do
	known[path] = true
	for i = 1, #path do
		if path:sub(i, i) == "/" then known[path:sub(1, i - 1)] = true end
	end
end

-- The anchors of a page, as the usual renderers make them of headings.
local function has_anchor(path, anchor)
	if not path:match("%.md$") then return true end
	for _, line in tree.lines(path) do
		local heading = line:match("^#+%s+(.*)")
		if heading then
			local made = heading:lower():gsub("`", ""):gsub("[^%w%s_\128-\255-]", ""):gsub("%s", "-")
			if made == anchor then return true end
		end
	end
	return false
end

-- The first part of a path that is ours: such a path must exist.
local OURS = {}
for path in pairs(known) do OURS[path:match("^[^/]*")] = true end

local links, names = 0, 0
local reachable = {}
for _, page in ipairs(tree.files()) do
	if page:match("%.md$") and not page:match("^tests/.*/data/") then
		local folder = page:match("^(.*)/[^/]*$") or ""
		local in_block = false
		for number, line in tree.lines(page) do
			if line:match("^%s*```") then
				in_block = not in_block
			elseif not in_block then
				for target in line:gsub("`[^`]*`", ""):gmatch("%]%(([^)%s]+)%)") do
					if not target:match("^%a+:") then
						links = links + 1
						local file, anchor = target:match("^([^#]*)#?(.*)$")
						local path = file == "" and page or tidy(folder .. "/" .. file)
						if not path or not known[path] then
							tree.complain(page, number, 'the link "%s" leads nowhere', target)
						else
							reachable[page] = reachable[page] or {}
							reachable[page][path] = true
							if anchor ~= "" and not has_anchor(path, anchor) then
								tree.complain(page, number, 'the link "%s" names a heading that is not there', target)
							end
						end
					end
				end
				for code in line:gmatch("`([^`]+)`") do
					local path = code:match("^%.?/?([%w_.-]+/[%w_./-]*)$")
					-- What a build makes is not there before it, and ../ leads out of the project.
					if path and OURS[path:match("^[^/]*")] and not path:match("^build") then
						names = names + 1
						local there = known[(path:gsub("/$", ""))] or known[tidy(folder .. "/" .. path) or ""]
						-- `runtime/base/alloc` names alloc.h and alloc.c.
						if not there and not known[path .. ".c"] and not known[path .. ".h"] then
							tree.complain(page, number, 'names "%s", and there is no such file', code)
						end
					end
				end
			end
		end
	end
end

for _, page in ipairs(tree.files()) do
	if page:match("^docs/[^/]*%.md$") and page ~= "docs/README.md" and not (reachable["docs/README.md"] or {})[page] then
		tree.complain(page, nil, "docs/README.md does not link to it")
	end
end

tree.finish("%d links and %d named files are there", links, names)
