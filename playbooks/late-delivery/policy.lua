-- SPDX-License-Identifier: MIT
-- What operations change without touching a rule: values only; a function here is refused.
return {
	params = { refund_limit = "60.00 GBP", warnings = 3 },
	phrases = {
		en = {
			["boundary.remind"] = "I can see why you are upset, and I want to help. Please let us keep this respectful, then I can.",
		},
	},
}
