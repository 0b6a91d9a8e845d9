// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import java.util.List;
import java.util.Locale;
import org.precordia.signal.Preprocessing;
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
  /** Epochs of the quick recipes, by which a study's rows are compared in an afternoon. */
  private static final int EPOCHS = 4;

  private static final int CONTRASTIVE_EPOCHS = 5;

  private static final String WITHOUT = "0";

  /**
   * The recipes of docs/training.md with fewer epochs, every stage with the rates and the decay of
   * {@code joint}: in so few steps a constant small rate would leave the pathology branch half
   * trained, and a claim about its h would be one about that.
   */
  public static StudyRecipes quick() {
    Recipe joint = Recipe.joint().withName("joint-quick").withEpochs(EPOCHS);
    return new StudyRecipes(
        "quick",
        joint,
        quick(Recipe.twoStage(), joint),
        onDefaultSignals(quick(Recipe.paper(), joint)));
  }

  /** The recipes of docs/training.md as they are. */
  public static StudyRecipes full() {
    return new StudyRecipes(
        "full", Recipe.joint(), Recipe.twoStage(), onDefaultSignals(Recipe.paper()));
  }

  private static Recipe quick(Recipe recipe, Recipe joint) {
    StageConfig pace = joint.stages().getFirst();
    StageConfig first = recipe.stages().getFirst();
    StageConfig last = recipe.stages().getLast();
    return recipe
        .withName(recipe.name() + "-quick")
        .withStages(
            List.of(
                atPaceOf(pace, CONTRASTIVE_EPOCHS, first, first.sampler()),
                atPaceOf(pace, EPOCHS, last, pace.sampler())));
  }

  /** A stage with the rates, decay and clipping of another one. */
  private static StageConfig atPaceOf(
      StageConfig pace, int epochs, StageConfig stage, StageConfig.Sampling sampler) {
    return new StageConfig(
        stage.name(),
        stage.kind(),
        epochs,
        stage.stepsPerEpoch(),
        pace.rate(),
        pace.weightDecay(),
        pace.clipNorm(),
        stage.loss(),
        sampler,
        stage.views(),
        pace.patience(),
        stage.afresh());
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
