// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.precordia.download.FaultyServer.status;
import static org.precordia.download.FaultyServer.whole;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Servers that break off, lie, stall and send elsewhere: what is kept is right all the same. */
class BadServerTest extends DownloadFixture {
  @Test
  void brokenConnectionsGoOnWhereTheyBroke() throws Exception {
    server.plan(
        DATA,
        server.cut(100_000, dropWhenPartHas(100_000)),
        server.cut(50_000, dropWhenPartHas(150_000)),
        server.cut(0, FaultyServer.Reply::close));
    DownloadReport report = download();
    assertTrue(report.complete());
    List<FaultyServer.Request> requests = server.requests(DATA);
    assertEquals(
        List.of(0, 100_000, 150_000, 150_000),
        requests.stream().map(FaultyServer.Request::from).toList());
    assertEquals(6250 + SIZE, report.bytes(), "no byte came twice");
    assertHolds(DATA, bytes(5, SIZE));
    assertEquals(3, pauses.size());
  }

  @Test
  void aConnectionThatAlwaysBreaksIsGivenUpOnlyWhenItBringsNothing() throws Exception {
    for (int i = 1; i <= 10; i++) {
      server.plan(DATA, server.cut(20_000, dropWhenPartHas(20_000L * i)));
    }
    assertTrue(download().complete(), "ten breaks are more than four attempts");
    folder = temporary.resolve("second");
    for (int i = 0; i < 4; i++) {
      server.plan(DATA, server.cut(0, FaultyServer.Reply::close));
    }
    DownloadReport report = download();
    assertEquals(DATA, report.missing().getFirst().path());
    assertTrue(report.missing().getFirst().reason().contains("after 4 attempts"));
  }

  @Test
  void pausesDouble() throws Exception {
    server.plan(DATA, status(500), status(502), status(504));
    assertTrue(download().complete());
    assertEquals(3, pauses.size());
    for (int i = 0; i < 3; i++) {
      double millis = pauses.get(i).toNanos() / 1e6;
      assertTrue(millis >= 0.5 * (1 << i) && millis <= 1 << i, i + ": " + millis);
    }
  }

  @Test
  void theServersOwnPauseIsKept() throws Exception {
    String date =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(
            ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(90));
    server.plan(
        DATA, status(503, "Retry-After", "7"), status(429, "Retry-After", date), status(503));
    assertTrue(download().complete());
    assertEquals(Duration.ofSeconds(7), pauses.get(0));
    assertTrue(pauses.get(1).toSeconds() > 60 && pauses.get(1).toSeconds() <= 90);
    assertTrue(pauses.get(2).toMillis() <= 4);
  }

  @Test
  void aServerThatWantsAnHourIsLeftAlone() throws Exception {
    server.plan(DATA, status(503, "Retry-After", "3600"));
    DownloadReport report = download();
    assertEquals(List.of(), pauses);
    String reason = report.missing().getFirst().reason();
    assertTrue(reason.contains("left alone for 3600 s"), reason);
  }

  @Test
  void corruptBytesAreFetchedAgainFromTheStart() throws Exception {
    byte[] corrupt = bytes(5, SIZE);
    corrupt[SIZE / 2] ^= 1;
    server.plan(DATA, whole(corrupt), whole(corrupt));
    DownloadReport report = download();
    assertTrue(report.complete());
    assertEquals(
        List.of(0, 0, 0), server.requests(DATA).stream().map(FaultyServer.Request::from).toList());
    assertHolds(DATA, bytes(5, SIZE));
  }

  @Test
  void whatStaysCorruptNeverGetsItsPlace() throws Exception {
    byte[] corrupt = bytes(5, SIZE);
    corrupt[0] ^= 1;
    for (int i = 0; i < 10; i++) {
      server.plan(DATA, whole(corrupt));
    }
    DownloadReport report = download();
    assertFalse(report.complete());
    String reason = report.missing().getFirst().reason();
    assertTrue(reason.contains("came with SHA-256 " + FaultyServer.sum(corrupt)), reason);
    assertAbsent(DATA);
    assertEquals(0, partLength());
    assertTrue(server.requests(DATA).size() <= 5);
  }

  @Test
  void wrongLengthsAreFound() throws Exception {
    server.plan(DATA, whole(bytes(5, SIZE), "Content-Length", "1000"));
    server.plan(
        HEADER,
        (request, reply) -> {
          whole(bytes(4, 700), "Content-Length", "900").to(request, reply);
          reply.close();
        });
    assertTrue(download().complete());
    assertHolds(DATA, bytes(5, SIZE));
    assertHolds(HEADER, bytes(4, 700));
  }

  @Test
  void aServerWithoutRangesSendsItAllAgain() throws Exception {
    server.plan(DATA, server.cut(100_000, dropWhenPartHas(100_000)), whole(bytes(5, SIZE)));
    assertTrue(download().complete());
    assertEquals(100_000, server.requests(DATA).getLast().from());
    assertHolds(DATA, bytes(5, SIZE));
  }

  @Test
  void anotherRangeThanTheOneAskedForIsNotTaken() throws Exception {
    byte[] content = bytes(5, SIZE);
    server.plan(
        DATA,
        server.cut(100_000, dropWhenPartHas(100_000)),
        (request, reply) ->
            reply.send(
                206,
                Map.of("Content-Range", "bytes 90000-299999/300000"),
                Arrays.copyOfRange(content, 90_000, SIZE)),
        status(206));
    assertTrue(download().complete());
    assertHolds(DATA, content);
  }

