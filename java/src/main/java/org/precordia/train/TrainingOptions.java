// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.List;
import java.util.stream.IntStream;
import org.precordia.data.Lead;
import org.precordia.model.Architecture;
import org.precordia.model.Conditioning;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Precision;
import org.precordia.model.Size;

/**
 * What a run trains, beside its recipe. The network's label vocabulary comes from the data.
 *
 * @param width C, channels of every activation
 * @param inputs recorded leads
 * @param targets leads to reconstruct
 * @param architecture what computes the waveform
 * @param conditioning what modulates the waveform; NONE trains the control "no h"
 * @param folds folds that are trained on; records without a fold are always
 * @param patients share of their patients that is used, drawn by the seed: a smaller share is part
 *     of a larger one, what is learned from and what is held out alike
 * @param seed key of all random numbers
 * @param maxSteps most steps of a stage; its schedule ends there too; 0: no limit
 * @param accumulate chunks that a batch is cut into to save memory; the result is that of the whole
 *     batch
 * @param precision storage of activations
 * @param checkpointEvery steps between checkpoints; at the end of an epoch there is one anyway; 0:
 *     only there
 * @param order in which records are drawn uniformly
 */
public record TrainingOptions(
    int width,
    List<Lead> inputs,
    List<Lead> targets,
    Architecture architecture,
    Conditioning conditioning,
    List<Integer> folds,
    double patients,
    long seed,
    int maxSteps,
    int accumulate,
    Precision precision,
    int checkpointEvery,
    ReadingOrder order) {

  private static final List<Integer> TRAINING_FOLDS = IntStream.rangeClosed(1, 8).boxed().toList();

  public TrainingOptions {
    inputs = List.copyOf(inputs);
    targets = List.copyOf(targets);
    folds = List.copyOf(folds);
    // A run that is older than this option says nothing: all patients.
    patients = patients == 0 ? 1 : patients;
    if (!(patients > 0 && patients <= 1)) {
      throw new IllegalArgumentException("patients must lie in (0, 1], was " + patients);
    }
    if (accumulate < 1) {
      throw new IllegalArgumentException("accumulate must be positive, was " + accumulate);
    }
    if (precision != Precision.FP32 && architecture != Architecture.DILATED) {
      throw new IllegalArgumentException(
          architecture + " computes in fp32 alone: choose --precision fp32");
    }
    if (maxSteps < 0 || checkpointEvery < 0) {
      throw new IllegalArgumentException("numbers of steps must not be negative");
    }
  }

  /** Default leads, folds 1 to 8, small width, seed 1, in one chunk. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects options; what is not set has its default. */
  public static final class Builder {
    private int width = Size.SMALL.width();
    private List<Lead> inputs = NetworkConfig.DEFAULT_INPUTS;
    private List<Lead> targets = NetworkConfig.DEFAULT_TARGETS;
    private Architecture architecture = Architecture.DILATED;
    private Conditioning conditioning;
    private List<Integer> folds = TRAINING_FOLDS;
    private double patients = 1;
    private long seed = 1;
    private int maxSteps;
    private int accumulate = 1;
    private Precision precision = Precision.FP32;
    private int checkpointEvery;
    private ReadingOrder order = ReadingOrder.AUTO;

    private Builder() {}

    /** Channels of every activation. */
    public Builder width(int channels) {
      width = channels;
      return this;
    }

    /** Recorded leads and leads to reconstruct. */
    public Builder leads(List<Lead> recorded, List<Lead> reconstructed) {
      inputs = recorded;
      targets = reconstructed;
      return this;
    }

    /** What computes the waveform. */
    public Builder architecture(Architecture network) {
      architecture = network;
      return this;
    }

    /** What modulates the waveform; unless called, what the architecture has by default. */
    public Builder conditioning(Conditioning source) {
      conditioning = source;
      return this;
    }

    /** Folds that are trained on. */
    public Builder folds(List<Integer> numbers) {
      folds = numbers;
      return this;
    }

    /** Share of the folds' patients that is used. */
    public Builder patients(double share) {
      patients = share;
      return this;
    }

    /** Key of all random numbers. */
    public Builder seed(long key) {
      seed = key;
      return this;
    }

    /** Most steps of a stage; 0: no limit. */
    public Builder maxSteps(int steps) {
      maxSteps = steps;
      return this;
    }

    /** Chunks that a batch is cut into. */
    public Builder accumulate(int chunks) {
      accumulate = chunks;
      return this;
    }

    /** Storage of activations. */
    public Builder precision(Precision storage) {
      precision = storage;
      return this;
    }

    /** Steps between checkpoints; 0: only at the end of an epoch. */
    public Builder checkpointEvery(int steps) {
      checkpointEvery = steps;
      return this;
    }

    /** In which order records are drawn uniformly. */
    public Builder order(ReadingOrder reading) {
      order = reading;
      return this;
    }

    /** The options. */
    public TrainingOptions build() {
      return new TrainingOptions(
          width,
          inputs,
          targets,
          architecture,
          conditioning == null ? architecture.conditioning() : conditioning,
          folds,
          patients,
          seed,
          maxSteps,
          accumulate,
          precision,
          checkpointEvery,
          order);
    }
  }

  /** The same options with another modulation. */
  public TrainingOptions withConditioning(Conditioning other) {
    return new TrainingOptions(
        width,
        inputs,
        targets,
        architecture,
        other,
        folds,
        patients,
        seed,
        maxSteps,
        accumulate,
        precision,
        checkpointEvery,
        order);
  }

  /** Whether the network has a pathology branch. */
  boolean hasPathology() {
    return conditioning == Conditioning.EMBEDDING;
  }

  /** The same options with another order of records. */
  TrainingOptions withOrder(ReadingOrder reading) {
    return new TrainingOptions(
        width,
        inputs,
        targets,
        architecture,
        conditioning,
        folds,
        patients,
        seed,
        maxSteps,
        accumulate,
        precision,
        checkpointEvery,
        reading);
  }

  /** The network that these options and a label vocabulary make. */
  public NetworkConfig network(List<String> labels, boolean anchor) {
    return new NetworkConfig(
        width,
        inputs,
        targets,
        NetworkConfig.DEFAULT_WINDOW,
        NetworkConfig.DEFAULT_EMBEDDING,
        labels,
        architecture,
        conditioning,
        anchor);
  }
}
