/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"
#include "../test_heap.h"
#include "declare.h"

/* Each differs from each other one in one thing. */
static const char *const different[] = {"{}", "{'a':{'type':'text'}}", "{'b':{'type':'text'}}", "{'a':{'type':'any'}}",
    "{'a':{'type':'text','required':true}}", "{'a':{'type':'text','personal':true}}", "{'a':{'type':'text','default':'x'}}",
    "{'a':{'type':'text','default':'y'}}", "{'a':{'type':'text','default':'xy'}}", "{'a':{'type':'text','min':1}}",
    "{'a':{'type':'text','min':2}}", "{'a':{'type':'text','max':2}}", "{'a':{'type':'number','min':1.5}}",
    "{'a':{'type':'number','min':2.5}}", "{'a':{'type':'number','max':2.5}}", "{'a':{'type':'integer','default':1}}",
    "{'a':{'type':'integer','default':2}}", "{'a':{'type':'money','default':'1.00 GBP'}}", "{'a':{'type':'money','default':'1.00 EUR'}}",
    "{'a':{'type':'money','max':'9.00 EUR'}}", "{'a':{'type':'money','max':'9.00 GBP'}}", "{'a':{'type':'span','default':'24h'}}",
    "{'a':{'type':'one_of','choices':['x','y']}}", "{'a':{'type':'one_of','choices':['x','z']}}",
    "{'a':{'type':'one_of','choices':['x','y','z']}}", "{'a':{'type':'list','items':{'type':'text'}}}",
    "{'a':{'type':'list','items':{'type':'integer'}}}", "{'a':{'type':'list'}}", "{'a':{'type':'fields','members':{'b':{'type':'text'}}}}",
    "{'a':{'type':'fields','members':{'b':{'type':'integer'}}}}", "{'a':{'type':'text'},'b':{'type':'text'}}",
    "{'b':{'type':'text'},'a':{'type':'text'}}"};
enum { COUNT = sizeof different / sizeof *different };

static void a_schema_equals_what_says_the_same_and_nothing_else(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	for (int i = 0; i < COUNT; i++) {
		apl_schema *left = declared(&alloc, different[i]);
		for (int j = 0; j < COUNT; j++) {
			apl_schema *right = declared(&alloc, different[j]);
			if (apl_schema_equal(left, right) != (i == j)) fail_msg("%s and %s", different[i], different[j]);
			apl_schema_free(right);
		}
		assert_true(apl_schema_equal(left, left));
		apl_schema_free(left);
	}
	assert_int_equal(heap.blocks, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_schema_equals_what_says_the_same_and_nothing_else)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