  @Test
  void aFileThatChangedBetweenTwoRangesBeginsAnew() throws Exception {
    byte[] old = bytes(55, SIZE);
    server.plan(
        DATA,
        (request, reply) -> {
          reply.cutAfter(100_000);
          reply.send(200, Map.of("ETag", "\"old\""), old);
          awaitPart(100_000);
          reply.close();
        });
    DownloadReport report = download();
    assertTrue(report.complete());
    assertEquals("\"old\"", server.requests(DATA).getLast().header("if-range"));
    assertEquals(2, server.requests(DATA).size());
    assertHolds(DATA, bytes(5, SIZE));
  }

  @Test
  void withoutTagsTheSumFindsTheMixture() throws Exception {
    byte[] old = bytes(55, SIZE);
    server.plan(
        DATA,
        (request, reply) -> {
          reply.cutAfter(100_000);
          reply.send(200, Map.of("ETag", "W/\"weak\""), old);
          awaitPart(100_000);
          reply.close();
        });
    assertTrue(download().complete());
    assertEquals(
        List.of(0, 100_000, 0),
        server.requests(DATA).stream().map(FaultyServer.Request::from).toList());
    assertHolds(DATA, bytes(5, SIZE));
  }

  @Test
  void aPartLongerThanTheFileIsDropped() throws Exception {
    Files.createDirectories(folder);
    try (StateFolder state = new StateFolder(folder)) {
      Checksums.Entry entry = new Checksums.Entry(DATA, FaultyServer.sum(bytes(5, SIZE)));
      try (PartFile part = new PartFile(state, entry, folder.resolve(DATA), medium)) {
        part.write(new byte[SIZE + 1], SIZE + 1);
      }
    }
    assertTrue(download().complete());
    assertHolds(DATA, bytes(5, SIZE));
  }

  @Test
  void silenceIsBrokenOff() throws Exception {
    settings = settings.withStall(Duration.ofSeconds(1));
    server.plan(DATA, server.cut(100_000, server::silence));
    server.plan(HEADER, (request, reply) -> server.silence(reply));
    DownloadReport report = download();
    assertTrue(report.complete(), report.missing().toString());
    assertTrue(server.requests(HEADER).size() > 1);
    assertTrue(server.requests(DATA).size() > 1);
    assertHolds(DATA, bytes(5, SIZE));
  }

  @Test
  void redirectionsAreFollowedWithinTheWebAlone() throws Exception {
    server.put("elsewhere", bytes(4, 700));
    server.plan(HEADER, status(302, "Location", server.url() + "elsewhere"));
    server.plan(DATA, status(301, "Location", "file:///etc/hostname"));
    String[] loop = {"Location", server.url() + TABLE};
    for (int i = 0; i < 50; i++) {
      server.plan(TABLE, status(302, loop));
    }
    DownloadReport report = download();
    assertHolds(HEADER, bytes(4, 700));
    assertEquals(2, report.missing().size());
    for (DownloadReport.Missing missing : report.missing()) {
      assertTrue(missing.reason().contains("which is not followed"), missing.reason());
    }
    assertAbsent(DATA);
  }

  @Test
  void sizesHaveALimitStatedOrNot() throws Exception {
    server.plan(DATA, whole(new byte[10], "Content-Length", Integer.toString(LARGEST + 1)));
    server.plan(
        HEADER,
        (request, reply) ->
            reply.send(200, Map.of("Transfer-Encoding", "chunked"), chunks(LARGEST + 70_000)));
    DownloadReport report = download();
    assertEquals(2, report.missing().size());
    for (DownloadReport.Missing missing : report.missing()) {
      assertTrue(missing.reason().contains("has more than " + LARGEST), missing.reason());
    }
    assertEquals(0, partLength());
  }

  private static byte[] chunks(int bytes) {
    byte[] head = (Integer.toHexString(bytes) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    byte[] body = new byte[head.length + bytes + 7];
    System.arraycopy(head, 0, body, 0, head.length);
    byte[] tail = "\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(tail, 0, body, head.length + bytes, 7);
    return body;
  }

  @Test
  void compressionThatWasNotAskedForIsNamed() throws Exception {
    server.plan(DATA, whole(bytes(1, 100), "Content-Encoding", "gzip"));
    String reason = download().missing().getFirst().reason();
    assertTrue(reason.contains("Content-Encoding gzip"), reason);
    assertEquals("identity", server.requests(DATA).getFirst().header("accept-encoding"));
  }

  @Test
  void aServerThatDoesNotAnswerAtAllIsNamedWithItsAddress() throws Exception {
    String url = server.url();
    server.close();
    MirrorException e =
        assertThrows(
            MirrorException.class, () -> downloader(url, false).run(Dataset.PTB_XL.needed(100)));
    assertTrue(e.getMessage().contains(url + "SHA256SUMS.txt: ConnectException"), e.getMessage());
    assertTrue(e.getMessage().contains("after 4 attempts"), e.getMessage());
    assertEquals(3, pauses.size());
  }
}
