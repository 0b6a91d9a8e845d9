// SPDX-License-Identifier: Apache-2.0
package org.precordia.synth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.precordia.data.Lead;
import org.precordia.data.Recording;
import org.precordia.signal.Philox;
import org.precordia.synth.SyntheticCohort.Options;

class TorsoTest {
  private static final List<Lead> INPUTS = List.of(Lead.I, Lead.II, Lead.V2);
  private static final List<Lead> TARGETS = List.of(Lead.V1, Lead.V3, Lead.V4, Lead.V5, Lead.V6);

  /** Over many torsos the lead field is Dower's, a little blurred by the electrodes' shifts. */
  @Test
  void averageTorsoIsDowers() {
    double[][] dower = {
      {0.632, -0.235, 0.059},
      {0.235, 1.066, -0.132},
      {-0.515, 0.157, -0.917},
      {0.044, 0.164, -1.387},
      {0.882, 0.098, -1.277},
      {1.213, 0.127, -0.601},
      {1.125, 0.127, -0.086},
      {0.831, 0.076, 0.230},
    };
    int torsos = 4000;
    double[][] mean = new double[Torso.LEADS][3];
    double[] leads = new double[Torso.LEADS];
    for (int i = 0; i < torsos; i++) {
      Torso torso = new Torso(new Philox(1, i, 0, 0), new Philox(1, i, 0, 1));
      for (int axis = 0; axis < 3; axis++) {
        DipoleWave unit =
            new DipoleWave(
                DipoleWave.Kind.QRS,
                0,
                0.01,
                0.01,
                axis == 0 ? 1 : 0,
                axis == 1 ? 1 : 0,
                axis == 2 ? 1 : 0);
        torso.project(unit, 0, leads);
        for (int lead = 0; lead < Torso.LEADS; lead++) {
          mean[lead][axis] += leads[lead] / torsos;
        }
      }
    }
    for (int lead = 0; lead < Torso.LEADS; lead++) {
      for (int axis = 0; axis < 3; axis++) {
        assertEquals(dower[lead][axis], mean[lead][axis], 0.2, "lead " + lead + " axis " + axis);
      }
    }
  }

  /** A near field reaches the electrodes above its region, and no limb lead. */
  @Test
  void nearFieldIsLocal() {
    DipoleWave scar =
        new DipoleWave(DipoleWave.Kind.QRS, 0, 0.01, 0.01, 0, 0, 0).nearField(-1, 3, 0.8);
    double[] leads = new double[Torso.LEADS];
    double[] mean = new double[Torso.LEADS];
    for (int i = 0; i < 200; i++) {
      new Torso(new Philox(2, i, 0, 0), new Philox(2, i, 0, 1)).project(scar, 0.1, leads);
      assertEquals(0, leads[0]);
      assertEquals(0, leads[1]);
      for (int lead = 0; lead < Torso.LEADS; lead++) {
        mean[lead] += leads[lead] / 200;
      }
    }
    int v3 = Lead.INDEPENDENT.indexOf(Lead.V3);
    int v6 = Lead.INDEPENDENT.indexOf(Lead.V6);
    assertTrue(mean[v3] < -0.5 && Math.abs(mean[v6]) < 0.1);
  }

  /**
   * The cohort's purpose: one linear map for all patients gives the missing leads roughly, a map
   * fitted to the patient gives them much better, so what differs between patients is worth
   * finding.
   */
  @Test
  void oneLinearMapForAllFitsRoughlyAndOnePerPatientFitsWell() {
    SyntheticCohort cohort = new SyntheticCohort(Options.of(240, 31).withSeconds(5));
    LinearMap common = new LinearMap();
    for (int i = 0; i < 160; i++) {
      common.add(cohort.read(i));
    }
    double commonCorrelation = 0;
    double ownCorrelation = 0;
    for (int i = 160; i < 240; i++) {
      Recording recording = cohort.read(i);
      LinearMap own = new LinearMap();
      own.add(recording);
      commonCorrelation += common.correlation(recording) / 80;
      ownCorrelation += own.correlation(recording) / 80;
    }
    assertTrue(commonCorrelation > 0.82 && commonCorrelation < 0.95, "common " + commonCorrelation);
    assertTrue(ownCorrelation > commonCorrelation + 0.02, "own " + ownCorrelation);
  }

  /** Least squares from the inputs and a constant to each target. */
  private static final class LinearMap {
    private static final int N = 4;
    private final double[][] normal = new double[N][N + TARGETS.size()];
    private final List<double[]> columns = new ArrayList<>();

    void add(Recording recording) {
      for (int t = 0; t < recording.length(); t++) {
        double[] row = row(recording, t);
        for (int a = 0; a < N; a++) {
          for (int b = 0; b < row.length; b++) {
            normal[a][b] += row[a] * row[b];
          }
        }
      }
    }

    double correlation(Recording recording) {
      solve();
      double sum = 0;
      for (int target = 0; target < TARGETS.size(); target++) {
        double[] truth = new double[recording.length()];
        double[] guess = new double[recording.length()];
        for (int t = 0; t < truth.length; t++) {
          double[] row = row(recording, t);
          truth[t] = row[N + target];
          for (int a = 0; a < N; a++) {
            guess[t] += columns.get(target)[a] * row[a];
          }
        }
        sum += pearson(truth, guess);
      }
      return sum / TARGETS.size();
    }

    private void solve() {
      if (!columns.isEmpty()) {
        return;
      }
      double[][] m = new double[N][];
      for (int i = 0; i < N; i++) {
        m[i] = normal[i].clone();
        m[i][i] += 1e-6;
      }
      for (int pivot = 0; pivot < N; pivot++) {
        for (int other = 0; other < N; other++) {
          double factor = other == pivot ? 0 : m[other][pivot] / m[pivot][pivot];
          for (int k = 0; k < m[other].length; k++) {
            m[other][k] -= factor * m[pivot][k];
          }
        }
      }
      for (int target = 0; target < TARGETS.size(); target++) {
        double[] weights = new double[N];
        for (int i = 0; i < N; i++) {
          weights[i] = m[i][N + target] / m[i][i];
        }
        columns.add(weights);
      }
    }

    private static double[] row(Recording recording, int t) {
      double[] row = new double[N + TARGETS.size()];
      for (int i = 0; i < INPUTS.size(); i++) {
        row[i] = recording.signal(INPUTS.get(i))[t];
      }
      row[N - 1] = 1;
      for (int i = 0; i < TARGETS.size(); i++) {
        row[N + i] = recording.signal(TARGETS.get(i))[t];
      }
      return row;
    }

    private static double pearson(double[] a, double[] b) {
      double meanA = 0;
      double meanB = 0;
      for (int t = 0; t < a.length; t++) {
        meanA += a[t] / a.length;
        meanB += b[t] / b.length;
      }
      double ab = 0;
      double aa = 0;
      double bb = 0;
      for (int t = 0; t < a.length; t++) {
        ab += (a[t] - meanA) * (b[t] - meanB);
        aa += (a[t] - meanA) * (a[t] - meanA);
        bb += (b[t] - meanB) * (b[t] - meanB);
      }
      return ab / Math.sqrt(aa * bb);
    }
  }
}
