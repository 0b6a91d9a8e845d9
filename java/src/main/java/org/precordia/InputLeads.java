// SPDX-License-Identifier: Apache-2.0
package org.precordia;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.precordia.data.DataException;
import org.precordia.data.Lead;
import org.precordia.data.LimbLeads;
import org.precordia.data.Recording;
import org.precordia.data.Windows;
import org.precordia.model.ModelMetadata;
import org.precordia.signal.Preprocessor;

/**
 * A recording's input leads as the network wants them: in the model's band and at its rate, at
 * least one window long; and what is wrong with them.
 */
final class InputLeads {
  private static final double FLAT_MILLIVOLT = 0.002;

  private final ModelMetadata model;
  private final double[][] signals;
  private final int length;
  private final List<String> warnings = new ArrayList<>();

  /**
   * @throws DataException when the recording lacks an input lead that cannot be derived
   */
  InputLeads(Recording recording, ModelMetadata model) throws DataException {
    this.model = model;
    List<Lead> leads = model.network().inputs();
    requireAll(recording, leads);
    Preprocessor preprocessor =
        new Preprocessor(model.preprocessing(), recording.rate(), model.rate());
    signals = new double[leads.size()][];
    for (int i = 0; i < signals.length; i++) {
      float[] signal = LimbLeads.signal(recording, leads.get(i));
      signals[i] = preprocessor.apply(signal);
      warnAboutValues(leads.get(i), signal, signals[i], model.standardisation().limit().get(i));
    }
    length = signals[0].length;
    int window = model.network().window();
    if (length < window) {
      warnings.add(
          "%s: %.2f s is shorter than a window of %.2f s; it was extended by its last sample"
              .formatted(recording.name(), length / model.rate(), window / model.rate()));
      for (int i = 0; i < signals.length; i++) {
        signals[i] = extended(signals[i], window);
      }
    }
  }

  /** A network has never seen an input that is not there, so none is filled in. */
  private static void requireAll(Recording recording, List<Lead> leads) throws DataException {
    List<Lead> missing =
        leads.stream().filter(lead -> !LimbLeads.available(recording, lead)).toList();
    if (!missing.isEmpty()) {
      throw new DataException(
          Path.of(recording.name()),
          "lacks %s (it has %s); this model reconstructs from %s"
              .formatted(Lead.names(missing), Lead.names(recording.leads()), Lead.names(leads)),
          "use a recording that has them, or train a model for the leads there are:"
              + " precordia train --inputs");
    }
  }

  /** Samples of the record at the model's rate, without what was added to a short one. */
  int length() {
    return length;
  }

  /** Samples of the leads: the record's length, or a window's when that is longer. */
  int extendedLength() {
    return signals[0].length;
  }

  List<String> warnings() {
    return warnings;
  }

  /** First samples of the windows in which every input lead is usable. */
  int[] starts() {
    int window = model.network().window();
    int last = extendedLength() - window;
    List<Integer> starts = new ArrayList<>();
    for (int start = 0; start < last; start += Windows.HOP) {
      addUsable(start, starts);
    }
    addUsable(last, starts);
    return starts.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Copies a window to {@code [L, leads]}, interleaved, in mV. */
  void copy(int start, float[] into, int offset) {
    int leads = signals.length;
    for (int t = 0; t < model.network().window(); t++) {
      for (int lead = 0; lead < leads; lead++) {
        into[offset + t * leads + lead] = (float) signals[lead][start + t];
      }
    }
  }

  private void addUsable(int start, List<Integer> starts) {
    for (double[] signal : signals) {
      double low = Double.POSITIVE_INFINITY;
      double high = Double.NEGATIVE_INFINITY;
      for (int t = start; t < start + model.network().window(); t++) {
        if (Double.isNaN(signal[t])) {
          return;
        }
        low = Math.min(low, signal[t]);
        high = Math.max(high, signal[t]);
      }
      if (high - low <= FLAT_MILLIVOLT) {
        return;
      }
    }
    starts.add(start);
  }

  private void warnAboutValues(Lead lead, float[] raw, double[] filtered, float limit) {
    int missing = 0;
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float value : raw) {
      if (Float.isFinite(value)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      } else {
        missing++;
      }
    }
    if (missing > 0) {
      warnings.add(
          "input lead %s: %d of %d samples are missing; nothing is reconstructed there"
              .formatted(lead, missing, raw.length));
    }
    if (high - low <= FLAT_MILLIVOLT) {
      warnings.add(
          "input lead %s is flat: is its electrode attached? Nothing is reconstructed from it"
              .formatted(lead));
    }
    double largest = 0;
    for (double value : filtered) {
      largest = Math.max(largest, Double.isNaN(value) ? 0 : Math.abs(value));
    }
    if (largest > limit) {
      warnings.add(
          "input lead %s reaches %.2f mV, beyond %.2f mV, the 99.9 percentile of the training windows: expect larger errors"
              .formatted(lead, largest, limit));
    }
  }

  private static double[] extended(double[] signal, int length) {
    double[] longer = Arrays.copyOf(signal, length);
    Arrays.fill(longer, signal.length, length, signal[signal.length - 1]);
    return longer;
  }
}
