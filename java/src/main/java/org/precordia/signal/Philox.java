// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

/**
 * A stream of random numbers from Philox4x32-10, the counter-based generator of Salmon, Moraes,
 * Dror and Shaw, <i>Parallel random numbers: as easy as 1, 2, 3</i>, SC 2011.
 *
 * <p>The key is a 64-bit seed; three words of the 128-bit counter name the stream and the fourth
 * counts its blocks, so any stream can be opened without drawing the ones before it. Integers,
 * uniforms and normals are the same on every machine: only integer arithmetic, IEEE operations and
 * {@link StrictMath} are used. A stream holds 2^32 blocks of four words and is not thread-safe.
 */
public final class Philox {
  private static final int MULTIPLIER_0 = 0xD2511F53;
  private static final int MULTIPLIER_1 = 0xCD9E8D57;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;

  private final int key0;
  private final int key1;
  private final int stream0;
  private final int stream1;
  private final int stream2;
  private final int[] words = new int[4];
  private int block;
  private int used = words.length;
  private double spareNormal = Double.NaN;

  /**
   * Opens a stream at its beginning.
   *
   * @param seed the key; its low half is the first key word
   * @param stream0 second counter word
   * @param stream1 third counter word
   * @param stream2 fourth counter word
   */
  public Philox(long seed, int stream0, int stream1, int stream2) {
    this.key0 = (int) seed;
    this.key1 = (int) (seed >>> 32);
    this.stream0 = stream0;
    this.stream1 = stream1;
    this.stream2 = stream2;
  }

  /**
   * One block of the generator: four words in, four words out.
   *
   * @param key0 low word of the key
   * @param key1 high word of the key
   * @param words the counter on entry, the random words on return
   */
  public static void block(int key0, int key1, int[] words) {
    int c0 = words[0];
    int c1 = words[1];
    int c2 = words[2];
    int c3 = words[3];
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = Integer.toUnsignedLong(MULTIPLIER_0) * Integer.toUnsignedLong(c0);
      long p1 = Integer.toUnsignedLong(MULTIPLIER_1) * Integer.toUnsignedLong(c2);
      c0 = (int) (p1 >>> 32) ^ c1 ^ key0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ key1;
      c3 = (int) p0;
      key0 += WEYL_0;
      key1 += WEYL_1;
    }
    words[0] = c0;
    words[1] = c1;
    words[2] = c2;
    words[3] = c3;
  }

  /** The next 32 random bits. */
  public int nextInt() {
    if (used == words.length) {
      words[0] = block++;
      words[1] = stream0;
      words[2] = stream1;
      words[3] = stream2;
      block(key0, key1, words);
      used = 0;
    }
    return words[used++];
  }

  /** A uniform integer in [0, bound), without bias. */
  public int nextInt(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("bound must be positive, was " + bound);
    }
    // Lemire's multiply-and-reject: words below 2^32 mod bound would favour some results.
    long threshold = (1L << 32) % bound;
    long product;
    do {
      product = Integer.toUnsignedLong(nextInt()) * bound;
    } while ((product & 0xFFFFFFFFL) < threshold);
    return (int) (product >>> 32);
  }

  /** A uniform number in [0, 1) with 53 random bits. */
  public double nextDouble() {
    return fiftyThreeBits() * 0x1p-53;
  }

  /** A uniform number in [low, high). */
  public double uniform(double low, double high) {
    return low + (high - low) * nextDouble();
  }

  /** A standard normal number (Box–Muller; the second of a pair is kept for the next call). */
  public double normal() {
    if (!Double.isNaN(spareNormal)) {
      double spare = spareNormal;
      spareNormal = Double.NaN;
      return spare;
    }
    double radius = StrictMath.sqrt(-2 * StrictMath.log((fiftyThreeBits() + 1) * 0x1p-53));
    double angle = 2 * StrictMath.PI * nextDouble();
    spareNormal = radius * StrictMath.sin(angle);
    return radius * StrictMath.cos(angle);
  }

  /** A normal number of the given mean and standard deviation. */
  public double normal(double mean, double deviation) {
    return mean + deviation * normal();
  }

  /** A positive factor whose logarithm is normal with mean 0 and the given deviation. */
  public double factor(double deviation) {
    return StrictMath.exp(deviation * normal());
  }

  private long fiftyThreeBits() {
    long high = nextInt() >>> 6;
    long low = nextInt() >>> 5;
    return (high << 27) | low;
  }
}
