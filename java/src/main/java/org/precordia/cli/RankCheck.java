// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import org.precordia.distributed.Job;
import org.precordia.distributed.Ranks;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * Whether the ranks that this process was started with can work together: they meet, and add up.
 */
final class RankCheck {
  private RankCheck() {}

  /** What came of it; with one rank, that there is one. */
  static String run(RankOptions options, ComputeOptions compute, Output output) {
    Ranks ranks = options.ranks();
    if (!ranks.many()) {
      return ranks.toString();
    }
    try (Context context = options.open(compute, output);
        Job job = options.join(context, options.configuration(), output)) {
      return job.run(() -> "%s; %s".formatted(ranks, sum(job.communicator(), context)));
    }
  }

  private static String sum(Communicator communicator, Context context) {
    int ranks = communicator.ranks();
    try (Stream stream = context.stream()) {
      Tensor tensor = stream.allocate(DType.F32, 1);
      try {
        tensor.upload(stream, new float[] {communicator.rank() + 1f});
        communicator.allReduce(stream, tensor);
        double sum = tensor.floats(stream)[0];
        return sum == ranks * (ranks + 1.0) / 2
            ? "a sum over all works by " + communicator.kind()
            : "DAMAGED: the sum over all is " + sum;
      } finally {
        tensor.buffer().close();
      }
    }
  }
}
