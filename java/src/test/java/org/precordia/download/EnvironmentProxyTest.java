// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which proxy is taken, and that a download goes through it. */
class EnvironmentProxyTest extends DownloadFixture {
  private static final ProxySelector NONE = ProxySelector.of(null);

  private static String chosen(Map<String, String> environment, String uri) {
    Proxy proxy = new EnvironmentProxy(environment, NONE).select(URI.create(uri)).getFirst();
    return proxy.type() == Proxy.Type.DIRECT
        ? "direct"
        : ((InetSocketAddress) proxy.address()).getHostString()
            + ":"
            + ((InetSocketAddress) proxy.address()).getPort();
  }

  @Test
  void theVariableOfTheSchemeIsTaken() {
    Map<String, String> environment =
        Map.of(
            "https_proxy", "http://secure.test:3128/",
            "HTTP_PROXY", "plain.test:8080",
            "no_proxy", "localhost, .intern.test,*.other.test");
    assertEquals("secure.test:3128", chosen(environment, "https://physionet.org/files/"));
    assertEquals("plain.test:8080", chosen(environment, "http://physionet.org/files/"));
    assertEquals("direct", chosen(environment, "http://localhost:8000/"));
    assertEquals("direct", chosen(environment, "https://a.b.INTERN.test/"));
    assertEquals("direct", chosen(environment, "https://x.other.test/"));
    assertEquals("secure.test:3128", chosen(environment, "https://notintern.test/"));
    assertEquals("all.test:80", chosen(Map.of("ALL_PROXY", "http://all.test"), "https://x.test/"));
    assertEquals("direct", chosen(Map.of("https_proxy", ""), "https://x.test/"));
  }

  @Test
  void systemPropertiesComeFirst() {
    ProxySelector system = ProxySelector.of(InetSocketAddress.createUnresolved("sys.test", 1));
    Map<String, String> environment = Map.of("https_proxy", "http://secure.test:3128");
    Proxy proxy =
        new EnvironmentProxy(environment, system).select(URI.create("https://x.test")).getFirst();
    assertEquals("sys.test", ((InetSocketAddress) proxy.address()).getHostString());
  }

  @Test
  void whatIsNoProxyIsNamedWithoutItsPassword() {
    for (String value : new String[] {"socks5://u:secret@host:1", "http://u:secret@", "%%secret"}) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> new EnvironmentProxy(Map.of("https_proxy", value), NONE));
      assertTrue(e.getMessage().contains("https_proxy"), e.getMessage());
      assertTrue(!e.getMessage().contains("secret"), e.getMessage());
    }
  }

  @Test
  void aDownloadGoesThroughTheProxyWithItsPassword() throws Exception {
    environment = Map.of("http_proxy", "http://user:pass@localhost:" + server.port());
    server.plan(
        Checksums.NAME, FaultyServer.status(407, "Proxy-Authenticate", "Basic realm=\"proxy\""));
    DownloadReport report = downloader("http://data.test/", false).run(Dataset.PTB_XL.needed(100));
    assertTrue(report.complete());
    String basic = Base64.getEncoder().encodeToString("user:pass".getBytes(StandardCharsets.UTF_8));
    for (FaultyServer.Request request : server.requests(DATA)) {
      assertTrue(request.line().startsWith("GET http://data.test/records100/"), request.line());
      assertEquals("Basic " + basic, request.header("proxy-authorization"));
    }
    assertHolds(DATA, bytes(5, SIZE));
  }
}
