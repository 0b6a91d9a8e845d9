// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How many CPU threads a rank takes, so that those of one machine do not get in each other's way.
 */
public final class Processors {
  private static final Path ONLINE = Path.of("/sys/devices/system/cpu/online");

  private Processors() {}

  /** This rank's share of the processors that this process may use. */
  public static int share(Ranks ranks) {
    int usable = Runtime.getRuntime().availableProcessors();
    return share(usable, Math.max(usable, online()), ranks.localRanks());
  }

  /**
   * A launcher that binds ranks leaves each so few processors that all local ranks have room side
   * by side; what it did not bind is shared.
   */
  static int share(int usable, int installed, int localRanks) {
    boolean bound = (long) usable * localRanks <= installed;
    return bound ? usable : Math.max(1, usable / localRanks);
  }

  private static int online() {
    try {
      return count(Files.readString(ONLINE).strip());
    } catch (IOException | NumberFormatException e) {
      // Not Linux: what may be used is all that is known.
      return 0;
    }
  }

  /** Counts a list such as {@code 0-3,8}. */
  static int count(String list) {
    int count = 0;
    for (String range : list.split(",")) {
      int dash = range.indexOf('-');
      int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
      int last = dash < 0 ? first : Integer.parseInt(range.substring(dash + 1));
      count += last - first + 1;
    }
    return count;
  }
}
