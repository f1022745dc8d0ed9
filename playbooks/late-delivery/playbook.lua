-- SPDX-License-Identifier: MIT
-- A hard conversation at an online shop: the parcel is late and the customer is angry.

local boundary     = require "aplomb.boundary"
local deescalation = require "aplomb.deescalation"
local escalation   = require "aplomb.escalation"
local followup     = require "aplomb.followup"
local listening    = require "aplomb.listening"
local record       = require "aplomb.record"
local solutions    = require "aplomb.solutions"
local talk         = require "aplomb.talk"       -- the events and effects every conversation has

return playbook "late-delivery" {
  title   = "Late delivery, upset customer",
  version = "3",
  uses    = { talk, record },                    -- their events and effects are declared here too
  initial = "work",

  -- The knobs that operations may turn (policy.lua) without touching a rule.
  params = {
    warnings     = integer { default = 2, min = 2, max = 3, meaning = "At which abusive message the supervisor is called." },
    refund_limit = money   { default = "40.00 GBP", meaning = "Up to which value a refund needs nobody's approval." },
    answer_in    = span    { default = "15 business minutes", meaning = "How long the supervisor on duty has to answer a call." },
  },

  data = {
    order = text   { required = true },
    value = money  {},                         -- absent until known: a guard on it is then not true
    cause = one_of { "stress", "product", "misunderstanding", "bad-day", "unknown", default = "unknown" },
  },

  calendar "support" { zone = "Europe/London", week = { ["mon-fri"] = "09:00-12:30 13:30-17:30", sat = "10:00-14:00" } },

  parallel "work" {
    on "done.state.conversation" { to = "over" },

    state "conversation" { initial = "listening",
      -- The other regions speak to this one through events; nobody reaches into another region.
      on "respect.supervisor" { to = "handed-over", because = "the customer was asked to keep it respectful, and did not" },
      on "respect.end"        { to = "closed" },

      listening.state "listening" {
        patience = "10m",
        done = { heard = "understanding", silent = "waiting" },
      },

      state "understanding" {
        entry(talk.suggest "apology.late"),
        on "agent.cause"      { act = "data.cause = event.cause" },
        on "customer.message" { when = "event.tone < -0.6", act = deescalation.slow_down },
        on "agent.offers"     { to = "choosing" },
        after "30m"           { since = "agent.message", to = "waiting", because = "we went silent, not the customer" },
      },

      solutions.menu "choosing" {
        solutions.option "redeliver" { title = phrase "redeliver" },
        solutions.option "refund"    { title = phrase "refund", cost = from "data.value",
                                       when = "data.value <= params.refund_limit", otherwise = "refund-approved" },
        solutions.option "refund-approved" { title = phrase "refund.checked", cost = from "data.value", authority = "supervisor" },
        solutions.option "voucher"   { title = phrase "voucher", cost = "10.00 GBP", compromise = true },
        done = { accepted = "resolved", exhausted = "handed-over" },
      },

      state "waiting" {
        entry(talk.notify { to = "team-lead", text = phrase "customer.waits" }),
        on "agent.message"      { to = "understanding" },
        after "1 business hour" { to = "handed-over" },
      },

      followup.promise "resolved" {
        after = "2 business days", by = "email", ask = phrase "everything.arrived",
        done = { happy = "closed", unhappy = "listening", silent = "closed" },
      },

      escalation.handover "handed-over" {
        policy = "supervisor",
        done = { taken = "understanding", nobody = "closed" },
      },

      record.close "closed" {},                  -- waits until concerns, steps and outcome are written, then is final
    },

    boundary.ladder "respect" {
      counts = counter "abuse" { of = "customer.message", when = "event.abusive", window = "30m" },   -- strikes age
      boundary.rung { at = 1,                      say   = phrase "boundary.remind" },
      boundary.rung { at = from "params.warnings", raise = "respect.supervisor" },
      boundary.rung { at = 4,                      raise = "respect.end", say = phrase "boundary.end" },
    },

    escalation.policy "supervisor" {
      escalation.step { to = "supervisor.on-duty", answer_in = from "params.answer_in", times = 2 },
      escalation.step { to = "duty-manager",       answer_in = "1 business hour" },
    },
  },

  final "over" {},
}
