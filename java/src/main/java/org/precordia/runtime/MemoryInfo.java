// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

/**
 * Memory of a context, in bytes.
 *
 * @param inUse in live buffers
 * @param cached kept for reuse
 * @param peak largest {@code inUse} so far
 * @param limit what the context may hold
 * @param buffers number of live buffers
 */
public record MemoryInfo(long inUse, long cached, long peak, long limit, long buffers) {}
