#!/bin/sh
# SPDX-License-Identifier: MIT
# The shared library exports exactly what aplomb.h declares with APLOMB_API.
#
#   exported.sh NM LIBRARY HEADER
set -eu
nm=$1 library=$2 header=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The name before the first parenthesis of each declaration.
sed -n 's/^APLOMB_API [^(]*[ *]\(aplomb_[a-z0-9_]*\)(.*/\1/p' "$header" | LC_ALL=C sort >"$folder/declared"
declarations=$(grep -c '^APLOMB_API' "$header")
[ "$(wc -l <"$folder/declared")" -eq "$declarations" ] || {
	echo "$header: a declaration with APLOMB_API is not written on one line as: APLOMB_API type name(" >&2
	exit 1
}
# Sanitizers and the linker add names of their own, which begin with "_".
"$nm" -D --defined-only "$library" | awk '{ print $NF }' | sed 's/@.*//' | grep -v '^_' | LC_ALL=C sort >"$folder/exported"
if ! diff -u "$folder/declared" "$folder/exported"; then
	echo "declared in aplomb.h (-) and exported by the library (+) differ" >&2
	exit 1
fi
echo "$declarations functions declared and exported"
