// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import picocli.CommandLine.Option;

/** The option of commands whose result a machine may read. */
final class JsonOption {
  @Option(names = "--json", description = "Print the result as JSON on standard output.")
  boolean json;

  Output output() {
    return new Output(json);
  }
}
