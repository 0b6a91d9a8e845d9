// SPDX-License-Identifier: Apache-2.0
package org.precordia;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.precordia.data.DataException;
import org.precordia.data.Lead;
import org.precordia.data.LimbLeads;
import org.precordia.data.Recording;
import org.precordia.model.LeadSets;
import org.precordia.model.ModelFile;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Precision;
import org.precordia.runtime.Backend;
import org.precordia.runtime.ContextOptions;
import org.precordia.signal.Preprocessor;
import org.precordia.synth.SyntheticCohort;

/** Whole recordings through a model whose result can be computed by hand. */
class ReconstructorTest {
  private static Reconstructor model;

  @BeforeAll
  static void load() {
    model =
        Reconstructor.load(
            TestModels.linear(), Backend.CPU.select(), ContextOptions.DEFAULT.withThreads(1));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void reconstructedLeadsAreTheModelsFunctionOfTheFilteredInputs() throws DataException {
    Recording inputs = threeLeads(100, 10);
    Reconstruction made = model.reconstruct(inputs, ReconstructionOptions.DEFAULT);
    Preprocessor filter = new Preprocessor(model.model().preprocessing(), 100, 100);
    double[][] filtered = new double[3][];
    for (int n = 0; n < 3; n++) {
      filtered[n] = filter.apply(inputs.millivolts()[n]);
    }
    for (int t = 0; t < NetworkConfig.DEFAULT_TARGETS.size(); t++) {
      float[] lead = made.recording().signal(NetworkConfig.DEFAULT_TARGETS.get(t));
      for (int i = 0; i < lead.length; i++) {
        double expected = TestModels.bias(t);
        for (int n = 0; n < 3; n++) {
          expected +=
              TestModels.weight(t, n) * (filtered[n][i] - TestModels.MEAN) / TestModels.DEVIATION;
        }
        assertEquals(expected, lead[i], 2e-6, "target " + t + ", sample " + i);
      }
    }
  }

  @Test
  void measuredLeadsAreUntouchedAndLimbLeadsDerived() throws DataException {
    Recording inputs = threeLeads(500, 8);
    Reconstruction made = model.reconstruct(inputs, ReconstructionOptions.DEFAULT);
    assertEquals(Lead.TWELVE, made.recording().leads());
    assertEquals(Set.of(Lead.I, Lead.II, Lead.V2), made.measured());
    assertEquals(Set.of(Lead.III, Lead.AVR, Lead.AVL, Lead.AVF), made.derived());
    assertEquals(Set.copyOf(NetworkConfig.DEFAULT_TARGETS), made.reconstructed());
    assertEquals(500, made.recording().rate());
    assertEquals(inputs.length(), made.recording().length());
    for (Lead lead : inputs.leads()) {
      assertSame(inputs.signal(lead), made.recording().signal(lead));
    }
    float[] three = made.recording().signal(Lead.III);
    for (int i = 0; i < three.length; i++) {
      assertEquals(inputs.signal(Lead.II)[i] - inputs.signal(Lead.I)[i], three[i], 1e-6);
    }
    assertTrue(made.recording().comments().stream().anyMatch(c -> c.contains("not for diagnosis")));
    assertTrue(made.recording().comments().stream().anyMatch(c -> c.contains(model.modelHash())));
  }

  @Test
  void aLeadThatWasMeasuredIsNotReconstructedUnlessAskedFor() throws DataException {
    Recording twelve = new SyntheticCohort(1, 5).read(0);
    Reconstruction kept = model.reconstruct(twelve, ReconstructionOptions.DEFAULT);
    assertTrue(kept.reconstructed().isEmpty());
    Reconstruction made = model.reconstruct(twelve, new ReconstructionOptions(false, true));
    assertEquals(Set.copyOf(NetworkConfig.DEFAULT_TARGETS), made.reconstructed());
  }

  @Test
  void filteredMeasuredLeadsLieInTheModelsBand() throws DataException {
    Recording inputs = threeLeads(100, 10);
    float[] offset = inputs.signal(Lead.I).clone();
    for (int i = 0; i < offset.length; i++) {
      offset[i] += 2;
    }
    Recording shifted =
        new Recording(
            "shifted",
            100,
            inputs.leads(),
            new float[][] {offset, inputs.millivolts()[1], inputs.millivolts()[2]},
            List.of());
    Recording filtered =
        model.reconstruct(shifted, new ReconstructionOptions(true, false)).recording();
    double mean = 0;
    for (float value : filtered.signal(Lead.I)) {
      mean += value / filtered.length();
    }
    assertEquals(0, mean, 0.05, "the band has no constant part");
  }

  @Test
  void aGapGivesNoResultAroundItAndOneElsewhere() throws DataException {
    Recording inputs = threeLeads(100, 30);
    float[] gap = inputs.signal(Lead.II).clone();
    for (int i = 1500; i < 1520; i++) {
      gap[i] = Float.NaN;
    }
    Recording broken =
        new Recording(
            "gap",
            100,
            inputs.leads(),
            new float[][] {inputs.millivolts()[0], gap, inputs.millivolts()[2]},
            List.of());
    Reconstruction made = model.reconstruct(broken, ReconstructionOptions.DEFAULT);
    float[] lead = made.recording().signal(Lead.V5);
    assertTrue(Float.isNaN(lead[1510]));
    assertTrue(Float.isFinite(lead[100]));
    assertTrue(Float.isFinite(lead[2900]));
    assertTrue(made.warnings().stream().anyMatch(w -> w.contains("II") && w.contains("20 of")));
  }

  @Test
  void aFlatInputGivesNothingAndIsNamed() throws DataException {
    Recording inputs = threeLeads(100, 5);
    Recording flat =
        new Recording(
            "flat",
            100,
            inputs.leads(),
            new float[][] {inputs.millivolts()[0], inputs.millivolts()[1], new float[500]},
            List.of());
    Reconstruction made = model.reconstruct(flat, ReconstructionOptions.DEFAULT);
    for (float value : made.recording().signal(Lead.V4)) {
      assertTrue(Float.isNaN(value));
    }
    assertTrue(made.warnings().stream().anyMatch(w -> w.contains("V2 is flat")));
  }

  @Test
  void aShortRecordIsExtendedWithAWarning() throws DataException {
    Reconstruction made = model.reconstruct(threeLeads(100, 2), ReconstructionOptions.DEFAULT);
    assertEquals(200, made.recording().length());
    assertTrue(made.warnings().stream().anyMatch(w -> w.contains("shorter than a window")));
    for (float value : made.recording().signal(Lead.V6)) {
      assertTrue(Float.isFinite(value));
    }
  }

  @Test
  void amplitudesBeyondTheTrainingSetsAreWarnedOf() throws DataException {
    Recording inputs = threeLeads(100, 5);
    float[] large = inputs.signal(Lead.V2).clone();
    for (int i = 0; i < large.length; i++) {
      large[i] *= 20;
    }
    Recording beyond =
        new Recording(
            "large",
            100,
            inputs.leads(),
            new float[][] {inputs.millivolts()[0], inputs.millivolts()[1], large},
            List.of());
    assertTrue(
        model.reconstruct(beyond, ReconstructionOptions.DEFAULT).warnings().stream()
            .anyMatch(w -> w.contains("V2 reaches")));
    assertTrue(model.reconstruct(inputs, ReconstructionOptions.DEFAULT).warnings().isEmpty());
  }

  @Test
  void aMissingInputIsNamed() {
    Recording inputs = threeLeads(100, 5);
    Recording without =
        new Recording(
            "two",
            100,
            List.of(Lead.I, Lead.II),
            new float[][] {inputs.millivolts()[0], inputs.millivolts()[1]},
            List.of());
    DataException e = assertThrows(DataException.class, () -> model.reconstruct(without));
    assertTrue(e.getMessage().contains("V2"), e.getMessage());
  }

  @Test
  void severalModelsAreAveraged() throws DataException {
    Recording few =
        LimbLeads.select(
            new SyntheticCohort(1, 6).read(0), List.of(Lead.I, Lead.II, Lead.V2), false);
    List<ModelFile> models = List.of(TestModels.linear(), TestModels.random(true));
    List<float[]> each = new ArrayList<>();
    for (ModelFile one : models) {
      try (Reconstructor alone =
          Reconstructor.load(one, Backend.CPU.select(), ContextOptions.DEFAULT)) {
        each.add(alone.reconstruct(few).signal(Lead.V4));
      }
    }
    try (Reconstructor both =
        Reconstructor.load(models, Backend.CPU.select(), ContextOptions.DEFAULT, Precision.FP32)) {
      Recording made = both.reconstruct(few);
      float[] mean = new float[each.getFirst().length];
      for (int i = 0; i < mean.length; i++) {
        mean[i] = (each.getFirst()[i] + each.getLast()[i]) / 2;
      }
      assertArrayEquals(mean, made.signal(Lead.V4), 1e-4f);
      for (ModelFile one : models) {
        assertTrue(made.comments().stream().anyMatch(c -> c.contains(one.hash())));
      }
    }
  }

  @Test
  void besideOneMeasuredLimbLeadOnlyItsPartnerIsReconstructed() throws DataException {
    Recording twelve = new SyntheticCohort(1, 6).read(0);
    LeadSets chest = LeadSets.of(List.of(Lead.V1, Lead.V2));
    assertEquals(List.of(Lead.I, Lead.II, Lead.V3, Lead.V4, Lead.V5, Lead.V6), chest.targets());
    try (Reconstructor ofChest =
        Reconstructor.load(
            TestModels.linear(chest), Backend.CPU.select(), ContextOptions.DEFAULT)) {
      for (Lead measured : List.of(Lead.I, Lead.III, Lead.AVR, Lead.AVL)) {
        Lead partner = LimbLeads.partner(measured);
        Recording few = LimbLeads.select(twelve, List.of(measured, Lead.V1, Lead.V2), false);
        Reconstruction made = ofChest.reconstruct(few, ReconstructionOptions.DEFAULT);
        Recording result = made.recording();
        assertEquals(Lead.TWELVE, result.leads());
        assertEquals(Set.of(measured, Lead.V1, Lead.V2), made.measured());
        assertTrue(made.derived().isEmpty());
        assertSame(few.signal(measured), result.signal(measured));
        float[] alone =
            ofChest.reconstruct(LimbLeads.select(few, chest.inputs(), false)).signal(partner);
        assertArrayEquals(alone, result.signal(partner), "the network's own");
        for (Lead lead : List.of(Lead.III, Lead.AVR, Lead.AVL, Lead.AVF)) {
          assertArrayEquals(
              LimbLeads.derive(lead, result.signal(Lead.I), result.signal(Lead.II)),
              result.signal(lead),
              2e-6f,
              measured + " measured, " + lead);
        }
        assertTrue(
            result.comments().stream()
                .anyMatch(c -> c.contains("computed from two limb leads of which one or both")));
      }
    }
  }

  @Test
  void aDerivableInputIsDerived() throws DataException {
    Recording inputs = threeLeads(100, 5);
    float[] three = new float[inputs.length()];
    for (int i = 0; i < three.length; i++) {
      three[i] = inputs.signal(Lead.II)[i] - inputs.signal(Lead.I)[i];
    }
    Recording withThree =
        new Recording(
            "derivable",
            100,
            List.of(Lead.I, Lead.III, Lead.V2),
            new float[][] {inputs.millivolts()[0], three, inputs.millivolts()[2]},
            List.of());
    assertArrayEquals(
        model.reconstruct(inputs).signal(Lead.V5),
        model.reconstruct(withThree).signal(Lead.V5),
        1e-5f);
  }

  @Test
  void concurrentCallsTakeTurns() throws Exception {
    Recording first = threeLeads(100, 20);
    Recording second = new SyntheticCohort(1, 9).read(0);
    float[] alone = model.reconstruct(first).signal(Lead.V3);
    try (ExecutorService workers = Executors.newFixedThreadPool(4)) {
      List<Future<float[]>> results = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        Recording recording = i % 2 == 0 ? first : second;
        results.add(workers.submit(() -> model.reconstruct(recording).signal(Lead.V3)));
      }
      for (int i = 0; i < results.size(); i += 2) {
        assertArrayEquals(alone, results.get(i).get());
      }
    }
  }

