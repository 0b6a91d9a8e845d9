// SPDX-License-Identifier: Apache-2.0
package org.precordia.bindings;

import java.util.Locale;

/**
 * Names of the machine that native libraries are built for, as the build spells them: {@code
 * linux-x86_64}, {@code linux-aarch64}, {@code macos-aarch64}.
 *
 * @param system {@code linux}, {@code macos}, or the operating system's own name in lower case
 * @param architecture {@code x86_64}, {@code aarch64}, or the processor's own name
 */
record Platform(String system, String architecture) {

  static Platform current() {
    return of(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  static Platform of(String osName, String osArch) {
    String name = osName.toLowerCase(Locale.ROOT);
    String system =
        name.startsWith("linux") ? "linux" : name.startsWith("mac") ? "macos" : name.split(" ")[0];
    String architecture =
        switch (osArch.toLowerCase(Locale.ROOT)) {
          case "amd64", "x86_64", "x64" -> "x86_64";
          case "aarch64", "arm64" -> "aarch64";
          case String other -> other;
        };
    return new Platform(system, architecture);
  }

  /** File name of the library that everything else is loaded from. */
  String libraryFile() {
    return "libprecordia" + (system.equals("macos") ? ".dylib" : ".so");
  }

  /** Absolute name of the resource folder in the jar. */
  String resourceFolder() {
    return "/org/precordia/native/" + this;
  }

  @Override
  public String toString() {
    return system + "-" + architecture;
  }
}
