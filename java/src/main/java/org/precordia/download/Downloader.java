// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.precordia.data.AtomicFile;

/**
 * Fetches a data set into a folder: the list of sums first, then the selected files, several at
 * once. A file that is there is whole and has the published SHA-256, however the download ended;
 * run again, it fetches what is missing.
 */
public final class Downloader {
  private static final int BLOCK = 1 << 16;
  private static final int FEWEST_FAILURES = 8;
  private static final Pattern WEB = Pattern.compile("(?i)https?://.*");

  private final Mirror mirror;
  private final Path folder;
  private final DownloadSettings settings;
  private final Progress progress;
  private final Retry retry;
  private final UnaryOperator<SeekableByteChannel> wrapper;
  private final Object workerLock = new Object();
  private ExecutorService workers;
  private volatile boolean stopping;

  /** Hears how far a download is; one call at a time. */
  public interface Progress {
    /** {@code done} of {@code files} are there or given up, and {@code bytes} came. */
    void at(int done, int files, long bytes);
  }

  /**
   * @param source address of the folder that has the data set's SHA256SUMS.txt: http, https, file
   *     or a path
   * @param folder where the files go; made if it is not there
   * @throws IllegalArgumentException when the source or a proxy of the environment is no address
   */
  public Downloader(String source, Path folder, DownloadSettings settings, Progress progress) {
    this(
        mirror(source, settings, System.getenv()),
        folder,
        settings,
        progress,
        Thread::sleep,
        UnaryOperator.identity());
  }

  Downloader(
      Mirror mirror,
      Path folder,
      DownloadSettings settings,
      Progress progress,
      Retry.Sleeper sleeper,
      UnaryOperator<SeekableByteChannel> wrapper) {
    this.mirror = mirror;
    this.folder = folder;
    this.settings = settings;
    this.progress = progress;
    this.retry = new Retry(settings, sleeper);
    this.wrapper = wrapper;
  }

  static Mirror mirror(String source, DownloadSettings settings, Map<String, String> environment) {
    if (WEB.matcher(source).matches()) {
      return new HttpMirror(
          source, settings, new EnvironmentProxy(environment, ProxySelector.getDefault()));
    }
    Path local = source.startsWith("file:") ? Path.of(URI.create(source)) : Path.of(source);
    if (!Files.isDirectory(local)) {
      throw new IllegalArgumentException(
          "--mirror takes http://, https://, file:// or a folder, not " + source);
    }
    return new FolderMirror(local);
  }

  /**
   * Fetches until all is there, the server is gone, or {@link #stop} is called; once.
   *
   * @return what was done; files that the server does not give are in it
   * @throws org.precordia.data.DataException when the folder cannot be written
   * @throws IOException when the list of sums does not come or cannot be used
   * @throws InterruptedException when the calling thread is interrupted or stopped before the list
   *     of sums has come
   */
  public DownloadReport run(Dataset.Selection selection) throws IOException, InterruptedException {
    try (mirror;
        StateFolder state = new StateFolder(folder);
        Journal journal = new Journal(state.journal());
        Watchdog watchdog = new Watchdog(settings.stall());
        ExecutorService pool = startWorkers()) {
      try {
        byte[] sums = await(submit(pool, () -> list(watchdog)));
        Checksums list = Checksums.parse(sums, mirror.address(Checksums.NAME));
        List<Checksums.Entry> wanted = selection.of(list, mirror.address(Checksums.NAME));
        AtomicFile.write(state.file(Checksums.NAME), sums);
        Tally tally =
            new Tally(wanted.size(), Math.max(FEWEST_FAILURES, 2 * settings.parallel()), progress);
        Transfer transfer =
            new Transfer(settings, mirror, state, journal, watchdog, retry, wrapper);
        work(pool, wanted.iterator(), transfer, tally);
        return tally.report(stopping);
      } finally {
        pool.shutdownNow();
      }
    }
  }

