/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"

static void a_condition_that_holds_does_nothing(void **state) {
	(void)state;
	APL_ASSERT(1 + 1 == 2);
}

static void what_cannot_happen_ends_the_process_and_says_where(void **state) {
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		signal(SIGABRT, SIG_DFL);
		dup2(ends[1], STDERR_FILENO);
		APL_ASSERT(1 + 1 == 3);
		_exit(0);
	}
	close(ends[1]);
	char said[512] = "";
	size_t size = 0;
	ssize_t got;
	while (size < sizeof said - 1 && (got = read(ends[0], said + size, sizeof said - 1 - size)) > 0) size += (size_t)got;
	close(ends[0]);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_non_null(strstr(said, "test_assert.c:"));
	assert_non_null(strstr(said, "1 + 1 == 3"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_condition_that_holds_does_nothing),
	    cmocka_unit_test(what_cannot_happen_ends_the_process_and_says_where),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
