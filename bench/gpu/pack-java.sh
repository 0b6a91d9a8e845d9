#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Packs what the Java parts of run-all.sh need, for a GPU machine without Java, Maven or network: a run-time image, the
# modules, the JUnit console, the tests that take a device and the cuDNN yardstick. Native libraries are not in it:
# run-all.sh builds them for the GPU that it finds.
#
# usage: bench/gpu/pack-java.sh [--out FILE.tar.xz]   default: target/precordia-java.tar.xz
#
# First: ./mvnw package -DskipTests. Needs JDK 25, xz and, once, the network for the JUnit console.
set -eu -o pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
out=$root/target/precordia-java.tar.xz
case ${1:-} in
  --out) out=${2:?} ;;
  "") ;;
  *) sed -n '3,9p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2 ;;
esac
for built in java/target/modules java/target/test-classes bench/target/classes bench/target/test-classes; do
  [ -d "$root/$built" ] || { echo "pack-java.sh: no $built: run ./mvnw package -DskipTests first" >&2; exit 1; }
done
# `mvn test` and an IDE renew classes and leave the modules as they were.
for jar in "$root"/java/target/modules/precordia-[0-9]*.jar; do
  [ -z "$(find "$root/java/target/classes" -type f -newer "$jar" -print -quit)" ] ||
    { echo "pack-java.sh: $jar is older than the classes: run ./mvnw package -DskipTests first" >&2; exit 1; }
done
. "$root/bench/java-image.sh"
jdk=$(find_jlink_jdk)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
pack=$scratch/precordia-java
mkdir "$pack" "$pack/tests"

link_image "$jdk" "$pack/image"
copy_modules "$jdk" "$pack/modules"
cp -r "$root/java/target/test-classes" "$pack/tests/java"
cp -r "$root/bench/target/test-classes" "$pack/tests/bench"
cp -r "$root/bench/target/classes" "$pack/bench"
cp "$root/bench/cudnn/GENERATED.properties" "$pack/cudnn.properties"

# The console's version follows Jupiter's: 1.14.4 is 5.14.4's.
jupiter=$(sed -n 's/.*<junit.version>5\.\(.*\)<.*/\1/p' "$root/pom.xml")
(cd "$root" && ./mvnw -q -N dependency:copy -DoutputDirectory="$scratch" \
  -Dartifact="org.junit.platform:junit-platform-console-standalone:1.$jupiter")
mv "$scratch/junit-platform-console-standalone-1.$jupiter.jar" "$pack/junit.jar"
git -C "$root" rev-parse HEAD >"$pack/COMMIT"

mkdir -p "$(dirname "$out")"
tar -C "$scratch" -cf - precordia-java | xz -T0 -9 >"$out"
echo "$out  $(du -m "$out" | cut -f1) MB"
