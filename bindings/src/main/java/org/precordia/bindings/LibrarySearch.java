// SPDX-License-Identifier: Apache-2.0
package org.precordia.bindings;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One walk through the places that {@link NativeLibrary} names, and what was found at each.
 *
 * <p>Properties and environment come from outside, so that a test can walk without changing the
 * process.
 */
final class LibrarySearch {
  private final Platform platform;
  private final UnaryOperator<String> property;
  private final UnaryOperator<String> environment;
  private final List<String> failures = new ArrayList<>();

  LibrarySearch(
      Platform platform, UnaryOperator<String> property, UnaryOperator<String> environment) {
    this.platform = platform;
    this.property = property;
    this.environment = environment;
  }

  /**
   * Loads the first library that loads.
   *
   * @throws NativeLibraryException with the whole list if there is none
   */
  Path load() {
    String named = property.apply(NativeLibrary.LIBRARY_PROPERTY);
    if (named != null) {
      return loadNamed(Path.of(named).toAbsolutePath());
    }
    Optional<Path> beside = besideTheModule();
    if (beside.isPresent() && tryLoad(beside.get())) {
      return beside.get();
    }
    return loadExtracted();
  }

  private Path loadNamed(Path named) {
    Path file = Files.isDirectory(named) ? named.resolve(platform.libraryFile()) : named;
    if (tryLoad(file)) {
      return file;
    }
    // Whoever names a library wants that one: falling back would hide the mistake.
    throw failure("the one that -D" + NativeLibrary.LIBRARY_PROPERTY + " names does not load");
  }

  private Path loadExtracted() {
    LibraryCache cache;
    try {
      cache =
          LibraryCache.open(platform.resourceFolder())
              .orElseThrow(() -> failure("this jar carries no library for " + platform));
    } catch (IOException unreadable) {
      throw failure("the list of libraries in the jar cannot be read: " + unreadable.getMessage());
    }
    for (Path base : cacheFolders()) {
      try {
        Path file = cache.extractTo(base).resolve(platform.libraryFile());
        if (tryLoad(file)) {
          return file;
        }
      } catch (IOException failed) {
        failures.add(base + ": cannot extract to it: " + failed);
      }
    }
    throw failure("no folder takes the library that the jar carries");
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

  /** The module is a jar, with the library beside it, or a folder, with the library inside. */
  private Optional<Path> besideTheModule() {
    CodeSource source = LibrarySearch.class.getProtectionDomain().getCodeSource();
    if (source == null || !"file".equals(source.getLocation().getProtocol())) {
      return Optional.empty();
    }
    try {
      Path module = Path.of(source.getLocation().toURI()).toAbsolutePath();
      if (!Files.isDirectory(module)) {
        return Optional.of(module.resolveSibling(platform.libraryFile()));
      }
      URL resource =
          LibrarySearch.class.getResource(platform.resourceFolder() + "/" + platform.libraryFile());
      return resource != null && "file".equals(resource.getProtocol())
          ? Optional.of(Path.of(resource.toURI()))
          : Optional.empty();
    } catch (URISyntaxException malformed) {
      failures.add(source.getLocation() + ": " + malformed.getMessage());
      return Optional.empty();
    }
  }

  private List<Path> cacheFolders() {
    String named = property.apply(NativeLibrary.CACHE_PROPERTY);
    if (named != null) {
      return List.of(Path.of(named).toAbsolutePath());
    }
    String temporary = property.apply("java.io.tmpdir");
    String user = property.apply("user.name");
    return List.of(userCache(), Path.of(temporary).toAbsolutePath().resolve("precordia-" + user));
  }

  private Path userCache() {
    String xdg = environment.apply("XDG_CACHE_HOME");
    if (xdg != null && Path.of(xdg).isAbsolute()) {
      return Path.of(xdg, "precordia");
    }
    Path home = Path.of(property.apply("user.home")).toAbsolutePath();
    return platform.system().equals("macos")
        ? home.resolve("Library/Caches/precordia")
        : home.resolve(".cache/precordia");
  }

  private NativeLibraryException failure(String reason) {
    StringBuilder text = new StringBuilder("cannot load ");
    text.append(platform.libraryFile()).append(": ").append(reason);
    if (!failures.isEmpty()) {
      text.append("\ntried:");
      failures.forEach(failure -> text.append("\n  ").append(failure));
    }
    text.append("\n-D").append(NativeLibrary.LIBRARY_PROPERTY).append("=FILE names one to load.");
    return new NativeLibraryException(text.toString());
  }
}
