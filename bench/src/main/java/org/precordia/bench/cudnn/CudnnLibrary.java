// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * Opens cuDNN where this machine has one; nothing but the yardstick needs it.
 *
 * <p>The system property {@value #PROPERTY}, or else the environment variable {@value #VARIABLE},
 * names the library or the folder that holds it, and then no other place is tried. Without them the
 * dynamic linker looks.
 *
 * @param present whether cuDNN is open and {@link Cudnn} may be used
 * @param sentence one line: where cuDNN was found, or that it is absent and where it was looked for
 */
record CudnnLibrary(boolean present, String sentence) {
  static final String PROPERTY = "precordia.cudnn";
  static final String VARIABLE = "PRECORDIA_CUDNN";

  private static final String SONAME = "libcudnn.so.9";

  /** Looks where this process's properties and environment say. */
  static CudnnLibrary open() {
    return open(System::getProperty, System::getenv);
  }

  static CudnnLibrary open(UnaryOperator<String> property, UnaryOperator<String> environment) {
    String named = property.apply(PROPERTY);
    String by = "-D" + PROPERTY;
    if (named == null) {
      named = environment.apply(VARIABLE);
      by = VARIABLE;
    }
    return named == null || named.isEmpty() ? byLoader() : named(Path.of(named), by);
  }

  private static CudnnLibrary named(Path named, String by) {
    Path file = Files.isDirectory(named) ? named.resolve(SONAME) : named;
    if (!Files.isRegularFile(file)) {
      return absent("%s names %s, where there is no such file".formatted(by, file));
    }
    try {
      // Stays open: the generated code asks for the soname, and the dynamic linker gives it this
      // one.
      SymbolLookup.libraryLookup(file.toAbsolutePath(), Arena.global());
    } catch (IllegalArgumentException refused) {
      return absent("%s names %s, which does not load: %s".formatted(by, file, reason(refused)));
    }
    return new CudnnLibrary(true, "cuDNN: " + file);
  }

  private static CudnnLibrary byLoader() {
    try {
      SymbolLookup.libraryLookup(SONAME, Arena.global());
    } catch (IllegalArgumentException refused) {
      return absent(
          "the dynamic linker finds no %s (LD_LIBRARY_PATH, ld.so.cache); -D%s=FOLDER or %s names it"
              .formatted(SONAME, PROPERTY, VARIABLE));
    }
    return new CudnnLibrary(true, "cuDNN: " + SONAME + ", as the dynamic linker finds it");
  }

  private static CudnnLibrary absent(String why) {
    return new CudnnLibrary(false, "cuDNN: absent: " + why);
  }

  private static String reason(IllegalArgumentException refused) {
    Throwable cause = refused.getCause() == null ? refused : refused.getCause();
    return cause.getMessage();
  }
}
