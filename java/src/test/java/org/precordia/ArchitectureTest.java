// SPDX-License-Identifier: Apache-2.0
package org.precordia;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.precordia.data.Lead;

/**
 * Dependencies run one way: the command over reports and studies, over training and evaluation,
 * over the model, over the runtime, over the bindings; what knows signals knows no model.
 */
class ArchitectureTest {
  private static final String CLI = "org.precordia.cli..";
  private static final String ROOT = "org.precordia";
  private static final String BENCHMARK = "org.precordia.benchmark..";
  private static final String REPORT = "org.precordia.report..";
  private static final String STUDY = "org.precordia.study..";
  private static final String TRAIN = "org.precordia.train..";
  private static final String EVAL = "org.precordia.eval..";
  private static final String MODEL = "org.precordia.model..";
  private static final String RUNTIME = "org.precordia.runtime..";
  private static final String DISTRIBUTED = "org.precordia.distributed..";
  private static final String BINDINGS = "org.precordia.bindings..";
  private static final String DATA = "org.precordia.data..";
  private static final String DOWNLOAD = "org.precordia.download..";
  private static final String SYNTH = "org.precordia.synth..";
  private static final String SIGNAL = "org.precordia.signal..";
  private static final String PROFILE = "org.precordia.profile..";

  private static JavaClasses classes;

  @BeforeAll
  static void readClasses() throws URISyntaxException {
    Path compiled = Path.of(Lead.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    classes = new ClassFileImporter().importPath(compiled);
  }

  @Test
  void signalKnowsNothingOfOurs() {
    knowsOnly(SIGNAL, SIGNAL);
  }

  @Test
  void profileKnowsNothingOfOurs() {
    knowsOnly(PROFILE, PROFILE);
  }

  @Test
  void dataKnowsSignalAlone() {
    knowsOnly(DATA, DATA, SIGNAL);
  }

  @Test
  void downloadKnowsDataAlone() {
    knowsOnly(DOWNLOAD, DOWNLOAD, DATA);
  }

  @Test
  void syntheticCohortKnowsDataAndSignalAlone() {
    knowsOnly(SYNTH, SYNTH, DATA, SIGNAL);
  }

  @Test
  void runtimeKnowsBindingsAndProfileAlone() {
    knowsOnly(RUNTIME, RUNTIME, BINDINGS, PROFILE);
  }

  @Test
  void distributedKnowsTheRuntimeAlone() {
    knowsOnly(DISTRIBUTED, DISTRIBUTED, RUNTIME);
  }

  @Test
  void modelKnowsRuntimeDataSignalAndProfileAlone() {
    knowsOnly(MODEL, MODEL, RUNTIME, DATA, SIGNAL, PROFILE);
  }

  @Test
  void studyKnowsTrainingAndEvaluationAndWhatTheyKnow() {
    knowsOnly(STUDY, STUDY, EVAL, TRAIN, MODEL, RUNTIME, DATA, SIGNAL);
  }

  @Test
  void onlyTheRuntimeKnowsTheBindings() {
    check(
        noClasses()
            .that(resideInAPackage("org.precordia..").and(not(resideInAPackage(RUNTIME))))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(BINDINGS));
  }

  @Test
  void nothingKnowsTheCommand() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(
                ROOT,
                BENCHMARK,
                REPORT,
                STUDY,
                TRAIN,
                EVAL,
                MODEL,
                DISTRIBUTED,
                RUNTIME,
                DATA,
                DOWNLOAD,
                SYNTH,
                SIGNAL,
                PROFILE)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(CLI));
  }

  @Test
  void whatIsMeasuredKnowsNoBenchmark() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(
                ROOT, STUDY, TRAIN, EVAL, MODEL, DISTRIBUTED, RUNTIME, DATA, SYNTH, SIGNAL)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(BENCHMARK));
  }

  @Test
  void packagesHaveNoCycles() {
    check(slices().matching("org.precordia.(*)..").should().beFreeOfCycles());
  }

  @Test
  void onlyTheCommandPrints() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(CLI)
            .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS));
  }

  /** Of Precordia's own packages, one may know only those listed. */
  private static void knowsOnly(String layer, String... allowed) {
    check(
        noClasses()
            .that()
            .resideInAPackage(layer)
            .should()
            .dependOnClassesThat(
                resideInAPackage("org.precordia..").and(not(resideInAnyPackage(allowed)))));
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(classes);
  }
}
