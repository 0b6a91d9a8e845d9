// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import org.precordia.bindings.Precordia;

/** Target of the supervised contrastive loss. */
public enum SupConTarget {
  /** Softmax over the positives alone, as in arXiv:2603.17248. */
  ANY(Precordia.PCD_SUPCON_ANY()),
  /** Uniform over the positives (Khosla et al., arXiv:2004.11362). */
  OUT(Precordia.PCD_SUPCON_OUT()),
  /** In proportion to the overlap of label sets, |A ∩ B| / |A ∪ B|. */
  JACCARD(Precordia.PCD_SUPCON_JACCARD());

  private final int code;

  SupConTarget(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
