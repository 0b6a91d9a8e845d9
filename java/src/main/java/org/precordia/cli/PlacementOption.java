// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import org.precordia.model.DataPlacement;
import picocli.CommandLine.Option;

/** Option of every command that gathers windows from a shard. */
final class PlacementOption {
  @Option(
      names = "--data-on",
      defaultValue = "auto",
      paramLabel = "auto|device|host",
      description =
          "Where the samples lie. host: each step's windows are uploaded while the step before it"
              + " runs; auto: host when they would take more than half of the memory that is left."
              + " Results do not depend on it. Default: auto")
  DataPlacement placement;
}
