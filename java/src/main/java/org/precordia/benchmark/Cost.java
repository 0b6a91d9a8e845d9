// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

/**
 * What an op has to do, whoever does it: the count that rates and shares of ceilings follow from.
 * docs/benchmarks.md has the same formulas as a table.
 *
 * <p><b>Operations</b> are floating-point operations, two a multiply-add. Of an op with products
 * (convolutions, linear layers, similarities) only those count, as in docs/performance.md; norms,
 * activation functions, and what an implementation computes again, do not. Of other ops the
 * arithmetic of their formula counts, a root or a quotient as one; random numbers do not.
 *
 * <p><b>Bytes</b> are compulsory: every operand of the formula read once, every result written
 * once. Workspace, what forward saves for backward, and anything read a second time do not count.
 * Parameters that are packed have the size of an activation's elements.
 *
 * @param operations floating-point operations
 * @param bytes compulsory bytes
 */
public record Cost(double operations, double bytes) {
  private static final int STEM_TAPS = 7;
  private static final int FLOAT = Float.BYTES;
  private static final int DOUBLE = Double.BYTES;
  private static final int WORD = Long.BYTES;

  /** Of 8 stored leads a sample: 20 of the cubic, 1 of the gain. */
  private static final int INTERPOLATION = 21 * Shape.STORED;

  /** Bytes of the state that changes from step to step. */
  private static final int STATE = 80;

  /** Bytes of a row of metrics. */
  private static final int METRICS = 64;

  /** Work of two ops together. */
  public Cost plus(Cost more) {
    return new Cost(operations + more.operations, bytes + more.bytes);
  }

  /** Operations a byte. */
  public double intensity() {
    return operations / bytes;
  }

  /** 14·n·C·R; signal and result. */
  static Cost stemForward(Shape s, int element) {
    return new Cost(
        2.0 * STEM_TAPS * Shape.LEADS * s.elements(),
        (double) FLOAT * Shape.LEADS * s.rows()
            + (double) element * (s.elements() + stemParameters(s)));
  }

  /** 14·n·C·R: weights' gradients, and nobody asks for the signal's. */
  static Cost stemBackward(Shape s, int element) {
    return new Cost(
        2.0 * STEM_TAPS * Shape.LEADS * s.elements(),
        (double) FLOAT * (Shape.LEADS * s.rows() + stemParameters(s))
            + (double) element * s.elements());
  }

  private static long stemParameters(Shape s) {
    return (long) STEM_TAPS * Shape.LEADS * s.channels() + s.channels();
  }

  /** 8·C²·R a block; activations in and out. */
  static Cost stackForward(Shape s, int element, int blocks) {
    return new Cost(
        8.0 * blocks * s.channels() * s.elements(),
        (double) element * (2 * s.elements() + blocks * blockParameters(s)));
  }

  /** 16·C²·R a block; activations and their gradient in, gradient out. */
  static Cost stackBackward(Shape s, int element, int blocks) {
    return new Cost(
        16.0 * blocks * s.channels() * s.elements(),
        (double) element * (3 * s.elements() + blocks * blockParameters(s))
            + (double) FLOAT * blocks * blockParameters(s));
  }

  private static long blockParameters(Shape s) {
    return 4L * s.channels() * s.channels() + 4L * s.channels();
  }

  /** 2·B·(C² + C·D): two linear layers. */
  static Cost poolForward(Shape s, int element) {
    return new Cost(
        2.0 * s.batch() * poolWeights(s),
        (double) element * (s.elements() + poolParameters(s)) + embeddings(s));
  }

  /** 4·B·(C² + C·D); activations in, their gradient out. */
  static Cost poolBackward(Shape s, int element) {
    return new Cost(
        4.0 * s.batch() * poolWeights(s),
        (double) element * (2 * s.elements() + poolParameters(s))
            + 2 * embeddings(s)
            + (double) FLOAT * poolParameters(s));
  }

  private static double poolWeights(Shape s) {
    return (double) s.channels() * (s.channels() + Shape.EMBEDDING);
  }

  private static double poolParameters(Shape s) {
    return poolWeights(s) + 3.0 * s.channels() + Shape.EMBEDDING;
  }

  private static double embeddings(Shape s) {
    return (double) FLOAT * s.batch() * (s.channels() + Shape.EMBEDDING);
  }

  /** 2·C·R of the modulation and 4·C²·B of the linear layer. */
  static Cost filmForward(Shape s, int element) {
    return new Cost(
        2.0 * s.elements() + 2 * filmWeights(s) * s.batch(),
        (double) element * (2 * s.elements() + filmParameters(s))
            + (double) FLOAT * s.batch() * s.channels());
  }

