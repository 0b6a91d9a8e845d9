// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import org.precordia.model.Precision;
import org.precordia.runtime.DeviceInfo;
import picocli.CommandLine.Option;

/** The option of every command that runs a network. */
final class PrecisionOption {
  @Option(
      names = "--precision",
      defaultValue = "fp32",
      paramLabel = "fp32|bf16",
      description =
          "Storage of activations: bf16 takes half the memory and less time. Default: fp32")
  Precision precision;

  /** The precision; says in one line where it does not save time. */
  Precision on(DeviceInfo device, Output output) {
    if (precision == Precision.BF16 && device.instructionSet().equals("avx512")) {
      output.line(
          "precision  bf16 saves memory but hardly time here: the processor has AVX-512 without"
              + " VNNI");
    }
    return precision;
  }
}