  /** Ends the download early; parts of files are kept. From any thread. */
  public void stop() {
    synchronized (workerLock) {
      stopping = true;
      if (workers != null) {
        workers.shutdownNow();
      }
    }
  }

  private ExecutorService startWorkers() {
    synchronized (workerLock) {
      workers =
          Executors.newFixedThreadPool(
              settings.parallel(), Thread.ofPlatform().name("precordia-download-", 1).factory());
      return workers;
    }
  }

  private <T> Future<T> submit(ExecutorService pool, Callable<T> task) throws InterruptedException {
    synchronized (workerLock) {
      if (stopping) {
        throw new InterruptedException("stopped before it began");
      }
      return pool.submit(task);
    }
  }

  /** The list of sums, in memory. */
  private byte[] list(Watchdog watchdog) throws IOException, InterruptedException {
    try {
      return retry.run(() -> read(watchdog), () -> 0);
    } catch (MirrorException e) {
      throw e.isPassing()
          ? MirrorException.passing(address(e) + "; try again later, or name another --mirror")
          : MirrorException.lasting(address(e) + "; is --mirror right?");
    }
  }

  private String address(MirrorException e) {
    return mirror.address(Checksums.NAME) + ": " + e.getMessage();
  }

  private byte[] read(Watchdog watchdog) throws IOException, InterruptedException {
    try (Mirror.Body body = mirror.open(Checksums.NAME, 0, "");
        Watchdog.Watch watch = watchdog.over(body.content())) {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      byte[] block = new byte[BLOCK];
      try {
        for (int count = body.content().read(block); count >= 0; ) {
          watch.received(count);
          text.write(block, 0, count);
          if (text.size() > Checksums.LARGEST) {
            throw MirrorException.lasting(
                "has more than %d bytes, no list of sums has".formatted(Checksums.LARGEST));
          }
          count = body.content().read(block);
        }
      } catch (MirrorException e) {
        throw e;
      } catch (IOException e) {
        throw watch.explain(e);
      }
      return text.toByteArray();
    }
  }

  /** Lets every worker take the next file until there is none. */
  private void work(
      ExecutorService pool, Iterator<Checksums.Entry> files, Transfer transfer, Tally tally)
      throws IOException, InterruptedException {
    AtomicReference<Exception> failure = new AtomicReference<>();
    synchronized (workerLock) {
      for (int i = 0; i < settings.parallel() && !stopping; i++) {
        pool.execute(
            () -> {
              try {
                takeFiles(files, transfer, tally);
              } catch (IOException | InterruptedException | RuntimeException e) {
                // The fault is this machine's: the other workers would meet it too.
                failure.compareAndSet(null, e);
                synchronized (workerLock) {
                  pool.shutdownNow();
                }
              }
            });
      }
    }
    pool.shutdown();
    pool.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    if (failure.get() != null && !(stopping && failure.get() instanceof InterruptedException)) {
      throw rethrown(failure.get());
    }
  }

  private void takeFiles(Iterator<Checksums.Entry> files, Transfer transfer, Tally tally)
      throws IOException, InterruptedException {
    while (!stopping && !tally.isServerGone()) {
      Checksums.Entry entry;
      synchronized (files) {
        if (!files.hasNext()) {
          return;
        }
        entry = files.next();
      }
      try {
        tally.done(entry, transfer.bring(entry, tally::received));
      } catch (MirrorException e) {
        tally.failed(entry, e.getMessage(), e.isPassing());
      }
    }
  }

  private static byte[] await(Future<byte[]> list) throws IOException, InterruptedException {
    try {
      return list.get();
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    }
  }

  private static RuntimeException rethrown(Throwable failure)
      throws IOException, InterruptedException {
    switch (failure) {
      case IOException failed -> throw failed;
      case InterruptedException interrupted -> throw interrupted;
      case RuntimeException fault -> throw fault;
      default -> throw new IllegalStateException(failure);
    }
  }
}
