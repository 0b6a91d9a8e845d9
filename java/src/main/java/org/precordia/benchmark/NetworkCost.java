// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import org.precordia.model.NetworkConfig;
import org.precordia.model.Precision;
import org.precordia.train.StageConfig;

/**
 * What whole passes through a network have to do: the sum over their ops. The classifier, the
 * reconstruction loss, gathering and the optimiser are left out: they have no products worth
 * counting, as in docs/performance.md.
 */
final class NetworkCost {
  private final NetworkConfig network;
  private final Shape shape;
  private final int element;

  /**
   * A network at a batch.
   *
   * @param windows windows that it sees, of all views
   */
  NetworkCost(NetworkConfig network, int windows, Precision precision) {
    this.network = network;
    this.shape = new Shape(windows, network.window(), network.width(), Math.max(2, windows));
    this.element = Kernel.element(precision);
  }

  /** Windows to the missing leads. */
  Cost inference() {
    Cost waveform = waveformForward();
    return network.pathology() ? waveform.plus(pathologyForward()) : waveform;
  }

  /** A training step. */
  Cost step(StageConfig.Kind kind) {
    Cost cost = new Cost(0, 0);
    if (network.pathology()) {
      cost = cost.plus(pathologyForward());
    }
    if (network.pathology() && kind != StageConfig.Kind.RECONSTRUCTION) {
      cost = cost.plus(pathologyBackward());
      cost = cost.plus(Cost.supconForward(shape)).plus(Cost.supconBackward(shape));
    }
    if (kind.reconstructs()) {
      cost = cost.plus(waveformForward()).plus(waveformBackward());
    }
    return cost;
  }

  private Cost pathologyForward() {
    return Cost.stemForward(shape, element)
        .plus(Cost.stackForward(shape, element, network.pathologyDilations().length))
        .plus(Cost.poolForward(shape, element));
  }

  private Cost pathologyBackward() {
    return Cost.stemBackward(shape, element)
        .plus(Cost.stackBackward(shape, element, network.pathologyDilations().length))
        .plus(Cost.poolBackward(shape, element));
  }

  private Cost waveformForward() {
    Cost cost =
        Cost.stemForward(shape, element)
            .plus(Cost.stackForward(shape, element, blocks()))
            .plus(Cost.headForward(shape, element));
    return network.pathology() ? cost.plus(Cost.filmForward(shape, element)) : cost;
  }

  private Cost waveformBackward() {
    Cost cost =
        Cost.stemBackward(shape, element)
            .plus(Cost.stackBackward(shape, element, blocks()))
            .plus(Cost.headBackward(shape, element));
    return network.pathology() ? cost.plus(Cost.filmBackward(shape, element)) : cost;
  }

  /** Blocks beside the pathology encoder. */
  private int blocks() {
    return network.waveformDilations().length + network.decoderDilations().length;
  }
}
