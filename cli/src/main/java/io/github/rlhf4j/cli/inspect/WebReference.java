package io.github.rlhf4j.cli.inspect;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the web's corpora are made of, to hold others against. */
final class WebReference {
    /** The crawls of {@link #COMMON_CRAWL}, in the order of its numbers. */
    static final List<String> CRAWLS = List.of("CC-MAIN-2025-26", "-30", "-33");

    /** Percent of the pages of Common Crawl by their primary language (statistics of commoncrawl.org), by English names as Java has them. */
    static final Map<String, List<Double>> COMMON_CRAWL = commonCrawl();

    /** The domains with most tokens in C4, the largest first, after Dodge et al. 2021, arXiv:2104.08758, figure 1; subdomains of mobile pages left out. */
    static final List<String> C4_DOMAINS = List.of(
            "patents.google.com",
            "en.wikipedia.org",
            "nytimes.com",
            "latimes.com",
            "theguardian.com",
            "journals.plos.org",
            "forbes.com",
            "huffpost.com",
            "patents.com",
            "scribd.com",
            "washingtonpost.com",
            "fool.com",
            "ipfs.io",
            "frontiersin.org",
            "businessinsider.com",
            "chicagotribune.com",
            "booking.com",
            "theatlantic.com",
            "link.springer.com",
            "aljazeera.com",
            "kickstarter.com",
            "caselaw.findlaw.com",
            "ncbi.nlm.nih.gov",
            "npr.org");

    private WebReference() {}

    private static Map<String, List<Double>> commonCrawl() {
        Map<String, List<Double>> shares = new LinkedHashMap<>();
        shares.put("English", List.of(45.3, 44.6, 44.3));
        shares.put("Russian", List.of(6.0, 5.8, 6.1));
        shares.put("German", List.of(5.5, 5.6, 5.8));
        shares.put("Chinese", List.of(5.4, 5.6, 5.2));
        shares.put("Japanese", List.of(5.0, 5.3, 5.1));
        shares.put("Spanish", List.of(4.2, 4.3, 4.4));
        shares.put("French", List.of(4.1, 4.1, 4.5));
        return shares;
    }
}
