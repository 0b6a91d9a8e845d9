// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.lang.foreign.Arena;
import org.precordia.runtime.DType;
import org.precordia.runtime.LogRmsOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * The network for one batch size: its ops prepared on device memory of their own. Either branch can
 * be left out, run for inference alone, or trained. Calls launch ops on the stream and wait for
 * nothing, so they can be recorded in a graph.
 *
 * <p>Memory: activations that backward needs are kept; all gradients of activations share one
 * block, a branch that only infers goes back and forth between two blocks that the other branch
 * needs later anyway, and all ops share one scratch block.
 */
public final class Network implements AutoCloseable {
  /** What is done with a branch. */
  public enum Role {
    ABSENT,
    INFERENCE,
    TRAINING
  }

  /**
   * What the branches exchange with each other and with the losses.
   *
   * @param h F32 [B, C]
   * @param z F32 [B, D], rows of length 1; null where h is not learned
   * @param hGrad F32 [B, C] or null when the pathology branch is not trained
   * @param zGrad F32 [B, D] or null
   */
  public record Embeddings(Tensor h, Tensor z, Tensor hGrad, Tensor zGrad) {}

  /** Brings log root mean squares of standardised inputs to the order of 1. */
  private static final float AMPLITUDE_SCALE = 2;

  private final Resources resources = new Resources();
  private final Stream stream;
  private final Tensor inputs;
  private final Tensor output;
  private final Tensor outputGrad;
  private final Embeddings embeddings;
  private final PathologyBranch pathology;
  private final LogRmsOp amplitudes;
  private final ReconstructionBranch reconstruction;