  /** 4·C·R and 8·C²·B; activations and their gradient in, gradient out. */
  static Cost filmBackward(Shape s, int element) {
    return new Cost(
        4.0 * s.elements() + 4 * filmWeights(s) * s.batch(),
        (double) element * (3 * s.elements() + filmParameters(s))
            + (double) FLOAT * (2.0 * s.batch() * s.channels() + filmParameters(s)));
  }

  private static double filmWeights(Shape s) {
    return 2.0 * s.channels() * s.channels();
  }

  private static double filmParameters(Shape s) {
    return filmWeights(s) + 2.0 * s.channels();
  }

  /** 2·C·T·R; activations and signal in. */
  static Cost headForward(Shape s, int element) {
    return new Cost(
        2.0 * Shape.TARGETS * s.elements(),
        (double) element * (s.elements() + headParameters(s))
            + (double) FLOAT * (Shape.LEADS + Shape.TARGETS) * s.rows());
  }

  /** 4·C·T·R; activations and the result's gradient in, gradient out. */
  static Cost headBackward(Shape s, int element) {
    return new Cost(
        4.0 * Shape.TARGETS * s.elements(),
        (double) element * (2 * s.elements() + headParameters(s))
            + (double) FLOAT * (Shape.TARGETS * s.rows() + headParameters(s)));
  }

  private static long headParameters(Shape s) {
    return (long) (Shape.TARGETS + 2) * s.channels() + Shape.TARGETS;
  }

  /** 2·B·C·K. */
  static Cost classifierForward(Shape s) {
    return new Cost(
        2.0 * s.batch() * s.channels() * Shape.LABELS,
        (double) FLOAT * (s.batch() * (s.channels() + Shape.LABELS) + classifierParameters(s))
            + (double) WORD * s.batch());
  }

  /** 4·B·C·K. */
  static Cost classifierBackward(Shape s) {
    return new Cost(
        4.0 * s.batch() * s.channels() * Shape.LABELS,
        (double) FLOAT
                * (s.batch() * (2 * s.channels() + Shape.LABELS) + 2 * classifierParameters(s))
            + (double) WORD * s.batch());
  }

  private static long classifierParameters(Shape s) {
    return (long) Shape.LABELS * s.channels() + Shape.LABELS;
  }

  /** 2·N²·D: similarities. */
  static Cost supconForward(Shape s) {
    return new Cost(similarities(s), contrastBytes(s, 1));
  }

  /** 4·N²·D: similarities again, and the gradient. */
  static Cost supconBackward(Shape s) {
    return new Cost(2 * similarities(s), contrastBytes(s, 2));
  }

  private static double similarities(Shape s) {
    return 2.0 * s.entries() * s.entries() * Shape.EMBEDDING;
  }

  /** Embeddings, or also their gradients; label words, groups and four statistics an entry. */
  private static double contrastBytes(Shape s, int passes) {
    return (double) s.entries() * (FLOAT * (passes * Shape.EMBEDDING + 4 + 1) + WORD);
  }

  /** 8 an element: difference, square, magnitude, their sums, and three of the gradient. */
  static Cost reconstructionLoss(Shape s) {
    double elements = (double) Shape.TARGETS * s.rows();
    return new Cost(8 * elements, 3 * FLOAT * elements);
  }

  /** R·(n+1)·(n+2) of the symmetric Gram matrix and 2·R·(n+1)·T. */
  static Cost ridge(Shape s) {
    double terms = Shape.LEADS + 1.0;
    return new Cost(
        s.rows() * (terms * (terms + 1) + 2 * terms * Shape.TARGETS),
        (double) FLOAT * (Shape.LEADS + Shape.TARGETS) * s.rows()
            + 2.0 * DOUBLE * terms * (terms + Shape.TARGETS));
  }

  /** Of a row: interpolation of the stored leads, the mixes, standardisation. */
  static Cost gather(Shape s) {
    double mixed = Shape.LEADS + Shape.TARGETS;
    return new Cost(
        s.rows() * (INTERPOLATION + mixed * (2 * Shape.STORED + 1) + 2.0 * Shape.LEADS),
        s.rows() * ((double) Short.BYTES * Shape.STORED + FLOAT * mixed) + 3.0 * WORD * s.batch());
  }

  /** 22 a parameter; gradient, parameter, two moments and the average in, all but the first out. */
  static Cost adamw(long parameters) {
    return new Cost(22.0 * parameters, 9.0 * FLOAT * parameters);
  }

  /** Parameters in, packed parameters out. */
  static Cost pack(long parameters, int element) {
    return new Cost(0, (double) (FLOAT + element) * parameters);
  }

  /** Bytes moved and nothing computed. */
  static Cost moved(double bytes) {
    return new Cost(0, bytes);
  }

  /** The step state read and written. */
  static Cost stepBegin() {
    return moved(2.0 * STATE);
  }

  /** The step state and the losses read, a row written. */
  static Cost metrics() {
    return moved(STATE + METRICS + (3.0 + 3 + 1) * FLOAT);
  }
}
