#!/bin/sh
# SPDX-License-Identifier: MIT
# `aplomb test`: which tests are found, what is told of them, how it ends.
. "$(dirname "$0")/lib.sh"

# What takes time takes another time tomorrow.
timeless() { sed -e 's/ in [0-9.]* s$/ in TIME/' -e 's/  [0-9.]* ms$/  TIME/' "$here/out" >"$here/timeless" && mv "$here/timeless" "$here/out"; }

mkdir -p "$here/desk/deep" "$here/desk/build" "$here/desk/.hidden"
cat >"$here/desk/desk.lua" <<-'END'
	return playbook "desk" {
	  data = { order = text { required = true } },
	  event "customer.message" { text = text {} },
	  event "break" {},
	  effect "remind" { days = integer {} },
	  state "asked" {
	    on "customer.message" { to = "answered", because = "they replied" },
	    on "break" { act = function() local x = nil; x.y = 1 end },
	    after "48h" { act = function(case) case:effect("remind", { days = 2 }) end },
	  },
	  final "answered" { outcome = "answered" },
	}
END
cat >"$here/desk/good_test.lua" <<-'END'
	return tests "desk.lua" {
	  test "it is answered" (function(case)
	    print("a line", 42)
	    case:open { data = { order = "A-1" } }
	    case:customer "Hello?"
	    case:expect { outcome = "answered" }
	  end),
	  test "it is refused" (function(case)
	    case:open {}
	    case:customer "Hello?"
	    case:expect { refused = "missing-field" }
	  end),
	}
END
cat >"$here/desk/deep/wrong_test.lua" <<-'END'
	return tests "../desk.lua" {
	  test "nobody is reminded" (function(case)
	    case:open { data = { order = "A-1" } }
	    case:event "brek"
	  end),
	  test "something breaks" (function(case)
	    case:open { data = { order = "A-1" } }
	    case:event "break"
	    print "and it goes on"
	    case:wait "48h"
	    case:expect { effects = {} }
	  end),
	  test "two days" (function(case)
	    case:open { data = { order = "A-1" } }
	    case:event("break", {}, { by = "agent" })
	    case:expect { findings = "error-execution" }
	    case:wait "2d"
	    case:expect { state = "asked", effects = { { "remind", days = 3 } } }
	  end),
	  test "a slip" (function(case) case:wiat "2d" end),
	}
END
echo 'syntax' >"$here/desk/build/x_test.lua"
echo 'syntax' >"$here/desk/.hidden/x_test.lua"

expect 0 "$aplomb" test "$here/desk/good_test.lua"
timeless
out_is <<-END
	$here/desk/good_test.lua: 2 passed
	2 passed, 0 failed in TIME
END
err_is_empty

expect 0 "$aplomb" test "$here/desk/good_test.lua" --verbose
timeless
out_is <<-END
	  passed  it is answered  TIME
	  | a line 42
	  passed  it is refused  TIME
	$here/desk/good_test.lua: 2 passed
	2 passed, 0 failed in TIME
END

expect 0 "$aplomb" test --list "$here/desk/good_test.lua"
out_is <<-END
	$here/desk/good_test.lua:2: it is answered
	$here/desk/good_test.lua:8: it is refused
END

# Failures to the letter. The folder is below the tests, hidden ones and what a build left are not looked at.
cd "$here/desk" || exit 1
expect 2 "$aplomb" test
timeless
out_is <<-'END'
	deep/wrong_test.lua:4: FAILED: nobody is reminded
	  an event was refused, and the test does not expect it
	  refused          found     event "brek" is not declared by playbook "desk";
	                             did you mean "break"? [unknown-event]

	deep/wrong_test.lua:8: FAILED: something breaks
	  something went wrong in the playbook, and the test does not expect it
	  finding          found     attempt to index a nil value (local 'x')
	                             [error-execution]
	                   where     desk.lua:8
	  it printed:
	  | and it goes on

	case  playbook desk
	Monday 2 March 2026

	09:00:00  opened     order: A-1
	          now        asked
	          due        Wed 4 Mar 09:00:00, in 2d: asked

	09:00:00  system     break
	          finding    attempt to index a nil value (local 'x') [error-execution]
	                     desk.lua:8

	deep/wrong_test.lua:18: FAILED: two days
	  the case is not as expected
	  effects          expected  remind { days = 3 }
	                   found     remind { days = 2 }
	                   where     remind: days: expected 3, found 2

	case  playbook desk
	Monday 2 March 2026

	09:00:00  opened     order: A-1
	          now        asked
	          due        Wed 4 Mar 09:00:00, in 2d: asked

	09:00:00  agent      break
	          finding    attempt to index a nil value (local 'x') [error-execution]
	                     desk.lua:8

	Wednesday 4 March 2026

	09:00:00  time       2d passed in asked
	          wants      remind days: 2
	          due        nothing

	deep/wrong_test.lua:20: FAILED: a slip
	  a case has no "wiat"; did you mean "wait"?

	deep/wrong_test.lua: 0 passed, 4 failed
	good_test.lua: 2 passed
	2 passed, 4 failed in TIME
