-- SPDX-License-Identifier: MIT
-- What the library's modules say, in words that any organisation could use. A playbook's phrases.lua and policy.lua stand before these.
--
-- Tags: `validate` takes a feeling seriously, `apology` is sorry for what happened, `boundary` asks for a limit to be kept, `ask` asks,
-- `promise` says what comes next,
-- `cue` is for the agent alone. `concedes = false`: it admits nothing that is not settled; `liability = false`: it admits no fault.
return {
	fallback = "en",
	en = {
		["apology.plain"] = { "I am sorry that this happened.", tags = { "apology" }, liability = false },
		["apology.trouble"] = { "I am sorry for the trouble this has caused you.", tags = { "apology" }, liability = false },
		["apology.wait"] = { "I am sorry that you had to wait.", tags = { "apology" }, liability = false },

		["validate.frustration"] = { "I understand your frustration.", tags = { "validate" }, concedes = false },
		["validate.upset"] = { "I can see why you are upset.", tags = { "validate" }, concedes = false },
		["validate.matters"] = { "I can hear how much this matters to you.", tags = { "validate" }, concedes = false },

		["listening.invite"] = { "Please tell me what happened, from the beginning.", tags = { "ask", "open" } },
		["listening.more"] = { "What else should I know?", tags = { "ask", "open" } },
		["listening.summary"] = { "If I have understood you: {summary} Is that right?", tags = { "ask" } },

		["boundary.remind"] = {
			"I can see why you are upset, and I want to help. Please let us keep this respectful, then I can.",
			tags = { "boundary" }, concedes = false,
		},
		["boundary.warn"] = {
			"I want to go on helping you, and I cannot while I am spoken to like this. If it goes on, somebody else will take over.",
			tags = { "boundary" }, concedes = false,
		},
		["boundary.end"] = {
			"I am ending this conversation here. You can write to us again at any time, and we will look at what you need.",
			tags = { "boundary" }, concedes = false,
		},

		["listening.let-them-finish"] = { "Let them finish before you answer.", tags = { "cue" } },
		["calm.slower"] = { "Speak slower, and ask an open question.", tags = { "cue" } },
		["calm.breathe"] = { "Take a breath before you answer.", tags = { "cue" } },

		["solutions.choose"] = { "Here is what I can do for you. What suits you best?", tags = { "ask" } },
		["handover.announce"] = { "I am bringing in a colleague who can decide this. You will not have to tell it all again.", tags = { "promise" } },
		["followup.ask"] = { "Has everything turned out as we agreed?", tags = { "ask" } },
	},
	de = {
		["apology.plain"] = "Es tut mir leid, dass das passiert ist.",
		["apology.trouble"] = "Es tut mir leid, dass Sie dadurch Ärger hatten.",
		["apology.wait"] = "Es tut mir leid, dass Sie warten mussten.",

		["validate.frustration"] = "Ich verstehe, dass Sie verärgert sind.",
		["validate.upset"] = "Ich kann nachvollziehen, dass Sie das aufregt.",
		["validate.matters"] = "Ich merke, wie wichtig Ihnen das ist.",

		["listening.invite"] = "Bitte erzählen Sie mir von Anfang an, was geschehen ist.",
		["listening.more"] = "Was sollte ich noch wissen?",
		["listening.summary"] = "Wenn ich Sie richtig verstanden habe: {summary} Stimmt das?",

		["boundary.remind"] = "Ich kann nachvollziehen, dass Sie das aufregt, und ich möchte helfen. Bitte lassen Sie uns respektvoll bleiben, "
			.. "dann kann ich das auch.",
		["boundary.warn"] = "Ich möchte Ihnen weiter helfen, und das kann ich nicht, solange Sie so mit mir sprechen. Wenn es so weitergeht, übernimmt "
			.. "jemand anderes.",
		["boundary.end"] = "Ich beende das Gespräch an dieser Stelle. Sie können uns jederzeit wieder schreiben, und wir kümmern uns um Ihr "
			.. "Anliegen.",

		["listening.let-them-finish"] = "Lassen Sie ausreden, bevor Sie antworten.",
		["calm.slower"] = "Sprechen Sie langsamer, und fragen Sie offen nach.",
		["calm.breathe"] = "Atmen Sie durch, bevor Sie antworten.",

		["solutions.choose"] = "Das kann ich für Sie tun. Was passt Ihnen am besten?",
		["handover.announce"] = "Ich hole jemanden dazu, der das entscheiden kann. Sie müssen nicht alles noch einmal erzählen.",
		["followup.ask"] = "Ist alles so gekommen, wie wir es vereinbart haben?",
	},
}
