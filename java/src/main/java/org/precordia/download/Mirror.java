// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/** Where the files of a data set come from. */
interface Mirror extends AutoCloseable {
  /**
   * Opens a file.
   *
   * @param path below the data set's folder
   * @param from the first byte wanted
   * @param validator of an earlier {@link Body}; when the file is no longer that one, it begins at
   *     its first byte; empty when none is known
   * @throws MirrorException when the answer cannot be used
   * @throws IOException when no answer comes
   */
  Body open(String path, long from, String validator) throws IOException, InterruptedException;

  /** The address of a file, for messages. */
  String address(String path);

  @Override
  void close();

  /**
   * A file's bytes on their way.
   *
   * @param content closing it breaks off, also for a thread that waits for more
   * @param from number of its first byte in the file
   * @param size bytes of the whole file, or −1 when the server does not say
   * @param validator changes when the file changes; empty when the server names none
   */
  record Body(InputStream content, long from, long size, String validator) implements Closeable {
    @Override
    public void close() throws IOException {
      content.close();
    }
  }
}
