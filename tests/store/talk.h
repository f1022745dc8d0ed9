/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_STORE_TALK_H
#define APL_TEST_STORE_TALK_H

/*
 * Playbooks whose cases speak to one another in each of the ways there are: a talker sends notes to listeners, which answer it, and hires
 * workers, which report, are told to go on, and end; what a worker is told otherwise is forwarded to it.
 */
#define TALKER                                                                                                                             \
	"return playbook 'talker' {\n"                                                                                                         \
	"  data = { echoes = integer { default = 0 }, jobs = integer { default = 0 }, heard = text { default = '' } },\n"                      \
	"  event 'say' { n = integer {}, to = text {} }, event 'hire' { patient = boolean {} }, event 'drop' {},\n"                            \
	"  event 'note' { n = integer {} }, event 'echo' { n = integer {} }, event 'report' { n = integer {} }, event 'go' {},\n"              \
	"  state 'work' { initial = 'free',\n"                                                                                                 \
	"  state 'free' {\n"                                                                                                                   \
	"    on 'hire' { to = 'hiring', when = 'not event.patient' },\n"                                                                       \
	"    on 'hire' { to = 'waiting' },\n"                                                                                                  \
	"  },\n"                                                                                                                               \
	"  state 'hiring' {\n"                                                                                                                 \
	"    invoke 'worker' { id = 'job', autoforward = true },\n"                                                                            \
	"    on 'report' { act = function(case, event) case:send { event = 'go', to = 'child:job' } end },\n"                                  \
	"    on 'done.invoke.job' { to = 'free', act = function(case, event) case.data.jobs = case.data.jobs + event.data.n end },\n"          \
	"    on 'error.invoke.job' { to = 'free', act = function(case, event) case.data.heard = event.slug end },\n"                           \
	"  },\n"                                                                                                                               \
	"  state 'waiting' {\n"                                                                                                                \
	"    invoke 'worker' { id = 'idle' },\n"                                                                                               \
	"    on 'drop' { to = 'free' },\n"                                                                                                     \
	"  },\n"                                                                                                                               \
	"  on 'say' { act = function(case, event)\n"                                                                                           \
	"    case:send { event = 'note', data = { n = 2 * event.n }, to = event.to }\n"                                                        \
	"    case:send { event = 'note', data = { n = 2 * event.n + 1 }, to = event.to }\n"                                                    \
	"  end },\n"                                                                                                                           \
	"  on 'echo' { act = function(case, event) case.data.echoes = case.data.echoes + 1 end },\n"                                           \
	"  },\n"                                                                                                                               \
	"}\n"

#define LISTENER                                                                                                                           \
	"return playbook 'listener' {\n"                                                                                                       \
	"  data = { notes = integer { default = 0 } },\n"                                                                                      \
	"  event 'note' { n = integer {} }, event 'echo' { n = integer {} }, event 'shut' {}, event 'spin' {},\n"                              \
	"  state 'open' {\n"                                                                                                                   \
	"    on 'note' { act = function(case, event)\n"                                                                                        \
	"      case.data.notes = case.data.notes + 1\n"                                                                                        \
	"      if event.n % 2 == 1 then case:send { event = 'echo', data = { n = event.n }, to = string.sub(event.by, 6) } end\n"              \
	"    end },\n"                                                                                                                         \
	"    on 'spin' { act = function(case) while true do end end },\n"                                                                      \
	"    on 'shut' { to = 'over' },\n"                                                                                                     \
	"  },\n"                                                                                                                               \
	"  final 'over' { outcome = 'over' },\n"                                                                                               \
	"}\n"

#define WORKER                                                                                                                             \
	"return playbook 'worker' {\n"                                                                                                         \
	"  data = { forwarded = integer { default = 0 } },\n"                                                                                  \
	"  event 'report' { n = integer {} }, event 'go' {}, event 'note' { n = integer {} },\n"                                               \
	"  state 'busy' {\n"                                                                                                                   \
	"    entry(function(case) case:send { event = 'report', data = { n = 1 }, to = 'parent' } end),\n"                                     \
	"    on 'note' { act = function(case, event) case.data.forwarded = case.data.forwarded + 1 end },\n"                                   \
	"    on 'go' { to = 'good' },\n"                                                                                                       \
	"    after '9000h' { to = 'good' },\n"                                                                                                 \
	"  },\n"                                                                                                                               \
	"  final 'good' { outcome = 'good', donedata = function(case) return { n = 1 } end },\n"                                               \
	"}\n"

#endif
