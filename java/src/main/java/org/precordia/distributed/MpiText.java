// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.nio.charset.StandardCharsets;
import org.precordia.runtime.Buffer;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.Memory;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/** A short text of rank 0 to all, by a communicator. */
final class MpiText {
  private static final int LONGEST = 512;

  private MpiText() {}

  /** Every rank calls it. @return rank 0's text; the others' is not looked at */
  static String broadcast(Context context, Communicator communicator, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > LONGEST) {
      throw new IllegalArgumentException("the text has more than %d bytes".formatted(LONGEST));
    }
    int[] letters = new int[LONGEST];
    for (int i = 0; i < bytes.length; i++) {
      letters[i] = bytes[i];
    }
    try (Stream stream = context.stream();
        Buffer buffer = stream.buffer((long) LONGEST * Integer.BYTES, Memory.DEVICE)) {
      Tensor tensor = buffer.tensor(DType.I32, LONGEST);
      tensor.upload(stream, letters);
      communicator.broadcast(stream, tensor, 0);
      return decode(tensor.ints(stream));
    }
  }

  private static String decode(int[] letters) {
    byte[] bytes = new byte[LONGEST];
    int length = 0;
    while (length < LONGEST && letters[length] != 0) {
      bytes[length] = (byte) letters[length];
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
