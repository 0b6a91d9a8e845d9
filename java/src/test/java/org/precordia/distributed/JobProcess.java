// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.time.Duration;
import java.util.Optional;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.ContextOptions;
import org.precordia.runtime.DType;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * A rank that mpirun starts. It adds up with the others, and then obeys its argument: {@code end};
 * {@code die}, where the last rank dies while the others wait for it in a sum; {@code throw}, where
 * it fails; {@code hang}, where it dies and the first rank does not notice.
 */
final class JobProcess {
  private static final int LAST_RESORT = 7;
  private static final int DEAD = 9;

  private JobProcess() {}

  public static void main(String[] arguments) throws Exception {
    Ranks ranks = Ranks.of(System.getenv());
    JobOptions options =
        new JobOptions(
            ranks,
            System.getenv(),
            Optional.empty(),
            Configuration.of("a test"),
            Duration.ofSeconds(90),
            line -> System.out.println("log of " + ranks.rank() + ": " + line),
            () -> {
              System.out.println("rank %d: ended".formatted(ranks.rank()));
              System.out.flush();
              Runtime.getRuntime().halt(LAST_RESORT);
            });
    try (Context context =
            Context.open(Backend.CPU.select(), ContextOptions.DEFAULT.withThreads(1));
        Job job = Job.open(context, options)) {
      System.out.println("rank %d: sum %.0f".formatted(ranks.rank(), sum(context, job)));
      System.out.flush();
      job.run(() -> obey(arguments[0], context, job));
      System.out.println("rank %d: done".formatted(ranks.rank()));
    } catch (RankLostException e) {
      System.out.println("rank %d: %s".formatted(ranks.rank(), e.getMessage()));
      System.exit(LAST_RESORT);
    }
  }

  private static Void obey(String order, Context context, Job job) throws InterruptedException {
    boolean last = job.ranks().rank() == job.ranks().ranks() - 1;
    if (order.equals("end")) {
      return null;
    }
    if (last && order.equals("throw")) {
      throw new IllegalStateException("the data are damaged");
    }
    if (last) {
      Runtime.getRuntime().halt(DEAD);
    }
    if (order.equals("hang") && job.first()) {
      Thread.sleep(Duration.ofMinutes(5));
    }
    sum(context, job);
    return null;
  }

  private static float sum(Context context, Job job) {
    try (Stream stream = context.stream()) {
      Tensor tensor = stream.allocate(DType.F32, 1);
      try {
        tensor.upload(stream, new float[] {job.ranks().rank() + 1});
        job.communicator().allReduce(stream, tensor);
        return tensor.floats(stream)[0];
      } finally {
        tensor.buffer().close();
      }
    }
  }
}
