-- SPDX-License-Identifier: MIT
-- What this shop says when a parcel is late. What it does not say here, the library says (stdlib/aplomb/phrases.lua).
return {
	fallback = "en",
	en = {
		["apology.late"] = { "I am sorry that your parcel {data.order} is not with you yet. Let me find out where it is.", tags = { "apology" } },
		["customer.waits"] = "The customer of order {data.order} is waiting for our answer.",
		["redeliver"] = "We send it again today, by express.",
		["refund"] = "We give you your money back.",
		["refund.checked"] = "We give you your money back, as soon as a supervisor has looked at it.",
		["voucher"] = "We give you a voucher for your next order.",
		["everything.arrived"] = { "Has everything arrived, and are you content with how we solved it?", tags = { "ask" } },
	},
	de = {
		["apology.late"] = "Es tut mir leid, dass Ihr Paket {data.order} noch nicht bei Ihnen ist. Ich finde heraus, wo es steckt.",
		["customer.waits"] = "Der Kunde der Bestellung {data.order} wartet auf unsere Antwort.",
		["redeliver"] = "Wir senden es heute noch einmal, per Express.",
		["refund"] = "Wir erstatten Ihnen den Betrag.",
		["refund.checked"] = "Wir erstatten Ihnen den Betrag, sobald die Leitung zugestimmt hat.",
		["voucher"] = "Wir geben Ihnen einen Gutschein für die nächste Bestellung.",
		["everything.arrived"] = "Ist alles angekommen, und sind Sie mit unserer Lösung zufrieden?",
	},
}
