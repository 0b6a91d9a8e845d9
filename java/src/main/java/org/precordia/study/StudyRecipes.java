// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import java.util.List;
import java.util.Locale;
import org.precordia.runtime.SupConTarget;
import org.precordia.signal.Preprocessing;
import org.precordia.train.Augmentation;
import org.precordia.train.Recipe;
import org.precordia.train.StageConfig;

/**
 * The recipes that the rows of a study are trained by. All numbers of a study are here; everything
 * that a control changes is derived from these three.
 *
 * @param name {@code quick} or {@code full}
 * @param joint everything at once
 * @param twoStage the pathology branch, then with it frozen the rest
 * @param paper the procedure of the paper's authors
 */
public record StudyRecipes(String name, Recipe joint, Recipe twoStage, Recipe paper) {
  /** Epochs of the contrastive stage of the quick recipes. */
  private static final int CONTRASTIVE_EPOCHS = 12;

  private static final String WITHOUT = "0";

  /**
   * The recipes of docs/training.md, except that the pathology branch is trained for fewer epochs
   * and the rest of the network as {@code joint} trains it.
   */
  public static StudyRecipes quick() {
    StageConfig second = secondStage(Recipe.joint().stages().getFirst());
    return new StudyRecipes(
        "quick",
        Recipe.joint(),
        quick(Recipe.twoStage(), second),
        onDefaultSignals(quick(Recipe.paper(), second)));
  }

  /** The recipes of docs/training.md as they are. */
  public static StudyRecipes full() {
    return new StudyRecipes(
        "full", Recipe.joint(), Recipe.twoStage(), onDefaultSignals(Recipe.paper()));
  }

  private static Recipe quick(Recipe recipe, StageConfig second) {
    StageConfig first = recipe.stages().getFirst().withEpochs(CONTRASTIVE_EPOCHS);
    return recipe.withName(recipe.name() + "-quick").withStages(List.of(first, second));
  }

  /** The stage that trains all but the pathology branch as a joint stage trains everything. */
  private static StageConfig secondStage(StageConfig joint) {
    return new StageConfig(
        "reconstruction",
        StageConfig.Kind.RECONSTRUCTION,
        joint.epochs(),
        joint.stepsPerEpoch(),
        joint.rate(),
        joint.weightDecay(),
        joint.clipNorm(),
        new StageConfig.Loss(0.8, 0.2, 0, 0, SupConTarget.ANY, 0.07, false),
        joint.sampler(),
        List.of(Augmentation.RECONSTRUCTION),
        joint.patience(),
        false);
  }

  /** Rows are compared on one shard, so the paper's running median is not applied. */
  private static Recipe onDefaultSignals(Recipe recipe) {
    return recipe.with("preprocessing", Preprocessing.DEFAULT.name());
  }

  /** A recipe without the anchor. */
  static Recipe withoutAnchor(Recipe recipe) {
    return recipe.with("anchor", "false");
  }

  /** {@link #joint} on the reconstruction loss alone. */
  Recipe jointWithoutLabels() {
    return joint
        .withName(joint.name() + "-without-labels")
        .with("stages.0.loss.contrastive", WITHOUT)
        .with("stages.0.loss.classifier", WITHOUT);
  }

  /** {@link #twoStage} with every patient's labels exchanged for another one's. */
  Recipe shuffled() {
    return twoStage
        .withName(twoStage.name() + "-shuffled")
        .with("labels", Recipe.Labels.SHUFFLED.name());
  }

  /** {@link #twoStage} where only the other view of a window is like it, and none is classified. */
  Recipe selfSupervised() {
    return twoStage
        .withName(twoStage.name() + "-self-supervised")
        .with("stages.0.loss.viewsOnly", "true")
        .with("stages.0.loss.classifier", WITHOUT);
  }

  /** The last stage of {@link #twoStage} alone: the pathology branch stays as it was drawn. */
  Recipe lastStage() {
    return twoStage
        .withName(twoStage.name() + "-last-stage")
        .withStages(List.of(twoStage.stages().getLast()));
  }

  /**
   * A pathology branch that was trained jointly on the reconstruction loss alone, then frozen; the
   * rest begins anew and is trained as in {@link #twoStage}.
   */
  Recipe reconstructionThenFrozen() {
    StageConfig last = twoStage.stages().getLast().withAfresh(true);
    return twoStage
        .withName(twoStage.name() + "-without-labels")
        .withStages(List.of(jointWithoutLabels().stages().getFirst(), last));
  }

  /**
   * The recipes of a name.
   *
   * @throws IllegalArgumentException when there are none
   */
  public static StudyRecipes of(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "quick" -> quick();
      case "full" -> full();
      default ->
          throw new IllegalArgumentException(
              "no recipes \"" + name + "\" for a study: choose quick or full");
    };
  }
}
