// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.precordia.runtime.Buffer;
import org.precordia.runtime.DType;
import org.precordia.runtime.Memory;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/** Device memory for a {@link ConvolutionShape}, with random inputs, weights and gradients. */
final class BlockTensors {
  private static final int NOISE = 1 << 20;

  private final Stream stream;
  private final Resources resources;

  BlockTensors(Stream stream, Resources resources) {
    this.stream = stream;
    this.resources = resources;
  }

  /** One set of tensors. */
  CudnnConvolution.Tensors set(ConvolutionShape shape, long seed) {
    long bytes = shape.activationBytes();
    double deviation = 1 / Math.sqrt(ConvolutionShape.TAPS * shape.channels());
    return new CudnnConvolution.Tensors(
        random(bytes, shape.storage(), 1, seed),
        random(shape.weightBytes(), shape.storage(), deviation, seed + 1),
        empty(bytes),
        random(bytes, shape.storage(), 1, seed + 2),
        empty(bytes),
        empty(shape.weightBytes()));
  }

  /** Memory without content. */
  Buffer empty(long bytes) {
    return resources.add(stream.buffer(bytes, Memory.DEVICE));
  }

  /** Normals of a deviation, the same million again and again. */
  private Buffer random(long bytes, Storage storage, double deviation, long seed) {
    Buffer buffer = empty(bytes);
    Random random = new Random(seed);
    float[] values = new float[(int) Math.min(NOISE, bytes / storage.bytes())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    Tensor whole = buffer.tensor(DType.U8, bytes);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment noise = storage.encode(arena, values);
      for (long at = 0; at < bytes; at += noise.byteSize()) {
        long piece = Math.min(noise.byteSize(), bytes - at);
        whole.slice(at, at + piece).upload(stream, noise.asSlice(0, piece));
      }
    }
    return buffer;
  }
}
