// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.List;

/** Parameters that one op of the network owns, in the order of the flat buffer. */
public enum ParameterGroup {
  PATHOLOGY_STEM,
  PATHOLOGY_BLOCKS,
  /** The norm after the pathology encoder and the projection. */
  POOL_PROJECT,
  CLASSIFIER,
  WAVEFORM_STEM,
  WAVEFORM_BLOCKS,
  FILM,
  DECODER_BLOCKS,
  // The levels of a U-Net from the full rate down: a block and what halves the rate.
  ENCODER_BLOCK_0,
  DOWN_0,
  ENCODER_BLOCK_1,
  DOWN_1,
  ENCODER_BLOCK_2,
  DOWN_2,
  ENCODER_BLOCK_3,
  DOWN_3,
  /** What a U-Net has at its lowest rate: a block or an LSTM. */
  BOTTOM,
  // The levels of a U-Net up again: what doubles the rate, what joins the skip, and a block.
  UP_3,
  SKIP_3,
  DECODER_BLOCK_3,
  UP_2,
  SKIP_2,
  DECODER_BLOCK_2,
  UP_1,
  SKIP_1,
  DECODER_BLOCK_1,
  UP_0,
  SKIP_0,
  DECODER_BLOCK_0,
  /** The norm after the decoder and the pointwise head. */
  HEAD,
  /** Ridge regression, never trained by gradients. */
  ANCHOR;

  private static final List<UNetLevel> LEVELS =
      List.of(
          new UNetLevel(0, ENCODER_BLOCK_0, DOWN_0, UP_0, SKIP_0, DECODER_BLOCK_0),
          new UNetLevel(1, ENCODER_BLOCK_1, DOWN_1, UP_1, SKIP_1, DECODER_BLOCK_1),
          new UNetLevel(2, ENCODER_BLOCK_2, DOWN_2, UP_2, SKIP_2, DECODER_BLOCK_2),
          new UNetLevel(3, ENCODER_BLOCK_3, DOWN_3, UP_3, SKIP_3, DECODER_BLOCK_3));

  /**
   * The groups of one level of a U-Net.
   *
   * @param index 0 at the full rate
   * @param encoder block on the way down
   * @param down strided convolution to the level below
   * @param up transposed convolution from the level below
   * @param skip pointwise convolution of the encoder's block, added to what comes up
   * @param decoder block on the way up
   */
  record UNetLevel(
      int index,
      ParameterGroup encoder,
      ParameterGroup down,
      ParameterGroup up,
      ParameterGroup skip,
      ParameterGroup decoder) {}

  /** The levels of a U-Net above its bottom, from the full rate down. */
  static List<UNetLevel> levels() {
    return LEVELS;
  }

  /** Whether the group belongs to the pathology branch, frozen in the second of two stages. */
  public boolean pathology() {
    return compareTo(CLASSIFIER) <= 0;
  }
}
