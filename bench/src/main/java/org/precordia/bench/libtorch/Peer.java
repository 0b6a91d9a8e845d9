// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import java.lang.reflect.InvocationTargetException;

/** Another program that does Precordia's work, called from the same process. */
interface Peer {
  /** Name and version. */
  String name();

  /** Name and version of the library that convolves for it. */
  String convolver();

  /** Forward pass of a block, keeping nothing; the result is y [B, L, C]. */
  Work blockInference(Problem.Block problem);

  /** Gradients of a block; the result is dx [B, L, C] and those of the parameters. */
  Work blockBackward(Problem.Block problem);

  /**
   * The block's dilated convolution alone.
   *
   * @param keepLayout whether input and weights lie as the convolver likes them best, so that no
   *     pass reorders them; the result then is empty
   */
  Work convolution(Problem.Block problem, boolean keepLayout);

  /** Loss {@code any} and its gradient; the result is the gradient [N, D]. */
  Work contrast(Problem.Contrast problem);

  /** A step of recipe joint on one batch; the result is the gradient of the parameters. */
  Work training(Problem.Network problem);

  /** The missing leads; the result is [B, L, 5]. */
  Work inference(Problem.Network problem);

  /**
   * Opens libtorch.
   *
   * @throws AbsentException when this build has none, or when it does not load
   */
  static Peer libtorch(int threads) throws AbsentException {
    try {
      return (Peer)
          Class.forName(Peer.class.getPackageName() + ".Libtorch")
              .getDeclaredConstructor(int.class)
              .newInstance(threads);
    } catch (ClassNotFoundException e) {
      throw new AbsentException("not in this build: ./mvnw package -DskipTests -Plibtorch", e);
    } catch (InvocationTargetException e) {
      throw new AbsentException("does not load: " + e.getCause(), e);
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new AbsentException("does not load: " + e, e);
    }
  }

  /** Says why there is no peer. */
  final class AbsentException extends Exception {
    private static final long serialVersionUID = 1;

    AbsentException(String reason, Throwable cause) {
      super(reason, cause);
    }
  }
}
