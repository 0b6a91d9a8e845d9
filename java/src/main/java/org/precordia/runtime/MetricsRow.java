// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.MemorySegment;
import org.precordia.bindings.pcd_metrics_row;

/**
 * What a training step left behind.
 *
 * @param step number of the step, from 1
 * @param rate learning rate
 * @param gradientNorm norm of the gradient before clipping
 * @param loss weighted sum of the losses
 * @param reconstruction mse and l1 as the recipe weighs them
 * @param mse mean squared error in mV²
 * @param l1 mean absolute error in mV
 * @param contrastive supervised contrastive loss in nats
 * @param classifier sigmoid cross-entropy in nats
 * @param anchors entries of the batch that had a positive
 * @param nonFinite updates skipped so far because the gradient was not finite
 */
public record MetricsRow(
    long step,
    float rate,
    float gradientNorm,
    float loss,
    float reconstruction,
    float mse,
    float l1,
    float contrastive,
    float classifier,
    int anchors,
    int nonFinite) {

  /** Size of a row in bytes. */
  public static final long BYTES = pcd_metrics_row.sizeof();

  /** Reads row {@code index} of a host copy of the ring. */
  public static MetricsRow read(MemorySegment ring, long index) {
    MemorySegment row = ring.asSlice(index * BYTES, BYTES);
    return new MetricsRow(
        pcd_metrics_row.step(row),
        pcd_metrics_row.rate(row),
        pcd_metrics_row.gradient_norm(row),
        pcd_metrics_row.loss(row),
        pcd_metrics_row.reconstruction(row),
        pcd_metrics_row.mse(row),
        pcd_metrics_row.l1(row),
        pcd_metrics_row.contrastive(row),
        pcd_metrics_row.classifier(row),
        pcd_metrics_row.anchors(row),
        pcd_metrics_row.non_finite(row));
  }
}
