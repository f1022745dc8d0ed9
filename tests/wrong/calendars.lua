-- SPDX-License-Identifier: MIT
return playbook "p" {
	calendar "a" { week = { Monday = "09:00-17:00" } },
	calendar "b" { zone = "Europe London", week = { ["fri-mon"] = "09:00-17:00", sat = "10-14" } },
	calendar "c" { zone = "UTC", week = { ["mon-fri"] = "09:00-17:00", wed = "09:00-12:00", "sun" } },
	calendar "d" { zone = "UTC", week = {} },
	calendar "e" { zone = "UTC", week = { mon = "09:00-12:00 11:00-13:00" }, holidays = { "2026-02-30", "2026-01-01", "2026-01-01" } },
	calendar "f" { zone = "UTC", week = { mon = "09:00-12:00" }, holiday = { "2026-01-01" } },
	calendar "f" { zone = "UTC", week = { mon = "09:00-12:00" } },
	calendar "G" { zone = "UTC", week = { mon = "09:00-12:00" } },
	state "s" { calendar "in-a-state" { zone = "UTC", week = { mon = "09:00-12:00" } } },
}
