// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.List;
import org.precordia.runtime.Schedule;
import org.precordia.runtime.SupConTarget;

/**
 * One stage of a recipe.
 *
 * @param name name in metrics and messages
 * @param kind what is trained
 * @param epochs passes over the training windows
 * @param stepsPerEpoch steps of an epoch; 0: training windows / windows of a step
 * @param rate learning rate over the steps
 * @param weightDecay decoupled decay on tensors of rank 2 and more
 * @param clipNorm largest norm of the gradient; 0: no clipping
 * @param loss weights and form of the losses
 * @param sampler which windows a step sees
 * @param views one augmentation a view: one, or two for contrast
 * @param patience what is done when the inner validation makes no progress
 * @param afresh whether what the stage trains begins at its first parameters, whatever an earlier
 *     stage made of it
 */
public record StageConfig(
    String name,
    Kind kind,
    int epochs,
    int stepsPerEpoch,
    Rate rate,
    double weightDecay,
    double clipNorm,
    Loss loss,
    Sampling sampler,
    List<Augmentation> views,
    Patience patience,
    boolean afresh) {

  /** What a stage trains. */
  public enum Kind {
    /** Everything, on all losses. */
    JOINT,
    /** The pathology branch, on the contrastive loss and the classifier's. */
    CONTRASTIVE,
    /** The pathology branch of a network that reconstructs nothing, on the classifier's loss. */
    CLASSIFICATION,
    /** All but the pathology branch, on the reconstruction loss. */
    RECONSTRUCTION;

    /** Whether leads are reconstructed in it. */
    public boolean reconstructs() {
      return this == JOINT || this == RECONSTRUCTION;
    }
  }

  /**
   * Learning rate over the steps.
   *
   * @param schedule its form
   * @param peak highest rate
   * @param last rate at the end, cosine only
   * @param warmup one-cycle: share of the steps that the rate rises; cosine: epochs that it stays
   */
  public record Rate(Schedule schedule, double peak, double last, double warmup) {
    public Rate {
      if (!(peak > 0) || !(last >= 0) || !(warmup >= 0)) {
        throw new IllegalArgumentException(
            "rates must be positive: peak " + peak + ", last " + last + ", warmup " + warmup);
      }
    }

    /** Steps of warm-up or of constant rate. */
    long warmupSteps(long steps, long stepsPerEpoch) {
      long wanted =
          switch (schedule) {
            case CONSTANT -> 0;
            case ONE_CYCLE -> Math.round(warmup * steps);
            case COSINE -> Math.round(warmup * stepsPerEpoch);
          };
      return Math.min(wanted, steps);
    }
  }

  /**
   * Losses.
   *
   * @param mse share of the mean squared error in the reconstruction loss
   * @param l1 share of the mean absolute error in it
   * @param contrastive weight of the contrastive loss
   * @param classifier weight of the classifier's loss
   * @param target form of the contrastive loss
   * @param temperature τ of the contrastive loss
   * @param viewsOnly whether the other view of a window is its only positive
   */
  public record Loss(
      double mse,
      double l1,
      double contrastive,
      double classifier,
      SupConTarget target,
      double temperature,
      boolean viewsOnly) {
    public Loss {
      if (!(mse >= 0) || !(l1 >= 0) || !(contrastive >= 0) || !(classifier >= 0)) {
        throw new IllegalArgumentException("weights of losses must not be negative");
      }
      if (!(2 / temperature < 80)) {
        throw new IllegalArgumentException("temperature must exceed 0.025, was " + temperature);
      }
    }
  }

  /**
   * Which windows a step sees.
   *
   * @param balanced whether codes are drawn first, then patients, then windows; else records are
   *     drawn uniformly
   * @param windows windows of a step when not balanced
   * @param codes codes of a step when balanced
   * @param windowsPerCode windows of a code when balanced
   * @param leastPatients codes with fewer training patients fall back to their superclass
   * @param withReplacement whether codes, and windows of a code, may repeat in a step; else codes
   *     are distinct while there are enough, and windows come from distinct patients
   */
  public record Sampling(
      boolean balanced,
      int windows,
      int codes,
      int windowsPerCode,
      int leastPatients,
      boolean withReplacement) {
    public Sampling {
      if (balanced ? codes < 1 || windowsPerCode < 1 : windows < 1) {
        throw new IllegalArgumentException("a step sees at least one window");
      }
    }

    /** Records drawn uniformly. */
    public static Sampling uniform(int windows) {
      return new Sampling(false, windows, 0, 0, 0, false);
    }

    /** Distinct codes, distinct patients of each, falling back below 20 patients. */
    public static Sampling balanced(int codes, int windowsPerCode) {
      return new Sampling(true, 0, codes, windowsPerCode, 20, false);
    }

    /** Windows of a step, views not counted. */
    public int batch() {
      return balanced ? codes * windowsPerCode : windows;
    }
  }

  /**
   * What is done when the inner validation makes no progress.
   *
   * @param halveAfter epochs after which the rate is halved; 0: never
   * @param stopAfter epochs after which the stage ends; 0: never
   */
  public record Patience(int halveAfter, int stopAfter) {
    /** Goes on to the last epoch. */
    public static final Patience NONE = new Patience(0, 0);
  }

  public StageConfig {
    views = List.copyOf(views);
    if (epochs < 1) {
      throw new IllegalArgumentException(name + ": epochs must be positive, were " + epochs);
    }
    if (stepsPerEpoch < 0) {
      throw new IllegalArgumentException(name + ": steps per epoch must not be negative");
    }
    int most = kind == Kind.CONTRASTIVE ? 2 : 1;
    if (views.isEmpty() || views.size() > most) {
      throw new IllegalArgumentException(
          "%s: %d views of a window, a %s stage takes 1%s"
              .formatted(name, views.size(), kind, most == 2 ? " or 2" : ""));
    }
  }

  /** The same stage with another number of epochs. */
  public StageConfig withEpochs(int count) {
    return new StageConfig(
        name,
        kind,
        count,
        stepsPerEpoch,
        rate,
        weightDecay,
        clipNorm,
        loss,
        sampler,
        views,
        patience,
        afresh);
  }

  /** The same stage, what it trains begun anew or not. */
  public StageConfig withAfresh(boolean anew) {
    return new StageConfig(
        name,
        kind,
        epochs,
        stepsPerEpoch,
        rate,
        weightDecay,
        clipNorm,
        loss,
        sampler,
        views,
        patience,
        anew);
  }
}
