// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

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
  /** The norm after the decoder and the pointwise head. */
  HEAD,
  /** Ridge regression, never trained by gradients. */
  ANCHOR;

  /** Whether the group belongs to the pathology branch, frozen in the second of two stages. */
  public boolean pathology() {
    return compareTo(CLASSIFIER) <= 0;
  }
}
