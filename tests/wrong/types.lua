-- SPDX-License-Identifier: MIT
return playbook "p" {
	data = {
		a = integer { default = "x" },
		b = integer { min = 5, max = 2 },
		c = text { default = "long", max = 3 },
		d = one_of {},
		e = one_of { "x", 5, default = "y" },
		f = list { of = "text" },
		g = list { of = text },
		h = money { default = "40 pounds" },
		i = boolean { min = 1 },
		j = span { default = "ages" },
		k = integer { requierd = true },
		l = fields { m = 5, n = text { defualt = "" } },
		o = list { of = integer {}, default = { "x" } },
		["bad name"] = text {},
		p = integer { required = 1 },
		q = any { default = { f = function() end } },
	},
	state "s" {},
}
