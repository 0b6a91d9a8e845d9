// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.List;
import java.util.Map;
import org.precordia.model.Precision;

/**
 * An op that can be timed.
 *
 * @param subject its name in results
 * @param precisions what it can store activations in; an op whose tensors are fp32 in any case has
 *     FP32 alone
 * @param sizes letters of the sizes that it depends on
 * @param settings what else belongs to its shape, by name
 * @param cost what it has to do, from the shape and the bytes of an activation's element
 * @param preparation brings it onto a bench
 */
record Kernel(
    String subject,
    List<Precision> precisions,
    String sizes,
    Map<String, String> settings,
    CostFormula cost,
    Preparation preparation) {

  /** Precisions of an op that works on activations. */
  static final List<Precision> BOTH = List.of(Precision.FP32, Precision.BF16);

  /** Precision of an op whose tensors are fp32 in any case. */
  static final List<Precision> SINGLE = List.of(Precision.FP32);

  /** Operations and bytes of a shape. */
  @FunctionalInterface
  interface CostFormula {
    Cost of(Shape shape, int elementBytes);
  }

  /** Fills the op's tensors and returns how to run it. */
  @FunctionalInterface
  interface Preparation {
    Prepared on(Workbench bench, Shape shape, Precision precision);
  }

  /**
   * An op on a bench.
   *
   * @param pass launches it once
   * @param renew brings back operands that a pass has overwritten; not timed
   */
  record Prepared(Runnable pass, Runnable renew) {
    /** An op that can run again as it is. */
    static Prepared of(Runnable pass) {
      return new Prepared(pass, () -> {});
    }
  }

  Kernel(
      String subject,
      List<Precision> precisions,
      String sizes,
      CostFormula cost,
      Preparation preparation) {
    this(subject, precisions, sizes, Map.of(), cost, preparation);
  }

  /** Bytes of an activation's element. */
  static int element(Precision precision) {
    return precision.storage().bytes();
  }
}
