// SPDX-License-Identifier: Apache-2.0
package org.precordia.bindings;

import java.io.IOException;
import java.lang.foreign.SymbolLookup;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds and loads {@code libprecordia}, once a process, before the first call of {@link Precordia}.
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
      Path file = new Search().run();
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

  /** One walk through the places, and what was found at each. */
  private static final class Search {
    private final Platform platform = Platform.current();
    private final List<String> failures = new ArrayList<>();

    Path run() {
      String named = System.getProperty(LIBRARY_PROPERTY);
      if (named != null) {
        Path path = Path.of(named).toAbsolutePath();
        Path file = Files.isDirectory(path) ? path.resolve(platform.libraryFile()) : path;
        if (tryLoad(file)) {
          return file;
        }
        throw failure("the system property " + LIBRARY_PROPERTY + " names a library that fails");
      }
      for (Path file : besideTheModule()) {
        if (tryLoad(file)) {
          return file;
        }
      }
      return extracted();
    }

    private boolean tryLoad(Path file) {
      if (!Files.isRegularFile(file)) {
        failures.add(file + ": no such file");
        return false;
      }
      try {
        System.load(file.toString());
        return true;
      } catch (UnsatisfiedLinkError refused) {
        failures.add(file + ": " + refused.getMessage());
        return false;
      }
    }

    private List<Path> besideTheModule() {
      List<Path> files = new ArrayList<>();
      CodeSource source = NativeLibrary.class.getProtectionDomain().getCodeSource();
      if (source == null || !"file".equals(source.getLocation().getProtocol())) {
        return files;
      }
      try {
        Path place = Path.of(source.getLocation().toURI()).toAbsolutePath();
        if (Files.isDirectory(place)) {
          URL resource =
              NativeLibrary.class.getResource(
                  platform.resourceFolder() + "/" + platform.libraryFile());
          if (resource != null && "file".equals(resource.getProtocol())) {
            files.add(Path.of(resource.toURI()));
          }
        } else {
          files.add(place.resolveSibling(platform.libraryFile()));
        }
      } catch (URISyntaxException malformed) {
        failures.add(source.getLocation() + ": " + malformed.getMessage());
      }
      return files;
    }

    private Path extracted() {
      LibraryCache cache;
      try {
        cache = LibraryCache.open(platform.resourceFolder()).orElse(null);
      } catch (IOException unreadable) {
        throw failure("the jar's libraries cannot be read: " + unreadable.getMessage());
      }
      if (cache == null) {
        throw failure("this jar carries no library for " + platform);
      }
      for (Path base : cacheFolders()) {
        try {
          Path file = cache.extractTo(base).resolve(platform.libraryFile());
          if (tryLoad(file)) {
            return file;
          }
        } catch (IOException failed) {
          failures.add(base + ": cannot extract the library: " + failed);
        }
      }
      throw failure("no folder takes the library that the jar carries");
    }

    private List<Path> cacheFolders() {
      String named = System.getProperty(CACHE_PROPERTY);
      if (named != null) {
        return List.of(Path.of(named).toAbsolutePath());
      }
      List<Path> folders = new ArrayList<>();
      String home = System.getProperty("user.home");
      String xdg = System.getenv("XDG_CACHE_HOME");
      if (xdg != null && Path.of(xdg).isAbsolute()) {
        folders.add(Path.of(xdg, "precordia"));
      } else if (platform.system().equals("macos")) {
        folders.add(Path.of(home, "Library", "Caches", "precordia"));
      } else {
        folders.add(Path.of(home, ".cache", "precordia").toAbsolutePath());
      }
      folders.add(
          Path.of(System.getProperty("java.io.tmpdir"))
              .toAbsolutePath()
              .resolve("precordia-" + System.getProperty("user.name")));
      return folders;
    }

    private NativeLibraryException failure(String reason) {
      StringBuilder text =
          new StringBuilder("cannot load ")
              .append(platform.libraryFile())
              .append(" for ")
              .append(platform)
              .append(": ")
              .append(reason);
      if (!failures.isEmpty()) {
        text.append("\ntried:");
        failures.forEach(failure -> text.append("\n  ").append(failure));
      }
      text.append("\n-D").append(LIBRARY_PROPERTY).append("=FILE names one to load instead.");
      return new NativeLibraryException(text.toString());
    }
  }
}
