// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

/**
 * One point of a learning curve.
 *
 * @param percent percentage of the training patients
 * @param patients patients that were learned from, of the first seed
 * @param model RMSE of a window in mV of the model, a value a seed
 * @param ridge of ridge regression on the same patients
 * @param pearson correlation of the model
 */
public record CurvePoint(int percent, int patients, Spread model, Spread ridge, Spread pearson) {}