END
out_is_within 80
cd - >/dev/null || exit 1

# Some of them.
expect 0 "$aplomb" test "$here/desk" --filter answered
out_has '1 passed, 0 failed in '
out_lacks 'deep/wrong_test.lua'
expect 1 "$aplomb" test "$here/desk" --filter nothing-like-it
err_has 'no test has "nothing-like-it" in its name'

# A long story is shown from a little before the end.
cat >"$here/desk/long_test.lua" <<-'END'
	return tests "desk.lua" { test "long" (function(case)
	  case:open { data = { order = "A-1" } }
	  for i = 1, 30 do case:event("break") case:expect { findings = true } case:wait "1m" end
	  case:expect "answered"
	end) }
END
expect 2 "$aplomb" test "$here/desk/long_test.lua"
out_has '(23 entries before these)'
rm "$here/desk/long_test.lua"

# A file that is no test fails, and so does one whose playbook is wrong; the others are run.
printf 'return tests "desk.lua" {\n' >"$here/desk/open_test.lua"
sed 's/to = "answered"/to = "answred"/' "$here/desk/desk.lua" >"$here/desk/bad.lua"
echo 'return tests "bad.lua" { test "x" (function() end) }' >"$here/desk/bad_test.lua"
echo 'return tests "nowhere.lua" { test "x" (function() end) }' >"$here/desk/lost_test.lua"
expect 2 "$aplomb" test "$here/desk/bad_test.lua" "$here/desk/good_test.lua" "$here/desk/lost_test.lua" "$here/desk/open_test.lua"
timeless
out_has "$here/desk/bad.lua:7:34: error: "
out_has 'did you mean "answered"? [unknown-target]'
out_has "$here/desk/bad_test.lua: cannot be run"
out_has "nowhere.lua: No such file or directory [file-unreadable]"
out_has "$here/desk/open_test.lua:2: error: unexpected symbol near <eof> [test-lua]"
out_has '2 passed, 0 failed, 3 files cannot be run in TIME'

# What was never used, in lines and in numbers.
expect 0 "$aplomb" test "$here/desk/good_test.lua" --coverage
timeless
out_is <<-END
	$here/desk/good_test.lua: 2 passed

	$here/desk/desk.lua:8: asked on break: never taken
	$here/desk/desk.lua:9: asked after 2d: never fired
	$here/desk/desk.lua: 57 % is tested
	  states entered                  2 of 2
	  transitions taken               1 of 3
	  timers fired, and beaten        1 of 2

	57 % is tested, 4 of 7

	2 passed, 0 failed in TIME
END
expect 1 "$aplomb" test "$here/desk/good_test.lua" --coverage --fail-under 58
err_has '57 % is tested, and --fail-under asks for 58 %'
expect 0 "$aplomb" test "$here/desk/good_test.lua" --coverage --fail-under 57
expect 64 "$aplomb" test "$here/desk/good_test.lua" --fail-under 57
expect 64 "$aplomb" test "$here/desk/good_test.lua" --coverage --fail-under 101
expect 64 "$aplomb" test "$here/desk/good_test.lua" --coverage=xml
err_has '--coverage is one of: text json'
# Two files that test one playbook are added up.
cat >"$here/desk/more_test.lua" <<-'END'
	return tests "desk.lua" {
	  test "two days" (function(case) case:open { data = { order = "A" } } case:event "break" case:expect { findings = true } case:wait "2d" end),
	}
END
expect 0 "$aplomb" test "$here/desk/good_test.lua" "$here/desk/more_test.lua" --coverage
out_has '100 % is tested, 7 of 7'
out_lacks 'never'
expect 0 "$aplomb" test "$here/desk/good_test.lua" --coverage=json
out_has '{"all":7,"met":4,"playbooks":['
out_has '"kind":"transition","label":null,"line":7,"on":"customer.message","state":"asked","to":"answered","taken":1}'
out_has '"kind":"timer","label":null,"line":9,"on":"after","state":"asked","to":"","fired":0,"beaten":1}'
err_has '2 passed, 0 failed in '

