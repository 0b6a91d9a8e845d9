// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.precordia.model.NetworkConfig;
import org.precordia.model.ParameterGroup;
import org.precordia.model.ParameterLayout;
import org.precordia.model.ParameterLayout.Range;

/** How gradients are cut to be summed: every one once, neighbours together, early where large. */
class GradientBucketsTest {
  private static final ParameterLayout LAYOUT = new ParameterLayout(network());

  /** The order in which backward writes the groups of the model. */
  private static final List<ParameterGroup> BACKWARD =
      List.of(
          ParameterGroup.CLASSIFIER,
          ParameterGroup.HEAD,
          ParameterGroup.DECODER_BLOCKS,
          ParameterGroup.FILM,
          ParameterGroup.WAVEFORM_BLOCKS,
          ParameterGroup.WAVEFORM_STEM,
          ParameterGroup.POOL_PROJECT,
          ParameterGroup.PATHOLOGY_BLOCKS,
          ParameterGroup.PATHOLOGY_STEM);

  private final List<Range> sums = new ArrayList<>();

  private static NetworkConfig network() {
    return TrainingOptions.builder().width(64).build().network(List.of("NORM", "MI"), true);
  }

  private GradientBuckets buckets(long least) {
    return new GradientBuckets(LAYOUT, LAYOUT.trainable(), least, sums::add);
  }

  private void backward(GradientBuckets buckets) {
    BACKWARD.forEach(buckets::written);
  }

  private void assertEachOnce() {
    List<Range> sorted = new ArrayList<>(sums);
    sorted.sort(Comparator.comparingLong(Range::begin));
    long at = 0;
    for (Range sum : sorted) {
      assertEquals(at, sum.begin(), () -> "" + sorted);
      at = sum.end();
    }
    assertEquals(LAYOUT.trainable().end(), at);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 1_000, 50_000, 100_000, 1L << 40})
  void everyGradientIsSummedOnceInWhateverOrder(long least) {
    GradientBuckets buckets = buckets(least);
    for (int seed = 0; seed < 50; seed++) {
      List<ParameterGroup> order = new ArrayList<>(BACKWARD);
      Collections.shuffle(order, new Random(seed));
      sums.clear();
      order.forEach(buckets::written);
      int early = sums.size();
      assertTrue(sums.stream().allMatch(sum -> sum.count() >= least), () -> "" + sums);
      buckets.finish();
      assertEachOnce();
      assertTrue(least > 1 || early == order.size());
    }
  }

  @Test
  void whatIsLargeGoesAtOnceAndWhatIsSmallWithItsNeighbours() {
    GradientBuckets buckets = buckets(20_000);
    backward(buckets);
    // The head waits for the decoder, the classifier for what lies beside it.
    assertEquals(
        new Range(
            LAYOUT.range(ParameterGroup.DECODER_BLOCKS).begin(),
            LAYOUT.range(ParameterGroup.HEAD).end()),
        sums.getFirst());
    buckets.finish();
    assertEachOnce();
  }

  @Test
  void withoutOverlapThereIsOneSumOfAll() {
    GradientBuckets buckets = buckets(Long.MAX_VALUE / Float.BYTES);
    backward(buckets);
    assertTrue(sums.isEmpty());
    buckets.finish();
    assertEquals(List.of(LAYOUT.trainable()), sums);
  }

  @Test
  void chunksBeforeTheLastSumNothing() {
    GradientBuckets buckets = buckets(0);
    buckets.hold(true);
    backward(buckets);
    assertTrue(sums.isEmpty());
    buckets.hold(false);
    backward(buckets);
    buckets.finish();
    assertEachOnce();
  }

  @Test
  void aGradientThatWasNeverWrittenIsAnError() {
    GradientBuckets buckets = buckets(0);
    BACKWARD.stream().filter(group -> group != ParameterGroup.FILM).forEach(buckets::written);
    IllegalStateException e = assertThrows(IllegalStateException.class, buckets::finish);
    assertTrue(e.getMessage().contains("FILM"), e.getMessage());
  }
}
