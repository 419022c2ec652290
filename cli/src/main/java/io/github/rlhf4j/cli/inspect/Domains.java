package io.github.rlhf4j.cli.inspect;

import io.github.rlhf4j.filter.robots.WebAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** From which domains rows are, and which of them crawlers may not fetch. Memory is bounded: after a million domains new ones are counted together. */
final class Domains {
    private static final int MOST = 1_000_000;
    private static final int SHOWN = 10;
    private static final int VANISHED_SHOWN = 5;

    private final Map<String, long[]> rows =
            new HashMap<>(); // domain to its rows, then for each agent those that it may fetch
    private final Crawl crawl;
    private final Map<String, long[]> languages = new TreeMap<>(); // of sampled rows, in the same form
    private long count;
    private long unknown; // rows without a domain that is counted

    Domains(Crawl crawl) {
        this.crawl = crawl;
    }

    /**
     * A row.
     *
     * @param language of a row that is sampled
     */
    void add(String address, Optional<String> language) {
        count++;
        boolean[] mayFetch = new boolean[crawl.agents().size()];
        for (int agent = 0; agent < mayFetch.length; agent++) {
            mayFetch[agent] = crawl.robots().allows(crawl.agents().get(agent), address);
        }
        Optional<String> host = WebAddress.host(address).filter(name -> rows.containsKey(name) || rows.size() < MOST);
        host.ifPresent(name -> count(rows, name, mayFetch));
        unknown += host.isEmpty() ? 1 : 0;
        language.ifPresent(name -> count(languages, name, mayFetch));
    }

    private static void count(Map<String, long[]> counts, String name, boolean[] mayFetch) {
        long[] of = counts.computeIfAbsent(name, key -> new long[1 + mayFetch.length]);
        of[0]++;
        for (int agent = 0; agent < mayFetch.length; agent++) {
            of[1 + agent] += mayFetch[agent] ? 1 : 0;
        }
    }

    /** Name to text, in an order for reading. */
    List<String[]> lines() {
        List<String[]> lines = new ArrayList<>();
        if (count == 0) {
            return lines;
        }
        List<Map.Entry<String, long[]>> largest = rows.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<String, long[]> entry) -> -entry.getValue()[0])
                        .thenComparing(Map.Entry::getKey))
                .toList();
        lines.add(new String[] {
            "domains",
            String.format(Locale.ROOT, "%,d; ", rows.size())
                    + largest.stream()
                            .limit(SHOWN)
                            .map(entry -> share(entry.getKey(), entry.getValue()[0], count))
                            .collect(Collectors.joining(", "))
                    + (unknown > 0 ? "; " + share("no domain or one of too many", unknown, count) : "")
        });
        lines.add(new String[] {"C4's largest", c4()});
        for (int agent = 0; agent < crawl.agents().size(); agent++) {
            lines.add(new String[] {crawl.agents().get(agent), blocked(agent, largest)});
        }
        return lines;
    }

    private String c4() {
        String here = WebReference.C4_DOMAINS.stream()
                .filter(rows::containsKey)
                .map(domain -> share(domain, rows.getOrDefault(domain, new long[1])[0], count))
                .collect(Collectors.joining(", "));
        String missing = WebReference.C4_DOMAINS.stream()
                .filter(domain -> !rows.containsKey(domain))
                .limit(VANISHED_SHOWN)
                .collect(Collectors.joining(", "));
        long found = WebReference.C4_DOMAINS.stream().filter(rows::containsKey).count();
        return found + " of " + WebReference.C4_DOMAINS.size() + " are here" + (here.isEmpty() ? "" : ": " + here)
                + (missing.isEmpty()
                        ? ""
                        : "; missing: " + missing
                                + (WebReference.C4_DOMAINS.size() - found > VANISHED_SHOWN ? ", ..." : ""));
    }

    private String blocked(int agent, List<Map.Entry<String, long[]>> largest) {
        long lost = count
                - unknown
                - rows.values().stream().mapToLong(of -> of[1 + agent]).sum();
        List<Map.Entry<String, long[]>> vanished = largest.stream()
                .filter(entry -> entry.getValue()[1 + agent] == 0)
                .toList();
        String text = share("may not fetch", lost, count) + " of the rows";
        if (!vanished.isEmpty()) {
            text += String.format(Locale.ROOT, "; %,d domains vanish: ", vanished.size())
                    + vanished.stream()
                            .limit(VANISHED_SHOWN)
                            .map(entry -> share(entry.getKey(), entry.getValue()[0], count))
                            .collect(Collectors.joining(", "))
                    + (vanished.size() > VANISHED_SHOWN ? ", ..." : "");
        }
        return text + (lost == 0 ? "" : mixture(agent));
    }

    /** "; English 64.0 to 58.1 %, ...": the shares of languages before and after, those that change. */
    private String mixture(int agent) {
        double before = languages.values().stream().mapToLong(of -> of[0]).sum();
        double after =
                languages.values().stream().mapToLong(of -> of[1 + agent]).sum();
        String changes = after == 0
                ? ""
                : languages.entrySet().stream()
                        .sorted(Comparator.comparingLong(entry -> -entry.getValue()[0]))
                        .limit(VANISHED_SHOWN)
                        .map(entry -> String.format(
                                Locale.ROOT,
                                "%s %.1f to %.1f %%",
                                entry.getKey(),
                                100 * entry.getValue()[0] / before,
                                100 * entry.getValue()[1 + agent] / after))
                        .collect(Collectors.joining(", "));
        return changes.isEmpty() ? "" : "; languages: " + changes;
    }

    private static String share(String name, long part, long of) {
        return String.format(Locale.ROOT, "%s %.1f %%", name, 100.0 * part / of);
    }
}
