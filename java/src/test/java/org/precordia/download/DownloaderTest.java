// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.precordia.data.DataException;

/** What a download leaves behind: which files, when it goes on, and what it never does. */
class DownloaderTest extends DownloadFixture {
  @Test
  void whatIsNeededComesAndNothingElse() throws Exception {
    DownloadReport report = download();
    assertTrue(report.complete());
    assertEquals(5, report.files());
    assertEquals(5, report.fetched());
    assertEquals(5000 + 500 + 50 + 700 + SIZE, report.bytes());
    assertHolds(TABLE, bytes(1, 5000));
    assertHolds("LICENSE.txt", bytes(3, 50));
    assertHolds(HEADER, bytes(4, 700));
    assertHolds(DATA, bytes(5, SIZE));
    assertTrue(Files.exists(folder.resolve("SHA256SUMS.txt")));
    assertAbsent(OTHER);
    assertEquals(0, partLength());
    assertEquals("test", server.requests(TABLE).getFirst().header("user-agent"));
  }

  @Test
  void everythingComesWhenAskedFor() throws Exception {
    DownloadReport report = downloader(false).run(Dataset.PTB_XL.everything());
    assertEquals(6, report.fetched());
    assertHolds(OTHER, bytes(6, 700));
  }

  @Test
  void aSecondRunFetchesAndReadsNothing() throws Exception {
    download();
    int before = server.requests().size();
    DownloadReport again = download();
    assertTrue(again.complete());
    assertEquals(5, again.kept());
    assertEquals(0, again.bytes());
    assertEquals(before + 1, server.requests().size(), "the list of sums alone");
    assertEquals(2, server.requests(Checksums.NAME).size());
  }

  @Test
  void aChangeIsFoundBySizeOrTimeAndBehindBothWhenVerified() throws Exception {
    download();
    Path table = folder.resolve(TABLE);
    FileTime time = Files.getLastModifiedTime(table);
    Files.write(table, bytes(77, 5000));
    Files.setLastModifiedTime(table, time);
    assertEquals(5, download().kept(), "trusts size and time");
    DownloadReport verified = downloader(true).run(Dataset.PTB_XL.needed(100));
    assertEquals(List.of(TABLE), verified.replaced());
    assertEquals(4, verified.kept());
    assertHolds(TABLE, bytes(1, 5000));
    Files.write(table, bytes(78, 5001));
    assertEquals(List.of(TABLE), download().replaced());
    assertHolds(TABLE, bytes(1, 5000));
  }

  @Test
  void filesFromElsewhereAndALostJournalCostReadingAlone() throws Exception {
    download();
    Files.delete(folder.resolve(StateFolder.NAME).resolve("verified.tsv"));
    DownloadReport again = download();
    assertEquals(5, again.kept());
    assertEquals(0, again.bytes());
    Files.write(folder.resolve(StateFolder.NAME).resolve("verified.tsv"), bytes(9, 5000));
    assertEquals(5, download().kept());
  }

  @Test
  void whatIsMissingIsNamedAndComesLater() throws Exception {
    server.plan(HEADER, FaultyServer.status(404));
    DownloadReport report = download();
    assertFalse(report.complete());
    assertEquals(4, report.fetched());
    assertEquals(
        List.of(new DownloadReport.Missing(HEADER, "the server answered 404")), report.missing());
    assertEquals(1, server.requests(HEADER).size(), "what is not there is not asked for again");
    assertAbsent(HEADER);
    DownloadReport again = download();
    assertTrue(again.complete());
    assertEquals(1, again.fetched());
  }

  @Test
  void aServerThatIsGoneIsNotAskedForEveryFile() throws Exception {
    for (int i = 0; i < 100; i++) {
      String path = "records100/0/%03d.hea".formatted(i);
      server.put(path, bytes(i, 10));
      for (int attempt = 0; attempt < 4; attempt++) {
        server.plan(path, FaultyServer.status(503));
      }
    }
    server.putSums();
    DownloadReport report = download();
    assertFalse(report.complete());
    assertTrue(report.advice().contains("files in a row"), report.advice());
    assertTrue(report.missing().size() < 20, "gave up after " + report.missing().size());
    assertTrue(report.missing().getFirst().reason().contains("503 (after 4 attempts)"));
    assertEquals(105, report.fetched() + report.missing().size() + report.notTried());
  }

  @Test
  void anotherDataSetsListIsRefused() {
    MirrorException e =
        assertThrows(MirrorException.class, () -> downloader(false).run(Dataset.PTB.needed(100)));
    assertTrue(e.getMessage().contains("lists no record"), e.getMessage());
    server.put(Checksums.NAME, "<html>Welcome</html>".getBytes(StandardCharsets.UTF_8));
    e = assertThrows(MirrorException.class, this::download);
    assertTrue(e.getMessage().contains("SHA256SUMS.txt:1: is no line of"), e.getMessage());
    server.plan(Checksums.NAME, FaultyServer.status(404));
    e = assertThrows(MirrorException.class, this::download);
    assertTrue(e.getMessage().contains("404; is --mirror right?"), e.getMessage());
  }

