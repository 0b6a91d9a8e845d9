// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * One process of a job.
 *
 * @param rank its number
 * @param host the machine it runs on, as that machine calls itself
 * @param pid its process there
 */
public record Member(int rank, String host, long pid) {
  /** This process. */
  static Member self(int rank) {
    return new Member(rank, hostName(), ProcessHandle.current().pid());
  }

  /** What this machine calls itself. */
  static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // A machine whose own name does not resolve: the exception has the name in it.
      String message = String.valueOf(e.getMessage());
      int colon = message.indexOf(':');
      return colon > 0 ? message.substring(0, colon) : "localhost";
    }
  }

  @Override
  public String toString() {
    return "rank %d on host %s, pid %d".formatted(rank, host, pid);
  }
}