# A state that was never entered is told once, a guard by what it never said.
cat >"$here/desk/far.lua" <<-'END'
	return playbook "far" {
	  event "go" { n = integer {} },
	  event "stay" {},
	  initial = "here",
	  state "here" {
	    on "go" { to = "far", when = function(_, event) return event.n > 5 end },
	    on "stay" { when = function() return true end },
	  },
	  state "far" { initial = "out", state "out" { on "go" { to = "in" }, after "1h" { to = "in" } }, state "in" {} },
	}
END
echo 'return tests "far.lua" { test "x" (function(case) case:event("go", { n = 1 }) end) }' >"$here/desk/far_test.lua"
expect 0 "$aplomb" test "$here/desk/far_test.lua" --coverage
out_has 'far.lua:6: here on go to far, when event.n > 5: never true'
out_has 'far.lua:7: here on stay, when true: never asked'
out_has 'far.lua:9: far: never entered'
out_lacks 'far.out'
out_has '14 % is tested, 2 of 14'
rm "$here/desk/far_test.lua" "$here/desk/more_test.lua"

# XML for a CI server, whatever stands in names and texts.
cat >"$here/desk/odd_test.lua" <<-'END'
	return tests "desk.lua" {
	  test "<a> & \"b\" \u{7}" (function(case) print("]]> & <b>\0\u{FFFF}") error("no <way>\n\"out\"") end),
	  test "fine" (function(case) end),
	}
END
expect 2 "$aplomb" test --junit "$here/results.xml" "$here/desk/odd_test.lua" "$here/desk/good_test.lua" "$here/desk/open_test.lua"
shown="the file of --junit"
cp "$here/results.xml" "$here/out"
out_has '<testsuites name="aplomb test" tests="5" failures="1" errors="1" time="'
out_has "<testsuite name=\"$here/desk/odd_test.lua\" tests=\"2\" failures=\"1\" errors=\"0\" time=\""
out_has '<testcase name="&lt;a&gt; &amp; &quot;b&quot; �"'
out_has '<failure message="no &lt;way&gt;&#10;&quot;out&quot;">'
out_has '<system-out>]]&gt; &amp; &lt;b&gt;��'
out_has '<error message="unexpected symbol near &lt;eof&gt;">'
if command -v xmllint >/dev/null 2>&1; then
	xmllint --noout "$here/results.xml" 2>"$here/err" || fail "it is no XML"
fi
expect 73 "$aplomb" test --junit "$here/nowhere/results.xml" "$here/desk/good_test.lua"
err_has 'cannot make '
expect 64 "$aplomb" test --junit x --list "$here/desk/good_test.lua"

# A recorded journal is a test.
printf '%s\n' '{"case":"c","event":"break","at":"2026-03-02T09:00:00Z","open":{"data":{"order":"A"}}}' '{"case":"c","event":"customer.message","at":"2026-03-05T09:00:00Z"}' |
	"$aplomb" run "$here/desk/desk.lua" --events - --journal "$here/c.jsonl" --summary none
expect 0 "$aplomb" test "$here/c.jsonl" --playbook "$here/desk/desk.lua"
timeless
out_is <<-END
	$here/c.jsonl: 1 passed
	1 passed, 0 failed in TIME
END
sed 's/days = 2/days = 3/' "$here/desk/desk.lua" >"$here/desk/three.lua"
expect 2 "$aplomb" test "$here/c.jsonl" -p "$here/desk/three.lua"
out_has "$here/c.jsonl:4: FAILED: as recorded"
out_has '  the case "c" parts from what was recorded, at entry 3'
out_has 'expected  remind { days = 2 }'
expect 2 "$aplomb" test "$here/c.jsonl"
out_has 'a recorded journal is held against a playbook: give --playbook FILE'

# Where there is nothing.
mkdir "$here/empty"
expect 66 "$aplomb" test "$here/nowhere"
err_has 'nowhere: No such file or directory'
expect 66 "$aplomb" test "$here/empty"
err_has 'there is no file whose name ends in _test.lua below'
cd "$here/empty" || exit 1
expect 1 "$aplomb" test
err_has 'there is no file here whose name ends in _test.lua'
out_is_empty
cd - >/dev/null || exit 1
expect 64 "$aplomb" test --verbos
err_has 'did you mean "--verbose"?'

# Colours, when they are asked for.
expect 0 "$aplomb" test "$here/desk/good_test.lua" --color always
out_has "$(printf '\033[32m')"

done_testing
