// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import org.precordia.model.Precision;
import org.precordia.runtime.Backend;
import picocli.CommandLine.Option;

/** The option of every command that runs a network. */
final class PrecisionOption {
  @Option(
      names = "--precision",
      defaultValue = "fp32",
      paramLabel = "fp32|bf16",
      description =
          "Storage of activations. bf16 takes half the memory, and on a CUDA device less time."
              + " Default: fp32")
  Precision precision;

  /** The precision; says in one line what it does not do on a backend. */
  Precision on(Backend backend, Output output) {
    if (precision == Precision.BF16 && backend == Backend.CPU) {
      output.line(
          "precision  bf16: activations take half the memory; the CPU multiplies in fp32, which is"
              + " as fast");
    }
    return precision;
  }
}
