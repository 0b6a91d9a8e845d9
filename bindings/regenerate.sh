#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes the Java bindings of native/include/precordia/precordia.h anew: run it after every change of the header and
# commit what it writes. Needs `jextract` (for JDK 25) on PATH; how to get it: CONTRIBUTING.md.
#
# Only names that start with pcd_ or PCD_ are bound. No library is named to jextract: the generated code finds symbols
# in the libraries of its own class loader, which NativeLibrary loads by absolute path.
set -eu
export LC_ALL=C

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
include=$here/../native/include
header=$include/precordia/precordia.h
output=$here/src/main/generated
package=org.precordia.bindings

command -v jextract >/dev/null 2>&1 || {
  echo "regenerate.sh: jextract is not on PATH; CONTRIBUTING.md says how to get it" >&2
  exit 1
}
[ -r "$header" ] || { echo "regenerate.sh: no header at $header" >&2; exit 1; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

jextract -I "$include" --dump-includes "$scratch/all" "$header" 2>"$scratch/log" || { cat "$scratch/log" >&2; exit 1; }

# Opaque handles have no layout; to jextract they are plain pointers, and asking for them only draws warnings.
sed -n 's/^typedef struct \(pcd_[a-z0-9_]*\) \1;.*/--include-struct \1/p' "$header" | sort >"$scratch/opaque"
sed -e 's/ *#.*//' "$scratch/all" | grep -E '^--include-[a-z]+ (pcd_|PCD_)' | sort -u |
  grep -Fxv -f "$scratch/opaque" >"$scratch/bound"

jextract -I "$include" --output "$scratch/out" --target-package "$package" --header-class-name Precordia \
  "@$scratch/bound" "$header" 2>"$scratch/log" || { cat "$scratch/log" >&2; exit 1; }
# The compiler's own stddef.h has a type that no Java layout exists for; every other warning is ours.
grep -v '__clang_max_align_nonce' "$scratch/log" >&2 || :

find "$scratch/out" -name '*.java' | while read -r file; do
  { echo "// SPDX-License-Identifier: Apache-2.0"; cat "$file"; } >"$file.licensed"
  mv "$file.licensed" "$file"
done

rm -rf "$output"
mkdir -p "$(dirname "$output")"
cp -r "$scratch/out" "$output"

sha256() { if command -v sha256sum >/dev/null 2>&1; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1; }
{
  echo "# What the bindings under src/main/generated were made from; written by regenerate.sh."
  jextract --version 2>&1 | sed -n \
    -e 's/^jextract \(.*\)/jextract.version=\1/p' \
    -e 's/^JDK version \(.*\)/jextract.jdk=\1/p' \
    -e 's/^LibClang version \(.*\)/jextract.libclang=\1/p'
  echo "header=native/include/precordia/precordia.h"
  echo "header.sha256=$(sha256 "$header")"
} >"$here/GENERATED.properties"

echo "$(find "$output" -name '*.java' | wc -l | tr -d ' ') files written under bindings/src/main/generated"