  @Test
  void theModelThatComesAlongFollowsWhatItHasNotSeen() throws Exception {
    Recording twelve = new SyntheticCohort(1, 4).read(0);
    try (Reconstructor included = Reconstructor.load()) {
      assertEquals(NetworkConfig.DEFAULT_INPUTS, included.model().network().inputs());
      Recording made =
          included.reconstruct(twelve, new ReconstructionOptions(false, true)).recording();
      for (Lead lead : NetworkConfig.DEFAULT_TARGETS) {
        double r = correlation(twelve.signal(lead), made.signal(lead));
        assertTrue(r > 0.5, lead + ": correlation " + r);
      }
    }
  }

  private static double correlation(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
  }

  @Test
  void aClosedModelSaysSo() {
    Reconstructor closed =
        Reconstructor.load(TestModels.linear(), Backend.CPU.select(), ContextOptions.DEFAULT);
    closed.close();
    closed.close();
    assertThrows(IllegalStateException.class, () -> closed.reconstruct(threeLeads(100, 5)));
    assertFalse(closed.modelHash().isEmpty());
  }

  /** Leads I, II and V2 of a synthetic recording. */
  private static Recording threeLeads(double rate, double seconds) {
    Recording twelve =
        new SyntheticCohort(SyntheticCohort.Options.of(1, 4).withRate(rate).withSeconds(seconds))
            .read(0);
    return new Recording(
        "three",
        rate,
        List.of(Lead.I, Lead.II, Lead.V2),
        new float[][] {twelve.signal(Lead.I), twelve.signal(Lead.II), twelve.signal(Lead.V2)},
        List.of());
  }
}
