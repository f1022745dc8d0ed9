/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <aplomb.h>

int main(void) {
	aplomb_runtime *rt;
	aplomb_error error = {0};
	if (aplomb_open(&rt, NULL, &error)) return 1;
	aplomb_close(rt);
	puts(aplomb_version());
	return 0;
}
