// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

/**
 * A 95 % interval.
 *
 * @param low 2.5 percentile
 * @param high 97.5 percentile
 */
public record Interval(double low, double high) {}
