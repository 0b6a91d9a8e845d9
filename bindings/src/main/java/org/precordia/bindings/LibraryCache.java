// SPDX-License-Identifier: Apache-2.0
package org.precordia.bindings;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Libraries that a jar carries, extracted to a folder named by their content, so that any number of
 * processes and versions share a cache without a lock.
 *
 * <p>All libraries of a jar go to one folder, since the main library looks for its plug-ins beside
 * itself. A file appears under its name only when whole and checked (temporary file, digest, sync,
 * atomic rename). After that its size is enough to tell one that was cut short, for example by a
 * full disk: digests of large plug-ins would delay every start.
 */
final class LibraryCache {
  /** Digests of the libraries, one {@code <sha-256> <file>} a line, beside them in the jar. */
  static final String DIGESTS = "SHA256SUMS";

  private final String resources;
  private final Map<String, String> digests;
  private final String folderName;

  private LibraryCache(String resources, Map<String, String> digests, String folderName) {
    this.resources = resources;
    this.digests = digests;
    this.folderName = folderName;
  }

  /**
   * Reads the digests of a resource folder.
   *
   * @return empty if there are none: the jar carries no library for that platform
   */
  static Optional<LibraryCache> open(String resourceFolder) throws IOException {
    byte[] list;
    try (InputStream in = stream(resourceFolder + "/" + DIGESTS)) {
      list = in.readAllBytes();
    } catch (FileNotFoundException absent) {
      return Optional.empty();
    }
    Map<String, String> digests = new LinkedHashMap<>();
    for (String line : new String(list, UTF_8).lines().toList()) {
      String[] parts = line.strip().split("\\s+", 2);
      if (parts.length == 2) {
        digests.put(parts[1], parts[0]);
      }
    }
    String name = HexFormat.of().formatHex(sha256().digest(list)).substring(0, 16);
    return Optional.of(new LibraryCache(resourceFolder, digests, name));
  }

  /**
   * Puts all libraries under {@code base} where they are not there yet.
   *
   * @return the folder that holds them
   * @throws IOException if the folder cannot be written, or belongs to someone else
   */
  Path extractTo(Path base) throws IOException {
    Path folder = base.resolve(folderName);
    Files.createDirectories(folder);
    requireOurs(base);
    requireOurs(folder);
    for (Map.Entry<String, String> entry : digests.entrySet()) {
      Path file = folder.resolve(entry.getKey());
      if (!Files.isRegularFile(file) || Files.size(file) != packedSize(entry.getKey())) {
        extract(entry.getKey(), entry.getValue(), file);
      }
    }
    return folder;
  }

  /** Whoever owns a folder can replace what is in it, and what is in it runs as this user. */
  private static void requireOurs(Path folder) throws IOException {
    Optional<String> user = ProcessHandle.current().info().user();
    String owner = Files.getOwner(folder).getName();
    if (user.isPresent() && !user.get().equals(owner)) {
      throw new IOException(folder + " belongs to " + owner + ", not to " + user.get());
    }
  }

  private void extract(String name, String digest, Path file) throws IOException {
    Path partial = Files.createTempFile(file.getParent(), "." + name + ".", ".partial");
    try {
      MessageDigest sha256 = sha256();
      try (InputStream in = stream(resources + "/" + name);
          FileChannel out = FileChannel.open(partial, StandardOpenOption.WRITE)) {
        byte[] chunk = new byte[1 << 16];
        for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
          sha256.update(chunk, 0, count);
          ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, count);
          while (bytes.hasRemaining()) {
            out.write(bytes);
          }
        }
        out.force(true);
      }
      String found = HexFormat.of().formatHex(sha256.digest());
      if (!found.equals(digest)) {
        throw new IOException(
            name + " in the jar has digest " + found + ", its list says " + digest);
      }
      Files.move(
          partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private long packedSize(String name) throws IOException {
    URL url = LibraryCache.class.getResource(resources + "/" + name);
    if (url == null) {
      throw new FileNotFoundException("no resource " + resources + "/" + name);
    }
    URLConnection connection = url.openConnection();
    try (InputStream _ = connection.getInputStream()) {
      return connection.getContentLengthLong();
    }
  }

  private static InputStream stream(String resource) throws IOException {
    InputStream in = LibraryCache.class.getResourceAsStream(resource);
    if (in == null) {
      throw new FileNotFoundException("no resource " + resource);
    }
    return in;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every Java platform has SHA-256", impossible);
    }
  }
}
