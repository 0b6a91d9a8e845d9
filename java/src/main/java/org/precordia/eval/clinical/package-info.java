// SPDX-License-Identifier: Apache-2.0

/** What a cardiologist measures in a beat, in recorded and in reconstructed leads. */
package org.precordia.eval.clinical;
