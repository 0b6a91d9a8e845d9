# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the scripts that pack Precordia for a machine without Java. They set `root`, the repository's root, first.

# Prints the home of a JDK 25 with jlink.
find_jlink_jdk() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
    if grep -qsE '^JAVA_VERSION="(2[5-9]|[3-9][0-9])' "$home/release" && [ -x "$home/bin/jlink" ]; then
      echo "$home"
      return 0
    fi
  done
  echo "no JDK 25 with jlink: set JAVA_HOME" >&2
  return 1
}

# Links a run-time image of what Precordia and the libraries it uses require. Nothing is compressed: xz does better on
# plain classes.
link_image() { # JDK FOLDER
  "$1/bin/jlink" --add-modules java.base,java.logging,java.net.http,java.sql,java.xml,jdk.jfr,jdk.management \
    --compress zip-0 --strip-java-debug-attributes --no-header-files --no-man-pages --output "$2"
}

# Copies Precordia's modules into a folder, uncompressed and without native libraries.
copy_modules() { # JDK FOLDER
  local jar scratch manifest
  mkdir -p "$2"
  for jar in "$root"/java/target/modules/*.jar; do
    scratch=$(mktemp -d)
    (cd "$scratch" && "$1/bin/jar" --extract --file "$jar")
    find "$scratch" \( -name '*.so' -o -name '*.dylib' \) -delete
    manifest=()
    [ -f "$scratch/META-INF/MANIFEST.MF" ] && manifest=(--manifest "$scratch/META-INF/MANIFEST.MF")
    "$1/bin/jar" --create --no-compress "${manifest[@]}" --file "$2/$(basename "$jar")" -C "$scratch" .
    rm -r "$scratch"
  done
}
