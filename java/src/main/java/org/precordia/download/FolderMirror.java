// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** A copy of a data set in a folder, on a disk or a network share. */
final class FolderMirror implements Mirror {
  private final Path folder;

  FolderMirror(Path folder) {
    this.folder = folder;
  }

  @Override
  public Body open(String path, long from, String validator) throws IOException {
    Path file = folder.resolve(path);
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(file, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      throw MirrorException.lasting(address(path) + ": there is no such file");
    }
    String now = attributes.size() + "@" + attributes.lastModifiedTime().toMillis();
    long start = validator.equals(now) && from <= attributes.size() ? from : 0;
    return new Body(content(file, start), start, attributes.size(), now);
  }

  private static InputStream content(Path file, long start) throws IOException {
    return Channels.newInputStream(FileChannel.open(file).position(start));
  }

  @Override
  public String address(String path) {
    return folder.resolve(path).toString();
  }

  @Override
  public void close() {}
}
