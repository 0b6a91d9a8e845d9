// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.time.Duration;

/**
 * How a download treats the network.
 *
 * @param parallel files fetched at once
 * @param verify whether files that were verified before are read and verified again
 * @param attempts attempts at a file that bring nothing before it is given up
 * @param backoff pause before the second attempt; doubled before each further one
 * @param longestPause the longest pause; a server that asks for a longer one is given up
 * @param connect time for a connection
 * @param stall time in which something must come
 * @param largestFile bytes that no file may exceed
 * @param userAgent how the program names itself to servers
 */
public record DownloadSettings(
    int parallel,
    boolean verify,
    int attempts,
    Duration backoff,
    Duration longestPause,
    Duration connect,
    Duration stall,
    long largestFile,
    String userAgent) {

  /** Most files fetched at once. */
  public static final int MOST_PARALLEL = 32;

  public DownloadSettings {
    if (parallel < 1 || parallel > MOST_PARALLEL) {
      throw new IllegalArgumentException(
          "--parallel takes 1 to %d, not %d".formatted(MOST_PARALLEL, parallel));
    }
  }

  /**
   * The settings of the command: 6 attempts, pauses of 1 s to 2 min, 20 s for a connection, 60 s of
   * silence, 1 GiB a file.
   */
  public static DownloadSettings of(int parallel, boolean verify, String userAgent) {
    return new DownloadSettings(
        parallel,
        verify,
        6,
        Duration.ofSeconds(1),
        Duration.ofMinutes(2),
        Duration.ofSeconds(20),
        Duration.ofSeconds(60),
        1L << 30,
        userAgent);
  }
}
