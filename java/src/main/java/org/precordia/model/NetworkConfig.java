// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.List;
import org.precordia.data.Lead;
import org.precordia.data.LimbLeads;

/**
 * What determines the shape of every tensor of the network (docs/model.md, section 2).
 *
 * @param width C, channels of every activation
 * @param inputs the recorded leads, in the order of the input channels
 * @param targets the leads to reconstruct, in the order of the output channels; none: the network
 *     is a pathology branch with a classifier and reconstructs nothing
 * @param window samples of a window
 * @param embedding length of the contrastive embedding z
 * @param labels vocabulary of the classifier, one name a bit of the label masks; may be empty
 * @param architecture what computes the waveform
 * @param conditioning what modulates the waveform; NONE where the architecture is another than the
 *     model's
 * @param anchor whether a frozen ridge regression is added to the output
 */
public record NetworkConfig(
    int width,
    List<Lead> inputs,
    List<Lead> targets,
    int window,
    int embedding,
    List<String> labels,
    Architecture architecture,
    Conditioning conditioning,
    boolean anchor) {

  /** Samples of a window unless said otherwise: 2.56 s at 100 Hz. */
  public static final int DEFAULT_WINDOW = 256;

  /** Length of the contrastive embedding unless said otherwise. */
  public static final int DEFAULT_EMBEDDING = 128;

  /** The recorded leads unless said otherwise. */
  public static final List<Lead> DEFAULT_INPUTS = LeadSets.DEFAULT.inputs();

  /** The reconstructed leads unless said otherwise. */
  public static final List<Lead> DEFAULT_TARGETS = LeadSets.DEFAULT.targets();

  static final int STEM_TAPS = 7;
  static final int CONV_TAPS = 3;

  /** Far beyond any model; the number of parameters still fits a long. */
  private static final int MAX_WIDTH = 1 << 16;

  private static final int MAX_LABELS = 256;
  private static final List<Integer> PATHOLOGY_DILATIONS = List.of(1, 2, 4, 8, 16, 32);
  private static final List<Integer> WAVEFORM_DILATIONS = List.of(1, 2, 4, 8);
  private static final List<Integer> DECODER_DILATIONS = List.of(8, 4, 2, 1);

  public NetworkConfig {
    labels = List.copyOf(labels);
    if (width < 8 || width > MAX_WIDTH || width % 8 != 0) {
      throw new IllegalArgumentException(
          "width must be a multiple of 8, %d at most, was %d".formatted(MAX_WIDTH, width));
    }
    if (window < 8) {
      throw new IllegalArgumentException("a window has at least 8 samples, not " + window);
    }
    if (window % architecture.lengthUnit() != 0) {
      throw new IllegalArgumentException(
          "a window of %d samples: %s needs a multiple of %d"
              .formatted(window, architecture, architecture.lengthUnit()));
    }
    if (architecture != Architecture.DILATED && conditioning != Conditioning.NONE) {
      throw new IllegalArgumentException(
          "%s has nothing that h could modulate: conditioning must be NONE, was %s"
              .formatted(architecture, conditioning));
    }
    if (embedding < 1) {
      throw new IllegalArgumentException("embedding must be positive, was " + embedding);
    }
    if (labels.size() > MAX_LABELS) {
      throw new IllegalArgumentException(
          "a label mask has at most %d bits, the vocabulary has %d names"
              .formatted(MAX_LABELS, labels.size()));
    }
    inputs = List.copyOf(inputs);
    targets = List.copyOf(targets);
    if (!targets.isEmpty()) {
      LeadSets sets = new LeadSets(inputs, targets);
      inputs = sets.inputs();
      targets = sets.targets();
    } else {
      LeadSets.requireInputs(inputs);
      if (conditioning != Conditioning.EMBEDDING || labels.isEmpty() || anchor) {
        throw new IllegalArgumentException(
            "a network without targets classifies: it has a pathology branch, labels and no"
                + " anchor");
      }
    }
  }

  /** The default leads, window and embedding at a width. */
  public static NetworkConfig of(Size size, List<String> labels) {
    return new NetworkConfig(
        size.width(),
        DEFAULT_INPUTS,
        DEFAULT_TARGETS,
        DEFAULT_WINDOW,
        DEFAULT_EMBEDDING,
        labels,
        Architecture.DILATED,
        Conditioning.EMBEDDING,
        true);
  }

  /** Whether there is a pathology branch, which makes the h that modulates the waveform. */
  public boolean pathology() {
    return conditioning == Conditioning.EMBEDDING;
  }

  /** Whether there is an h that modulates the waveform. */
  public boolean modulated() {
    return conditioning != Conditioning.NONE;
  }

  /** Whether leads are reconstructed; a network that does not do it is a classifier alone. */
  public boolean reconstructs() {
    return !targets.isEmpty();
  }

  /** Whether there is a classifier: labels, and a branch that could tell them. */
  public boolean classifier() {
    return pathology() && !labels.isEmpty();
  }

  /** 64-bit words of a label mask. */
  public int labelWords() {
    return Math.max(1, (labels.size() + Long.SIZE - 1) / Long.SIZE);
  }

  /** Dilations of the pathology encoder's blocks. */
  public int[] pathologyDilations() {
    return array(PATHOLOGY_DILATIONS);
  }

  /** Dilations of the waveform encoder's blocks. */
  public int[] waveformDilations() {
    return array(WAVEFORM_DILATIONS);
  }

  /** Dilations of the decoder's blocks. */
  public int[] decoderDilations() {
    return array(DECODER_DILATIONS);
  }

  /** Channels of what the head reads. */
  int headWidth() {
    return architecture == Architecture.DILATED ? width : new UNetShape(width).width(0);
  }

  /** The same network with other leads. */
  public NetworkConfig withLeads(List<Lead> newInputs, List<Lead> newTargets) {
    return new NetworkConfig(
        width,
        newInputs,
        newTargets,
        window,
        embedding,
        labels,
        architecture,
        conditioning,
        anchor);
  }

  /** The same network for windows of another length. */
  public NetworkConfig withWindow(int samples) {
    return new NetworkConfig(
        width, inputs, targets, samples, embedding, labels, architecture, conditioning, anchor);
  }

  /** The same network modulated by something else. */
  public NetworkConfig withConditioning(Conditioning other) {
    return new NetworkConfig(
        width, inputs, targets, window, embedding, labels, architecture, other, anchor);
  }

  /** The same network with or without the anchor. */
  public NetworkConfig withAnchor(boolean present) {
    return new NetworkConfig(
        width, inputs, targets, window, embedding, labels, architecture, conditioning, present);
  }

  /** The same network for another label vocabulary. */
  public NetworkConfig withLabels(List<String> vocabulary) {
    return new NetworkConfig(
        width, inputs, targets, window, embedding, vocabulary, architecture, conditioning, anchor);
  }

  /**
   * Leads as linear mixes of the eight stored ones.
   *
   * @return [leads, 8], row-major, columns in the order of {@link Lead#INDEPENDENT}
   */
  public static float[] mix(List<Lead> leads) {
    int stored = Lead.INDEPENDENT.size();
    float[] mix = new float[leads.size() * stored];
    for (int i = 0; i < leads.size(); i++) {
      System.arraycopy(LimbLeads.mix(leads.get(i)), 0, mix, i * stored, stored);
    }
    return mix;
  }

  private static int[] array(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }
}
