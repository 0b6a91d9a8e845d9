// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.precordia.model.ParameterLayout;
import org.precordia.model.ParameterLayout.Range;
import org.precordia.model.ParameterTensor;
import org.precordia.model.Weights;
import org.precordia.runtime.AdamWOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.FillOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * Gradients, moments and moving average of a network's trained parameters, in flat buffers laid out
 * as the parameters are.
 */
final class Optimiser implements AutoCloseable {
  private final Resources resources = new Resources();
  private final Arena arena = resources.add(Arena.ofShared());
  private final Recipe recipe;
  private final Stream stream;
  private final Weights weights;
  private final Weights average;
  private final Tensor gradients;
  private final Tensor firstMoment;
  private final Tensor secondMoment;

  /** Allocates moments of zero, and a moving average if the recipe keeps one. */
  Optimiser(Weights weights, Recipe recipe) {
    this.recipe = recipe;
    this.weights = weights;
    this.stream = weights.stream();
    long trained = weights.layout().trainableCount();
    gradients = resources.allocate(stream, DType.F32, trained);
    firstMoment = resources.allocate(stream, DType.F32, trained);
    secondMoment = resources.allocate(stream, DType.F32, trained);
    average =
        recipe.averageDecay() > 0
            ? resources.add(new Weights(stream, weights.config(), weights.activations()))
            : weights;
    zero(gradients);
    reset();
  }

  /** Gradients of the trained parameters, F32. */
  Tensor gradients() {
    return gradients;
  }

  /** Mean of past squared and plain gradients, F32. */
  Tensor firstMoment() {
    return firstMoment;
  }

  /** Mean of past squared gradients, F32. */
  Tensor secondMoment() {
    return secondMoment;
  }

  /** What is validated and saved: the moving average, or the parameters where there is none. */
  Weights validated() {
    return average;
  }

  /** Whether a moving average is kept. */
  boolean averages() {
    return average != weights;
  }

  /** Starts anew from the parameters: moments 0, average equal to them. */
  void reset() {
    zero(firstMoment);
    zero(secondMoment);
  }

  /** Sets parameters, and the average with them. */
  void setParameters(float[] flat) {
    weights.upload(flat);
    if (averages()) {
      average.upload(flat);
    }
  }

  private void zero(Tensor tensor) {
    new FillOp(arena).value(0).tensor(tensor).run(stream);
  }

  /** An op that sets the gradients of a range to zero. */
  FillOp clear(Arena memory, Range range) {
    return new FillOp(memory).value(0).tensor(part(gradients, range));
  }

  /**
   * The update of a stage.
   *
   * @param range what the stage trains
   * @param own receives buffers that live as long as the op
   */
  AdamWOp update(Arena memory, Resources own, StageConfig stage, Range range, Tensor state) {
    List<Long> bounds = new ArrayList<>();
    List<Float> decays = new ArrayList<>();
    for (ParameterTensor tensor : weights.layout().tensors()) {
      if (tensor.offset() >= range.begin() && tensor.end() <= range.end()) {
        bounds.add(tensor.offset() - range.begin());
        decays.add(tensor.decays() ? 1f : 0f);
      }
    }
    bounds.add(range.count());
    Tensor segments = own.allocate(stream, DType.I64, bounds.size());
    segments.upload(stream, bounds.stream().mapToLong(Long::longValue).toArray());
    float[] factors = new float[decays.size()];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = decays.get(i);
    }
    Tensor decay = own.allocate(stream, DType.F32, factors.length);
    decay.upload(stream, factors);
    AdamWOp op =
        new AdamWOp(memory)
            .beta1((float) recipe.beta1())
            .beta2((float) recipe.beta2())
            .epsilon((float) recipe.epsilon())
            .weightDecay((float) stage.weightDecay())
            .clipNorm((float) stage.clipNorm())
            .parameters(weights.values(range))
            .gradients(part(gradients, range))
            .firstMoment(part(firstMoment, range))
            .secondMoment(part(secondMoment, range))
            .segments(segments)
            .decay(decay)
            .state(state);
    if (averages()) {
      op.averageDecay((float) recipe.averageDecay()).average(average.values(range));
    }
    return op;
  }

  private static Tensor part(Tensor flat, Range range) {
    return flat.slice(range.begin(), range.end());
  }

  /** What a stage trains. */
  static Range range(ParameterLayout layout, StageConfig.Kind kind) {
    return switch (kind) {
      case JOINT -> layout.trainable();
      case CONTRASTIVE, CLASSIFICATION -> layout.pathology();
      case RECONSTRUCTION -> layout.waveform();
    };
  }

  @Override
  public void close() {
    resources.close();
  }
}