  /**
   * Prepares a network.
   *
   * @param weights the parameters; must outlive the network
   * @param batch B, windows of a batch
   * @param pathologyRole what is done with the pathology branch or what makes h in its place; of no
   *     account where the network has neither
   * @param reconstructionRole what is done with the rest
   * @param gradients where gradients go, or null if nothing is trained
   * @param scratch where ops register their scratch memory; {@link Scratch#allocate} is the
   *     caller's, after all ops of the stream are registered
   */
  public Network(
      Weights weights,
      int batch,
      Role pathologyRole,
      Role reconstructionRole,
      Gradients gradients,
      Scratch scratch) {
    NetworkConfig config = weights.config();
    this.stream = weights.stream();
    boolean complete = false;
    try {
      Arena arena = resources.add(Arena.ofShared());
      Role pathologyWanted = config.pathology() ? pathologyRole : Role.ABSENT;
      boolean trainPathology = pathologyWanted == Role.TRAINING;
      boolean trainReconstruction = reconstructionRole == Role.TRAINING;
      inputs = floats(batch, config.window(), config.inputs().size());
      boolean amplitude =
          config.conditioning() == Conditioning.AMPLITUDE && pathologyRole != Role.ABSENT;
      embeddings =
          amplitude
              ? new Embeddings(floats(batch, config.width()), null, null, null)
              : pathologyWanted == Role.ABSENT ? null : embeddings(config, batch, trainPathology);
      amplitudes =
          amplitude
              ? new LogRmsOp(arena).scale(AMPLITUDE_SCALE).input(inputs).h(embeddings.h())
              : null;

      Memory memory =
          config.architecture() == Architecture.DILATED
              ? new Memory(weights, batch, pathologyWanted, reconstructionRole)
              : null;
      pathology =
          pathologyWanted == Role.ABSENT
              ? null
              : new PathologyBranch(
                  arena,
                  weights,
                  embeddings,
                  inputs,
                  memory.pathologyStem,
                  memory.pathologyOut,
                  trainPathology ? memory.gradient : null);
      if (reconstructionRole == Role.ABSENT) {
        output = null;
        outputGrad = null;
        reconstruction = null;
      } else {
        int targets = config.targets().size();
        output = floats(batch, config.window(), targets);
        outputGrad = trainReconstruction ? floats(batch, config.window(), targets) : null;
        reconstruction =
            memory == null
                ? new UNetBranch(arena, resources, weights, inputs, output, outputGrad)
                : new DilatedBranch(
                    arena, weights, embeddings, inputs, memory.reconstruction, output, outputGrad);
      }
      if (pathology != null) {
        if (trainPathology) {
          pathology.gradients(gradients);
        }
        pathology.plan(stream, resources, scratch, trainPathology);
      }
      if (reconstruction != null) {
        if (trainReconstruction) {
          reconstruction.gradients(gradients);
        }
        reconstruction.plan(stream, resources, scratch, trainReconstruction);
      }
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
  }

  /** Standardised inputs, F32 [B, L, n]; the caller writes them. */
  public Tensor inputs() {
    return inputs;
  }

  /** Reconstruction in mV, F32 [B, L, T]. */
  public Tensor output() {
    return output;
  }

  /** Gradient of the reconstruction, F32 [B, L, T]; the loss writes it. */
  public Tensor outputGrad() {
    return outputGrad;
  }

  /** Embeddings and their gradients, or null without an h. */
  public Embeddings embeddings() {
    return embeddings;
  }

  /**
   * Whether backward through the reconstruction adds its gradient of h to what a loss has written,
   * or writes it. Only when both branches are trained.
   */
  public void addGradientOfH(boolean add) {
    reconstruction.gradientOfH(embeddings.hGrad(), add);
  }

  /**
   * Says which gradients reach the embeddings; a missing one counts as zero.
   *
   * @param ofH whether the gradient of h is written before {@link #backwardPathology}
   * @param ofZ whether that of z is
   */
  public void embeddingGradients(boolean ofH, boolean ofZ) {
    pathology.embeddingGradients(ofH ? embeddings.hGrad() : null, ofZ ? embeddings.zGrad() : null);
  }

  /** Computes h and z. */
  public void forwardPathology() {
    if (amplitudes != null) {
      amplitudes.run(stream);
    }
    if (pathology != null) {
      pathology.forward(stream);
    }
  }

  /** Computes the output from inputs and h. */
  public void forwardReconstruction() {
    reconstruction.forward(stream);
  }

  /** From the output's gradient to those of parameters and of h. */
  public void backwardReconstruction() {
    reconstruction.backward(stream);
  }

  /** From the gradients of h and z to those of parameters. */
  public void backwardPathology() {
    pathology.backward(stream);
  }

  private Embeddings embeddings(NetworkConfig config, int batch, boolean training) {
    return new Embeddings(
        floats(batch, config.width()),
        floats(batch, config.embedding()),
        training ? floats(batch, config.width()) : null,
        training ? floats(batch, config.embedding()) : null);
  }

  private Tensor floats(long... shape) {
    return resources.allocate(stream, DType.F32, shape);
  }

  /** Activations [B, L, C], shared where their lives do not overlap. */
  private final class Memory {
    private final Weights weights;
    private final int batch;
    private final Tensor gradient;
    private final Tensor pathologyStem;
    private final Tensor pathologyOut;
    private final DilatedBranch.Activations reconstruction;

    Memory(Weights weights, int batch, Role pathologyRole, Role reconstructionRole) {
      this.weights = weights;
      this.batch = batch;
      boolean training = pathologyRole == Role.TRAINING || reconstructionRole == Role.TRAINING;
      gradient = training ? activation() : null;
      Tensor first = null;
      Tensor second = null;
      if (reconstructionRole == Role.TRAINING) {
        Tensor stem = activation();
        Tensor encoded = activation();
        Tensor modulated = weights.config().modulated() ? activation() : encoded;
        Tensor decoded = activation();
        reconstruction = new DilatedBranch.Activations(stem, encoded, modulated, decoded, gradient);
        // Both are written only after the pathology branch has been read to its end.
        first = gradient;
        second = decoded;
      } else {
        first = pathologyRole == Role.TRAINING ? null : activation();
        second = pathologyRole == Role.TRAINING ? null : activation();
        reconstruction =
            reconstructionRole == Role.ABSENT
                ? null
                : new DilatedBranch.Activations(first, second, second, first, null);
      }
      pathologyStem = pathologyRole == Role.TRAINING ? activation() : first;
      pathologyOut = pathologyRole == Role.TRAINING ? activation() : second;
    }

    private Tensor activation() {
      NetworkConfig config = weights.config();
      return resources.allocate(
          stream, weights.activations(), batch, config.window(), config.width());
    }
  }

  @Override
  public void close() {
    resources.close();
  }
}
