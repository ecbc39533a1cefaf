// Public URLs: what may be posted to, and every spelling of what may not.
#include "base/public_url.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace latchkey {
namespace {

std::string_view why(std::string_view url) { return why_not_public(url, Loopback::kRefused); }

TEST(PublicUrl, allows_https_to_names_of_the_public_dns) {
  for (const char* url :
       {"https://hooks.example.com", "https://hooks.example.com/", "https://hooks.example.com/a/b?token=1%202&x=[]",
        "https://HOOKS.Example.COM/x", "https://hooks.example.com:443/x", "https://hooks.example.com:8443/x",
        "https://hooks.example.com:1024", "https://hooks.example.com:65535", "https://a-b.c--d.example?x", "https://1and1.com/x",
        "https://10.0.0.1.example.com/x", "https://xn--bcher-kva.example/x", "https://127.com", "https://local.example",
        "https://localhost.example", "https://internal.example.org", "https://0x7f.example", "https://fe80.example",
        "https://hooks.example.com/@x", "https://hooks.example.com/?a@b", "https://hooks.example.com/%2e%2e//"}) {
    EXPECT_EQ(why(url), "") << url;
  }
}

TEST(PublicUrl, refuses_addresses_in_every_spelling) {
  for (const char* host :
       {"127.0.0.1", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "0X7F000001", "0x7f.1", "2130706433",
        "017700000001", "0", "0.0.0.0", "00.0.0.0", "1", "10.0.0.1", "10.1", "10.255.255.255", "172.16.0.1", "172.31.255.254",
        "192.168.0.1", "192.168.257", "0xc0.0xa8.0x00.0x01", "169.254.169.254", "0xa9fea9fe", "2852039166", "100.64.0.1",
        "100.127.255.255", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1",
        "239.255.255.255", "240.0.0.1", "255.255.255.255", "8.8.8.8", "1.1.1.1", "999.999.999.999", "1.2.3.4.5", "a.b.1",
        "example.0x", "example.0xff", "example.123", "127.0.0.1.", "127.0.0.1..", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]",
        "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]", "[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fc00::1]", "[fd12:3456::1]",
        "[fe80::1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[100::1]",
        "[2606:4700:4700::1111]", "[v1.x]", "[", "[]", "[::1", "::1", "[::1]x", "[::1]x.example"}) {
    for (const char* rest : {"", "/", "/x", "?x", ":443", ":8443/x"}) {
      const std::string url = "https://" + std::string(host) + rest;
      EXPECT_NE(why(url), "") << url;
    }
  }
}

TEST(PublicUrl, refuses_local_names) {
  for (const char* host :
       {"localhost", "LOCALHOST", "LocalHost", "localhost.", "foo.localhost", "a.b.LOCALHOST", "localhost.localdomain", "printer",
        "intranet", "kubernetes", "metadata", "router.local", "router.LOCAL", "metadata.google.internal", "x.internal",
        "svc.cluster.local", "nas.lan", "box.home.arpa", "1.0.0.127.in-addr.arpa", "x.home", "x.corp", "x.private",
        "x.intranet", "x.test", "x.invalid", "x.onion", "x.alt", "x.consul", "x.workgroup"}) {
    const std::string url = "https://" + std::string(host) + "/x";
    EXPECT_NE(why(url), "") << url;
  }
}