  @Test
  void twoDownloadsDoNotShareAFolder() throws Exception {
    Downloader running = downloader(false);
    server.plan(DATA, server.cut(100_000, server::silence));
    CompletableFuture<DownloadReport> first = start(running);
    awaitPart(100_000);
    DataException e = assertThrows(DataException.class, this::download);
    assertTrue(e.getMessage().contains("another download"), e.getMessage());
    running.stop();
    assertTrue(first.get().stopped());
    assertTrue(download().complete(), "the folder is free again");
  }

  @Test
  void stoppedInTheMiddleItFetchesOnlyTheRest() throws Exception {
    Downloader running = downloader(false);
    server.plan(DATA, server.cut(120_000, server::silence));
    CompletableFuture<DownloadReport> first = start(running);
    awaitFiles(TABLE, "scp_statements.csv", "LICENSE.txt", HEADER);
    awaitPart(120_000);
    running.stop();
    DownloadReport report = first.get();
    assertTrue(report.stopped());
    assertFalse(report.complete());
    assertAbsent(DATA);
    assertEquals(120_000, partLength());
    DownloadReport again = download();
    assertTrue(again.complete());
    FaultyServer.Request rest = server.requests(DATA).getLast();
    assertEquals(120_000, rest.from());
    assertFalse(rest.header("if-range").isEmpty());
    assertEquals(6250 + 120_000, report.bytes());
    assertEquals(SIZE - 120_000, again.bytes(), "the rest alone");
    assertHolds(DATA, bytes(5, SIZE));
  }

  @Test
  void aPartThatIsWholeNeedsNoServer() throws Exception {
    Files.createDirectories(folder);
    try (StateFolder state = new StateFolder(folder)) {
      Checksums.Entry entry = new Checksums.Entry(DATA, FaultyServer.sum(bytes(5, SIZE)));
      try (PartFile part = new PartFile(state, entry, folder.resolve(DATA), medium)) {
        part.write(bytes(5, SIZE), SIZE);
      }
    }
    assertTrue(download().complete());
    assertTrue(server.requests(DATA).isEmpty());
  }

  @Test
  void aFullMediumEndsItWithWhatToDoAndNothingIsLost() throws Exception {
    medium = channel -> new SmallChannel(channel, 100_000);
    DataException e = assertThrows(DataException.class, this::download);
    assertTrue(e.getMessage().contains("no space left on the device"), e.getMessage());
    assertTrue(e.getMessage().contains("what was fetched is kept"), e.getMessage());
    assertAbsent(DATA);
    medium = channel -> channel;
    long kept = partLength();
    assertTrue(kept > 0);
    assertTrue(download().complete());
    assertEquals(kept, server.requests(DATA).getLast().from());
    assertHolds(DATA, bytes(5, SIZE));
  }

  @Test
  void nothingIsWrittenThroughALink() throws Exception {
    Path outside = Files.createDirectory(temporary.resolve("outside"));
    Files.createDirectories(folder);
    Files.createSymbolicLink(folder.resolve("records100"), outside);
    DataException e = assertThrows(DataException.class, this::download);
    assertTrue(e.getMessage().contains("is a symbolic link"), e.getMessage());
    Files.delete(folder.resolve("records100"));
    Path victim = Files.writeString(outside.resolve("victim"), "as it was");
    Files.deleteIfExists(folder.resolve(TABLE));
    Files.createSymbolicLink(folder.resolve(TABLE), victim);
    e = assertThrows(DataException.class, this::download);
    assertTrue(e.getMessage().contains(TABLE + ": is a symbolic link"), e.getMessage());
    assertEquals("as it was", Files.readString(victim));
  }

  @Test
  void aFolderIsAMirrorToo() throws Exception {
    assertTrue(downloader(false).run(Dataset.PTB_XL.everything()).complete());
    Path copy = folder;
    folder = temporary.resolve("second");
    DownloadReport report =
        downloader(copy.toUri().toString(), false).run(Dataset.PTB_XL.needed(100));
    assertTrue(report.complete());
    assertHolds(DATA, bytes(5, SIZE));
    Files.delete(copy.resolve(HEADER));
    folder = temporary.resolve("third");
    report = downloader(copy.toString(), false).run(Dataset.PTB_XL.needed(100));
    assertTrue(report.missing().getFirst().reason().contains("no such file"));
    assertThrows(IllegalArgumentException.class, () -> downloader("ftp://localhost/", false));
  }

  /** A medium on which no file has room for more than a few bytes. */
  private record SmallChannel(SeekableByteChannel channel, long room)
      implements SeekableByteChannel {
    @Override
    public int write(ByteBuffer source) throws IOException {
      if (channel.position() + source.remaining() > room) {
        throw new IOException("No space left on device");
      }
      return channel.write(source);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      return channel.read(target);
    }

    @Override
    public long position() throws IOException {
      return channel.position();
    }

    @Override
    public SeekableByteChannel position(long position) throws IOException {
      channel.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public SeekableByteChannel truncate(long size) throws IOException {
      channel.truncate(size);
      return this;
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
