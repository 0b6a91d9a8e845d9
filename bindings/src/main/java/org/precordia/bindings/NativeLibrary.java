// SPDX-License-Identifier: Apache-2.0
package org.precordia.bindings;

import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;

/**
 * Loads {@code libprecordia}, once a process, before the first call of {@link Precordia}.
 *
 * <p>Places, in order:
 *
 * <ol>
 *   <li>the system property {@value #LIBRARY_PROPERTY}, a file or the folder that holds it; when it
 *       is set, no other place is tried
 *   <li>beside this module's jar, or in the module's own folder where it is not packed
 *   <li>the copy that the jar carries, extracted to a folder named by its content under {@value
 *       #CACHE_PROPERTY}, or else under the user's cache folder, or else the temporary folder
 * </ol>
 *
 * <p>The library is loaded by absolute path, so that a failure carries the dynamic linker's own
 * sentence, and with it all plug-ins that lie in the same folder are within its reach.
 */
public final class NativeLibrary {
  /** System property: path of the library, or of the folder that holds it. */
  public static final String LIBRARY_PROPERTY = "precordia.library";

  /** System property: folder under which the libraries of the jar are extracted. */
  public static final String CACHE_PROPERTY = "precordia.cache";

  private static Path loaded;

  private NativeLibrary() {}

  /**
   * Loads the library unless it is loaded already.
   *
   * @return the file that was loaded
   * @throws NativeLibraryException if no place has a library that loads and has this ABI; the
   *     message lists the places and their failures
   */
  public static synchronized Path load() {
    if (loaded == null) {
      Path file = new LibrarySearch(Platform.current(), System::getProperty, System::getenv).load();
      requireAbi(file);
      loaded = file;
    }
    return loaded;
  }

  private static void requireAbi(Path file) {
    if (SymbolLookup.loaderLookup().find("pcd_abi_version").isEmpty()) {
      throw new NativeLibraryException(file + " was loaded, but it is no Precordia library");
    }
    int found = Precordia.pcd_abi_version();
    if (found < Precordia.PCD_ABI_VERSION()) {
      throw new NativeLibraryException(
          "%s has ABI version %d, and these bindings need %d: it belongs to an older Precordia"
              .formatted(file, found, Precordia.PCD_ABI_VERSION()));
    }
  }
}
