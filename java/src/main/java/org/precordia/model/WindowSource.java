// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.lang.foreign.Arena;
import java.util.List;
import org.precordia.data.Lead;
import org.precordia.runtime.DType;
import org.precordia.runtime.GatherAugmentOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * What every gather of a network's windows has in common: the records, how leads are mixed from the
 * stored ones, and how inputs are standardised.
 */
public final class WindowSource implements AutoCloseable {
  private final Resources resources = new Resources();
  private final NetworkConfig config;
  private final Standardisation standardisation;
  private final DeviceRecords records;
  private final Stream stream;
  private final Tensor inputMix;
  private final Tensor targetMix;
  private final Tensor mean;
  private final Tensor deviation;

  /**
   * Uploads mixes and statistics.
   *
   * @param records must outlive this
   */
  public WindowSource(
      Stream stream, NetworkConfig config, Standardisation standardisation, DeviceRecords records) {
    this.stream = stream;
    this.config = config;
    this.standardisation = standardisation;
    this.records = records;
    int stored = Lead.INDEPENDENT.size();
    int inputs = config.inputs().size();
    inputMix = resources.allocate(stream, DType.F32, inputs, stored);
    targetMix =
        config.reconstructs()
            ? resources.allocate(stream, DType.F32, config.targets().size(), stored)
            : null;
    mean = resources.allocate(stream, DType.F32, inputs);
    deviation = resources.allocate(stream, DType.F32, inputs);
    inputMix.upload(stream, NetworkConfig.mix(config.inputs()));
    if (targetMix != null) {
      targetMix.upload(stream, NetworkConfig.mix(config.targets()));
    }
    mean.upload(stream, standardisation.means());
    deviation.upload(stream, standardisation.deviations());
  }

  /** The network's shape. */
  public NetworkConfig config() {
    return config;
  }

  /** The stream that the tensors live on. */
  public Stream stream() {
    return stream;
  }

  /** The records. */
  public DeviceRecords records() {
    return records;
  }

  /**
   * What brings the samples of one batch of windows after the other to gathers.
   *
   * @param views what the gathers of each view may read
   * @param part windows of a batch, in each view
   */
  public WindowFeed feed(List<WindowReach> views, BatchPart part) {
    return records.feed(views, config.window(), part);
  }

  /**
   * A gather without augmentation, labels, groups or targets; the caller sets what it needs of
   * them, and attaches it to a {@link #feed}.
   *
   * @param state the step state: cursor, epoch and seed
   * @param index I32 [E, 2]
   * @param inputs F32 [B, L, n]
   */
  public GatherAugmentOp gather(Arena arena, Tensor state, Tensor index, Tensor inputs) {
    return new GatherAugmentOp(arena)
        .normaliseWindow(standardisation.mode() == Standardisation.Mode.WINDOW)
        .microvoltPerCount(1)
        .state(state)
        .records(records.records())
        .index(index)
        .inputMix(inputMix)
        .mean(mean)
        .deviation(deviation)
        .inputs(inputs);
  }

  /** Lets a gather write targets too, F32 [B, L, T]. */
  public GatherAugmentOp targets(GatherAugmentOp gather, Tensor targets) {
    return gather.targetMix(targetMix).targets(targets);
  }

  /** Lets a gather write labels, U64 [B, W], and groups, I32 [B]. */
  public GatherAugmentOp labels(GatherAugmentOp gather, Tensor labels, Tensor groups) {
    return gather.recordLabels(records.labels()).labels(labels).groups(groups);
  }

  @Override
  public void close() {
    resources.close();
  }
}
