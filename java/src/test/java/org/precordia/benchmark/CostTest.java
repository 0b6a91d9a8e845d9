// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.precordia.model.Conditioning;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Precision;
import org.precordia.model.Size;
import org.precordia.train.StageConfig;

/**
 * What ops cost: against small cases counted by hand, the counts of bench/native, and by growth.
 */
class CostTest {
  private static final int FLOAT = 4;
  private static final int HALF = 2;
  private static final Shape SMALL = new Shape(2, 8, 8, 4);

  @Test
  void smallCasesAreAsCountedByHand() {
    // 16 rows, 8 channels, 3 leads, 7 taps: 16·8·21 multiply-adds; 48 inputs, 128 outputs, 176
    // parameters.
    assertEquals(new Cost(5376, 4 * (48 + 128 + 176)), Cost.stemForward(SMALL, FLOAT));
    // The signal, the parameters' gradients, and the result's gradient in bf16.
    assertEquals(new Cost(5376, 4 * (48 + 176) + 2 * 128), Cost.stemBackward(SMALL, HALF));
    // One block: 4·8·8 multiply-adds a row; activations twice, 288 parameters.
    assertEquals(new Cost(2 * 256 * 16, 4 * (256 + 288)), Cost.stackForward(SMALL, FLOAT, 1));
    assertEquals(
        new Cost(4 * 256 * 16 * 3, 4 * (384 + 2 * 3 * 288)), Cost.stackBackward(SMALL, FLOAT, 3));
    // Four embeddings of 128: 16 products of 128 multiply-adds.
    assertEquals(4096, Cost.supconForward(SMALL).operations());
    assertEquals(8192, Cost.supconBackward(SMALL).operations());
    assertEquals(4 * (4 * (128 + 4 + 1) + 8), Cost.supconForward(SMALL).bytes());
    // 80 elements of prediction and target in, gradient out.
    assertEquals(new Cost(640, 3 * 4 * 80), Cost.reconstructionLoss(SMALL));
    // 16 rows of 4 terms: 10 products of the symmetric matrix and 20 of the moments.
    assertEquals(16 * (4 * 5 + 2 * 4 * 5), Cost.ridge(SMALL).operations());
    assertEquals(new Cost(220, 360), Cost.adamw(10));
    assertEquals(new Cost(0, 60), Cost.pack(10, HALF));
    assertEquals(2 * 2 * 8 * 44, Cost.classifierForward(SMALL).operations());
    assertEquals(2 * 5 * 128, Cost.headForward(SMALL, FLOAT).operations());
    assertEquals(2 * 128 + 2 * 2 * 128, Cost.filmForward(SMALL, FLOAT).operations());
    assertEquals(2 * 2 * (64 + 8 * 128), Cost.poolForward(SMALL, FLOAT).operations());
  }

  @Test
  void twiceTheWindowsAreTwiceTheOperations() {
    Shape once = new Shape(16, 256, 64, 512);
    Shape twice = new Shape(32, 256, 64, 1024);
    for (Kernel kernel : kernels()) {
      double factor =
          switch (kernel.subject()) {
            case "supcon forward", "supcon backward" -> 4;
            case "adamw", "pack", "step_begin", "metrics" -> 1;
            default -> 2;
          };
      Cost before = kernel.cost().of(once, FLOAT);
      Cost after = kernel.cost().of(twice, FLOAT);
      assertEquals(factor * before.operations(), after.operations(), 1e-9, kernel.subject());
      assertTrue(
          after.bytes() >= before.bytes() && after.bytes() <= 2 * before.bytes(), kernel.subject());
      assertTrue(before.bytes() > 0, kernel.subject());
    }
  }

  @Test
  void halvesMoveFewerBytesAndNoFewerOperations() {
    Shape shape = new Shape(16, 256, 64, 512);
    for (Kernel kernel : kernels()) {
      Cost wide = kernel.cost().of(shape, FLOAT);
      Cost narrow = kernel.cost().of(shape, HALF);
      assertEquals(wide.operations(), narrow.operations(), kernel.subject());
      boolean stores = kernel.precisions().equals(Kernel.BOTH);
      boolean same = kernel.subject().startsWith("supcon") || kernel.subject().equals("cast");
      assertEquals(stores && !same, narrow.bytes() < wide.bytes(), kernel.subject());
    }
  }

  @Test
  void aTrainingStepCostsWhatTheDocumentationSays() {
    // docs/performance.md: small, 128 × 256, without SupCon, linear layers and modulation.
    double rows = 128 * 256;
    double stack = 14 * (8.0 + 16) * 64 * 64 * rows;
    double rest = 2 * 2 * 14.0 * 3 * 64 * rows + 6.0 * 64 * 5 * rows;
    NetworkConfig small = NetworkConfig.of(Size.SMALL, List.of("a"));
    double operations =
        new NetworkCost(small, 128, Precision.FP32).step(StageConfig.Kind.JOINT).operations();
    assertEquals(45.5e9, stack + rest, 0.05e9);
    assertEquals(stack + rest, operations, 2e-3 * operations);
  }

  @Test
  void stagesCostWhatTheyTrain() {
    NetworkConfig small = NetworkConfig.of(Size.SMALL, List.of("a"));
    NetworkCost cost = new NetworkCost(small, 64, Precision.FP32);
    double joint = cost.step(StageConfig.Kind.JOINT).operations();
    double contrast = cost.step(StageConfig.Kind.CONTRASTIVE).operations();
    double reconstruction = cost.step(StageConfig.Kind.RECONSTRUCTION).operations();
    double inference = cost.inference().operations();
    assertTrue(contrast < reconstruction && reconstruction < joint && inference < contrast);
    double withoutH =
        new NetworkCost(small.withConditioning(Conditioning.NONE), 64, Precision.FP32)
            .step(StageConfig.Kind.JOINT)
            .operations();
    assertTrue(withoutH < reconstruction);
  }

  private static List<Kernel> kernels() {
    return Stream.of(NetworkKernels.all(), LossKernels.all(), DataKernels.all())
        .flatMap(List::stream)
        .toList();
  }
}
