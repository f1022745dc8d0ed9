#!/bin/sh
# SPDX-License-Identifier: MIT
# What is installed can be used: by find_package, shared and static, and by pkg-config.
#
#   install.sh CMAKE BUILD SOURCE-OF-THE-PROGRAM VERSION CC
set -eu
cmake=$1 build=$2 source=$3 version=$4 cc=$5
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
prefix=$folder/prefix

"$cmake" --install "$build" --prefix "$prefix" >"$folder/log"
config=$(find "$prefix" -name aplombConfig.cmake)
[ -n "$config" ] || { cat "$folder/log"; echo "no aplombConfig.cmake was installed" >&2; exit 1; }

mkdir "$folder/use"
cp "$source/program.c" "$folder/use/"
sed "s/@PROJECT_VERSION@/$version/" "$source/find_package.cmake.in" >"$folder/use/CMakeLists.txt"
"$cmake" -S "$folder/use" -B "$folder/use/build" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc" >"$folder/log" 2>&1 &&
	"$cmake" --build "$folder/use/build" >>"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
for program in with_shared with_static; do
	printed=$("$folder/use/build/$program")
	[ "$printed" = "$version" ] || { echo "$program printed \"$printed\", expected \"$version\"" >&2; exit 1; }
done

if command -v pkg-config >/dev/null; then
	PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name aplomb.pc)")
	export PKG_CONFIG_PATH
	# The installed file names the prefix it was configured for.
	flags=$(pkg-config --define-prefix --cflags --libs aplomb)
	# shellcheck disable=SC2086
	"$cc" "$source/program.c" -o "$folder/by_pkg_config" $flags
	printed=$(LD_LIBRARY_PATH=$(dirname "$(find "$prefix" -name libaplomb.so)") "$folder/by_pkg_config")
	[ "$printed" = "$version" ] || { echo "by pkg-config: printed \"$printed\"" >&2; exit 1; }
fi
printed=$("$prefix/bin/aplomb" --version)
[ "$printed" = "aplomb $version" ] || { echo "the command printed \"$printed\"" >&2; exit 1; }
