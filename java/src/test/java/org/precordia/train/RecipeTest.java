// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.precordia.model.Conditioning;
import org.precordia.runtime.SupConTarget;
import org.precordia.signal.Preprocessing;

/** Recipes, their overrides and their plans. */
class RecipeTest {
  @ParameterizedTest
  @ValueSource(strings = {"joint", "two-stage", "paper", "diagnosis"})
  void aRecipeComesBackFromItsJson(String name) {
    Recipe recipe = Recipe.of(name);
    assertEquals(name, recipe.name());
    assertEquals(recipe, Recipe.ofJson(recipe.toJson()));
  }

  @Test
  void everyNumberCanBeOverridden() {
    Recipe recipe =
        Recipe.joint()
            .with("stages.0.rate.peak", "0.002")
            .with("stages.0.loss.target", "OUT")
            .with("stages.0.views.0.noiseSd", "0.5")
            .with("averageDecay", "0.9");
    assertEquals(0.002, recipe.stages().getFirst().rate().peak());
    assertEquals(SupConTarget.OUT, recipe.stages().getFirst().loss().target());
    assertEquals(0.5, recipe.stages().getFirst().views().getFirst().noiseSd());
    assertEquals(0.9, recipe.averageDecay());
  }

  @Test
  void anOverrideThatMakesNoSenseSaysWhy() {
    Recipe recipe = Recipe.joint();
    String unknown =
        assertThrows(IllegalArgumentException.class, () -> recipe.with("stages.0.pace", "1"))
            .getMessage();
    assertTrue(unknown.contains("'pace'") && unknown.contains("epochs"), unknown);
    assertThrows(IllegalArgumentException.class, () -> recipe.with("stages.3.epochs", "1"));
    assertThrows(IllegalArgumentException.class, () -> recipe.with("innerShare", "2"));
    assertThrows(
        IllegalArgumentException.class, () -> recipe.with("stages.0.loss.temperature", "0.01"));
    assertThrows(IllegalArgumentException.class, () -> Recipe.of("none"));
  }

  @Test
  void thePaperDiffersWhereItsAuthorsDo() {
    Recipe paper = Recipe.paper();
    assertEquals(Preprocessing.PAPER, paper.preprocessing());
    assertFalse(paper.anchor());
    assertEquals(0, paper.averageDecay());
    assertEquals(12 * 6, paper.stages().getFirst().sampler().batch());
    assertEquals(2, paper.stages().getFirst().views().size());
  }

  @Test
  void stagesFollowEachOtherInThePlan() {
    TrainingOptions options = TrainingOptions.builder().build();
    List<StagePlan> plans = StagePlan.of(Recipe.twoStage(), options, 2_400);
    assertEquals(2, plans.size());
    assertEquals(10, plans.get(0).stepsPerEpoch());
    assertEquals(600, plans.get(0).steps());
    assertEquals(600, plans.get(1).firstStep());
    assertEquals(37, plans.get(1).stepsPerEpoch());
  }

  @Test
  void aLimitOfStepsCutsEveryStage() {
    TrainingOptions options = TrainingOptions.builder().maxSteps(15).build();
    List<StagePlan> plans = StagePlan.of(Recipe.twoStage(), options, 2_400);
    assertEquals(15, plans.get(0).steps());
    assertEquals(2, plans.get(0).epochs());
    assertEquals(15, plans.get(1).steps());
    assertEquals(1, plans.get(1).epochs());
  }

  @Test
  void withoutPathologyContrastiveStagesAreLeftOut() {
    TrainingOptions options = TrainingOptions.builder().conditioning(Conditioning.NONE).build();
    List<StagePlan> plans = StagePlan.of(Recipe.twoStage(), options, 2_400);
    assertEquals(1, plans.size());
    assertEquals("reconstruction", plans.getFirst().stage().name());
  }

  @Test
  void aStageOfOneViewTakesNoSecond() {
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          StageConfig joint = Recipe.joint().stages().getFirst();
          new StageConfig(
              joint.name(),
              joint.kind(),
              1,
              0,
              joint.rate(),
              0,
              0,
              joint.loss(),
              joint.sampler(),
              List.of(Augmentation.FIRST_VIEW, Augmentation.SECOND_VIEW),
              joint.patience(),
              false);
        });
  }
}
