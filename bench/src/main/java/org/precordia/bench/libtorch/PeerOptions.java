// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What {@link LibtorchPeers} is asked for.
 *
 * @param out result file, null for none
 * @param threads of every contestant
 * @param rounds in which contestants take turns
 * @param seconds for all tasks together
 * @param only must be found in a task's name
 * @param quick whether shapes are tiny, to try the program
 */
record PeerOptions(Path out, int threads, int rounds, double seconds, Pattern only, boolean quick) {

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException naming the option that is not understood
   */
  static PeerOptions parse(String... arguments) {
    Path out = null;
    int threads = Runtime.getRuntime().availableProcessors();
    int rounds = 9;
    double seconds = 120;
    Pattern only = Pattern.compile("");
    boolean quick = false;
    for (int i = 0; i < arguments.length; i++) {
      String option = arguments[i];
      if (option.equals("--quick")) {
        quick = true;
        continue;
      }
      i++;
      if (i == arguments.length) {
        throw new IllegalArgumentException("option " + option + " needs a value");
      }
      String value = arguments[i];
      switch (option) {
        case "--out" -> out = Path.of(value);
        case "--threads" -> threads = Integer.parseInt(value);
        case "--rounds" -> rounds = Integer.parseInt(value);
        case "--seconds" -> seconds = Double.parseDouble(value);
        case "--only" -> only = Pattern.compile(value);
        default -> throw new IllegalArgumentException("unknown option " + option);
      }
    }
    if (threads < 1 || rounds < 1 || !(seconds > 0)) {
      throw new IllegalArgumentException("--threads, --rounds and --seconds are positive");
    }
    return new PeerOptions(out, threads, rounds, seconds, only, quick);
  }
}
