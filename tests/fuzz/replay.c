/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzzer's target once over every file of the folders named, without a
 * fuzzer, so that what was once found stays found with any compiler. Each file
 * is read into a block of exactly its size.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path) {
	FILE *file = fopen(path, "rb");
	if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
		perror(path);
		if (file != NULL) fclose(file);
		return -1;
	}
	long size = ftell(file);
	rewind(file);
	uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
	int result = -1;
	if (data != NULL && size >= 0 && fread(data, 1, (size_t)size, file) == (size_t)size)
		result = LLVMFuzzerTestOneInput(data, (size_t)size);
	else
		fprintf(stderr, "%s: cannot be read\n", path);
	free(data);
	fclose(file);
	return result;
}

int main(int count, char **folders) {
	int replayed = 0;
	for (int i = 1; i < count; i++) {
		DIR *folder = opendir(folders[i]);
		if (folder == NULL) {
			perror(folders[i]);
			return 1;
		}
		for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
			if (entry->d_name[0] == '.') continue;
			char path[4096];
			snprintf(path, sizeof path, "%s/%s", folders[i], entry->d_name);
			if (replay_file(path) != 0) {
				closedir(folder);
				return 1;
			}
			replayed++;
		}
		closedir(folder);
	}
	printf("%d files replayed\n", replayed);
	return replayed > 0 ? 0 : 1;
}
