package io.github.rlhf4j.filter.robots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.io.DataFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RobotsTxtTest {
    @TempDir
    private Path folder;

    @Test
    void anAddressOfAsManyPartsAsThereIsRoomForIsNoHost() {
        assertThat(WebAddress.host("http://" + "a.".repeat(20_000) + "com/x")).isEmpty();
        assertThat(WebAddress.host("a.".repeat(200_000) + "com")).isEmpty();
        assertThat(WebAddress.host("http://" + "a.".repeat(120) + "com/x")).contains("a.".repeat(120) + "com");
    }

    /** The examples of RFC 9309, section 2.2.2 and 5.2, and of Google's page "How Google interprets the robots.txt specification". */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "/, /x, true",
                "/*, /x, true",
                "/fish, /fish, true",
                "/fish, /fish.html, true",
                "/fish, /fish/salmon.html, true",
                "/fish, /fishheads, true",
                "/fish, /fishheads/yummy.html, true",
                "/fish, /fish.php?id=anything, true",
                "/fish, /Fish.asp, false",
                "/fish, /catfish, false",
                "/fish, /?id=fish, false",
                "/fish, /desert/fish, false",
                "/fish*, /fish, true",
                "/fish*, /fishheads/yummy.html, true",
                "/fish*, /Fish.asp, false",
                "/fish*, /catfish, false",
                "/fish/, /fish/, true",
                "/fish/, /fish/?id=anything, true",
                "/fish/, /fish/salmon.htm, true",
                "/fish/, /fish, false",
                "/fish/, /fish.html, false",
                "/fish/, /animals/fish/, false",
                "/fish/, /Fish/Salmon.asp, false",
                "/*.php, /index.php, true",
                "/*.php, /filename.php, true",
                "/*.php, /folder/filename.php, true",
                "/*.php, /folder/filename.php?parameters, true",
                "/*.php, /folder/any.php.file.html, true",
                "/*.php, /filename.php/, true",
                "/*.php, /, false",
                "/*.php, /windows.PHP, false",
                "/*.php$, /filename.php, true",
                "/*.php$, /folder/filename.php, true",
                "/*.php$, /filename.php?parameters, false",
                "/*.php$, /filename.php/, false",
                "/*.php$, /filename.php5, false",
                "/*.php$, /windows.PHP, false",
                "/fish*.php, /fish.php, true",
                "/fish*.php, /fishheads/catfish.php?parameters, true",
                "/fish*.php, /Fish.PHP, false",
                "/foo/bar?baz=https://foo.bar, /foo/bar?baz=https://foo.bar, true",
                "/foo/bar/\u30c4, /foo/bar/%E3%83%84, true",
                "/foo/bar/%e3%83%84, /foo/bar/\u30c4, true",
                "/foo/bar/%62%61%7A, /foo/bar/baz, true",
                "/path/file-with-a-%2A.html, /path/file-with-a-*.html, false",
                "/a%3cd.html, /a%3Cd.html, true",
                "/a%2fb.html, /a/b.html, false",
                "/x$y, /x$yz, true",
                "fish, /fish, false",
                "*fish, /catfish, true"
            })
    void aRuleMatches(String rule, String path, boolean isMatched) {
        RobotsTxt robots = RobotsTxt.parse("user-agent: *\ndisallow: " + rule);

        assertThat(robots.allows("GPTBot", path)).isEqualTo(!isMatched);
        assertThat(robots.allows("GPTBot", "https://example.com:8080" + path + "#part"))
                .isEqualTo(!isMatched);
    }

    /** Google's examples of rules against each other; the tie is RFC 9309's: allow. */
    @ParameterizedTest
    @CsvSource({
        "allow: /p, disallow: /, /page, true",
        "allow: /folder, disallow: /folder, /folder/page, true",
        "allow: /page, disallow: /*.htm, /page.htm, false",
        "allow: /page, disallow: /*.ph, /page.php5, true",
        "allow: /$, disallow: /, /, true",
        "allow: /$, disallow: /, /page.htm, false",
        "disallow: /folder, allow: /folder, /folder/page, true",
        "disallow: /x/*.jpg, allow: /x/page, /x/page1.jpg, false"
    })
    void theLongestRuleCountsAndAllowInATie(String one, String other, String path, boolean isAllowed) {
        assertThat(RobotsTxt.parse("User-agent: CCBot\n" + one + "\n" + other).allows("CCBot", path))
                .isEqualTo(isAllowed);
    }

    @Test
    void aCrawlerHasTheGroupsOfItsNameOrElseThoseOfAll() {
        RobotsTxt robots = RobotsTxt.parse("""
                \ufeffUser-agent: * # everybody
                Disallow: /private
                User-Agent: GPTBot
                user-agent: CCBot/2.0
                Sitemap: https://example.com/sitemap.xml

                Disallow: /shop
                Crawl-delay: 10
                User-agent: gptbot
                Disallow: /news
                User-agent: AI2Bot
                Disallow:
                """);

        assertThat(robots.allows("GPTBot", "/private")).isTrue();
        assertThat(robots.allows("GPTBot", "/shop/1")).isFalse();
        assertThat(robots.allows("gptbot/1.2", "/news")).isFalse();
        assertThat(robots.allows("CCBot", "/news")).isTrue();
        assertThat(robots.allows("CCBot", "/shop")).isFalse();
        assertThat(robots.allows("AI2Bot", "/private")).isTrue();
        assertThat(robots.allows("Other", "/private")).isFalse();
        assertThat(robots.allows("Other", "/shop")).isTrue();
        assertThat(RobotsTxt.allowingNothing().allows("Other", "/robots.txt")).isTrue();
    }

    @Test
    void aHostWithoutAFileAllowsAllAndOneThatFailedNothing() throws IOException {
        Files.writeString(folder.resolve("robots.jsonl"), """
                {"url": "https://www.a.example/robots.txt", "robots": "User-agent: GPTBot\\nDisallow: /"}
                {"domain": "gone.example", "status": 404}
                {"domain": "broken.example", "status": 503}
                """);
        RobotsFiles files = RobotsFiles.read(
                DataFiles.of(List.of(folder.resolve("robots.jsonl").toString())).list());

        assertThat(files.size()).isEqualTo(3);
        assertThat(files.allows("GPTBot", "http://a.example/x")).isFalse();
        assertThat(files.allows("CCBot", "http://a.example/x")).isTrue();
        assertThat(files.allows("GPTBot", "http://gone.example/x")).isTrue();
        assertThat(files.allows("GPTBot", "http://broken.example/x")).isFalse();
        assertThat(files.allows("GPTBot", "http://unknown.example/x")).isTrue();
        assertThat(files.allows("GPTBot", "no address")).isTrue();
    }

    @Test
    void aFolderOfTextsHasOneForEachHost() throws IOException {
        Files.writeString(folder.resolve("a.example.txt"), "User-agent: *\nDisallow: /x\n");
        RobotsFiles files =
                RobotsFiles.read(DataFiles.of(List.of(folder.toString())).list());

        assertThat(files.allows("GPTBot", "https://a.example/x")).isFalse();
        assertThat(files.allows("GPTBot", "https://a.example/y")).isTrue();
    }

    @Test
    void whatIsNoRecordOfRobotsIsSaidWithItsLine() throws IOException {
        Path file = folder.resolve("robots.jsonl");
        Files.writeString(file, "{\"domain\": \"a.example\", \"robots\": \"\"}\n{\"domain\": \"b.example\"}\n");

        assertThatThrownBy(() ->
                        RobotsFiles.read(DataFiles.of(List.of(file.toString())).list()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("robots.jsonl line 2: a record of robots.txt needs robots.txt's text");
    }

    @Test
    void manyStarsTakeNoTime() {
        String rule = "/" + "a*".repeat(200) + "b";

        assertThat(RobotsTxt.parse("User-agent: *\nDisallow: " + rule).allows("x", "/" + "a".repeat(2_000)))
                .isTrue();
    }
}