TEST(PublicUrl, refuses_what_parsers_read_differently) {
  for (const char* url :
       {"", "https", "https:", "https:/", "https://", "https:///x", "https://?x", "https://:443/x", "http://hooks.example.com",
        "HTTPS://hooks.example.com", " https://hooks.example.com", "https://hooks.example.com ", "https:\\\\hooks.example.com",
        "https://hooks.example.com\\@10.0.0.1/", "https://hooks.example.com/\\x", "//hooks.example.com", "ftp://hooks.example.com",
        "file:///etc/passwd", "javascript:alert(1)", "data:text/plain,x", "ws://hooks.example.com", "https:hooks.example.com",
        "https:/hooks.example.com", "https://user@hooks.example.com", "https://user:secret@hooks.example.com",
        "https://hooks.example.com@10.0.0.1", "https://@hooks.example.com", "https://hooks.example.com#x",
        "https://hooks.example.com/x#y", "https://hooks.example.com#@10.0.0.1", "https://hooks%2eexample.com", "https://%6cocalhost",
        "https://hooks.example.com.", "https://.example.com", "https://hooks..example.com", "https://-a.example",
        "https://a-.example", "https://a_b.example", "https://ho oks.example", "https://hooks.example.com\n", "https://h\tx.example",
        "https://hooks.example.com/\x7f", "https://b\xc3\xbc" "cher.example", "https://\xe2\x91\xa0.example", "https://hooks.example.com:",
        "https://hooks.example.com:0", "https://hooks.example.com:22", "https://hooks.example.com:25/x", "https://hooks.example.com:80",
        "https://hooks.example.com:1023", "https://hooks.example.com:65536", "https://hooks.example.com:99999999999",
        "https://hooks.example.com:+443", "https://hooks.example.com:0x1bb", "https://hooks.example.com:443:443",
        "https://hooks.example.com:000443", "https://a,b.example", "https://a'b.example", "https://$x.example"}) {
    EXPECT_NE(why(url), "") << url;
  }
  EXPECT_NE(why(std::string_view("https://hooks.example.com/\0x", 28)), "");
}

TEST(PublicUrl, bounds_lengths) {
  const std::string url = "https://hooks.example.com/";
  EXPECT_EQ(why(url + std::string(limits::kWebhookUrlBytesMax - url.size(), 'x')), "");
  EXPECT_NE(why(url + std::string(limits::kWebhookUrlBytesMax + 1 - url.size(), 'x')), "");
  EXPECT_EQ(why("https://" + std::string(63, 'a') + ".example"), "");
  EXPECT_NE(why("https://" + std::string(64, 'a') + ".example"), "");
  std::string host;
  while (host.size() < 244) host += "abcdefghi.";
  EXPECT_EQ(why("https://" + host + "com"), "") << host.size();
  EXPECT_NE(why("https://" + host + "abcdef.com"), "");
}

TEST(PublicUrl, allows_loopback_where_a_test_says_so_and_nothing_else_of_this_machine_or_its_network) {
  const auto allowed = [](std::string_view url) { return why_not_public(url, Loopback::kAllowed).empty(); };
  for (const char* url : {"http://127.0.0.1:9000/x", "http://localhost:1/x", "http://[::1]:80", "https://127.0.0.1:9000",
                          "https://hooks.example.com"}) {
    EXPECT_TRUE(allowed(url)) << url;
  }
  for (const char* url : {"http://127.0.0.2/x", "http://127.0.0.1.example.com", "http://hooks.example.com", "http://10.0.0.1",
                          "http://localhost@10.0.0.1", "http://localhost#x", "http://[::1", "http://127.0.0.1:x", "https://0.0.0.0",
                          "http://2130706433", "http://localhost.:80", "http://a.localhost"}) {
    EXPECT_FALSE(allowed(url)) << url;
  }
}

TEST(PublicUrl, is_loopback_over_plain_http_to_this_machine_alone) {
  for (const char* url : {"http://127.0.0.1:8787", "http://localhost:8787", "http://[::1]:8787"}) EXPECT_TRUE(is_loopback(url)) << url;
  for (const char* url : {"https://127.0.0.1:8787", "http://keys.example", "https://keys.example", "http://10.0.0.1:8787", ""}) {
    EXPECT_FALSE(is_loopback(url)) << url;
  }
}

TEST(PublicUrl, is_shown_as_scheme_and_host) {
  EXPECT_EQ(url_hint("https://hooks.example.com/services/T0/secret?x=1"), "https://hooks.example.com/...");
  EXPECT_EQ(url_hint("https://hooks.example.com?secret"), "https://hooks.example.com/...");
  EXPECT_EQ(url_hint("https://hooks.example.com:8443"), "https://hooks.example.com:8443");
  EXPECT_EQ(url_hint("https://hooks.example.com/"), "https://hooks.example.com");
}

}  // namespace
}  // namespace latchkey
