// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Finds real recordings for tests: the folder named by the system property {@code precordia.data}
 * or the environment variable {@code PRECORDIA_DATA}, else {@code shared/data} beside the
 * repository. They are no part of the project; a test that needs them is skipped without them.
 */
public final class RealData {
  private RealData() {}

  /** A path below the data folder; the calling test is skipped when it does not exist. */
  public static Path require(String path) {
    Path folder = folder();
    assumeTrue(
        folder != null && Files.exists(folder.resolve(path)),
        "skipped: no real recordings (set precordia.data or PRECORDIA_DATA)");
    return folder.resolve(path);
  }

  private static Path folder() {
    String named = System.getProperty("precordia.data", System.getenv("PRECORDIA_DATA"));
    if (named != null) {
      return Path.of(named);
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.exists(at.resolve("native/include/precordia/precordia.h"))) {
        return at.resolveSibling("shared").resolve("data");
      }
    }
    return null;
  }
}
