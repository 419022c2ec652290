package io.github.rlhf4j.cli.inspect;

import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Conversation;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.StepwiseSupervision;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.datasets.UnpairedPreference;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Counts what the rows of a dataset are like. Lengths are in characters (UTF-16 units; of messages those of their contents). Memory is constant in the number of rows. */
public final class DatasetStatistics {
    private static final long ROWS_FOR_LANGUAGES = 1_000;

    private final Map<String, Lengths> parts = new LinkedHashMap<>();
    private final DuplicateCounter rows = new DuplicateCounter();
    private final DuplicateCounter prompts = new DuplicateCounter();
    private final Scripts scripts = new Scripts();
    private final Languages languages = new Languages();
    private final NearDuplicates near = new NearDuplicates();
    private final long languageStride;
    private final StringBuilder text = new StringBuilder(); // of the row that is being counted
    private final Map<String, Long> labels = new TreeMap<>();
    private boolean isCorpus; // rows are texts
    private long count;
    private long conversational;
    private long emptyPrompts;
    private long betterIsLonger;
    private long betterIsShorter;

    /** Statistics of {@code rows} rows; languages are those of about 1,000 of them, spread evenly. */
    public DatasetStatistics(long rows) {
        languageStride = Math.max(1, rows / ROWS_FOR_LANGUAGES);
    }

    /** Counts one row, and says its language where it is one of those that are looked at. */
    public Optional<String> add(DataRecord row) {
        text.setLength(0);
        addParts(row);
        if (row instanceof TextRecord document) {
            near.add(document.text());
            isCorpus = true;
        }
        return count++ % languageStride == 0 ? Optional.of(languages.add(text.toString())) : Optional.empty();
    }

    private void addParts(DataRecord row) {
        rows.add(RecordJson.toLine(row));
        prompts.add(row.promptKey());
        if (row instanceof TextRecord document) {
            part("text", Content.of(document.text()));
        } else if (row instanceof Conversation conversation) {
            part("messages", Content.of(conversation.messages()));
            labels.merge(conversation.messages().size() + " messages", 1L, Long::sum);
        } else if (row instanceof Prompt prompt) {
            prompt(prompt.prompt());
        } else if (row instanceof PromptCompletion demonstration) {
            prompt(demonstration.prompt());
            part("completion", demonstration.completion());
        } else if (row instanceof UnpairedPreference unpaired) {
            prompt(unpaired.prompt());
            part("completion", unpaired.completion());
            part(unpaired.label() ? "  label true" : "  label false", unpaired.completion());
        } else if (row instanceof StepwiseSupervision steps) {
            steps(steps);
        } else if (row instanceof PreferencePair pair) {
            prompt(pair.prompt());
            compare(part("chosen", pair.chosen()), part("rejected", pair.rejected()));
        } else if (row instanceof Ranking ranking) {
            ranking(ranking);
        }
    }

    private void steps(StepwiseSupervision row) {
        prompt(row.prompt());
        for (int i = 0; i < row.completions().size(); i++) {
            Content step = Content.of(row.completions().get(i));
            part("step", step);
            part(row.labels().get(i) ? "  label true" : "  label false", step);
        }
        labels.merge(row.completions().size() + " steps", 1L, Long::sum);
    }

    private void ranking(Ranking ranking) {
        prompt(ranking.prompt());
        List.of("best", "between", "worst").forEach(part -> parts.computeIfAbsent(part, name -> new Lengths()));
        labels.merge(ranking.responses().size() + " responses", 1L, Long::sum);
        int best = ranking.ranks().stream().min(Integer::compare).orElseThrow();
        int worst = ranking.ranks().stream().max(Integer::compare).orElseThrow();
        int[] lengths = new int[2];
        for (int i = 0; i < ranking.ranks().size(); i++) {
            int rank = ranking.ranks().get(i);
            int length = part(
                    rank == best ? "best" : rank == worst ? "worst" : "between",
                    ranking.responses().get(i));
            lengths[0] = rank == best ? length : lengths[0];
            lengths[1] = rank == worst ? length : lengths[1];
        }
        compare(lengths[0], lengths[1]);
    }

    private void prompt(Content prompt) {
        emptyPrompts += prompt.isBlank() ? 1 : 0;
        conversational += prompt instanceof Content.Messages ? 1 : 0;
        part("prompt", prompt);
    }

    private int part(String name, Content content) {
        int length = 0;
        if (content instanceof Content.Text plain) {
            length = plain.text().length();
            addText(plain.text());
        } else {
            for (ChatMessage message : ((Content.Messages) content).messages()) {
                length += message.content().length();
                addText(message.content());
            }
        }
        parts.computeIfAbsent(name, key -> new Lengths()).add(length);
        return length;
    }

    private void addText(String part) {
        scripts.add(part);
        text.append(part).append('\n');
    }

    private void compare(int better, int worse) {
        betterIsLonger += better > worse ? 1 : 0;
        betterIsShorter += better < worse ? 1 : 0;
    }

    /** What was counted, name to text, in an order for reading. */
    public Map<String, String> lines() {
        Map<String, String> lines = new LinkedHashMap<>();
        if (conversational > 0) {
            lines.put(
                    "form",
                    conversational == count ? "messages" : conversational + " rows of messages, the others of text");
        }
        if (!labels.isEmpty()) {
            StringBuilder sizes = new StringBuilder();
            labels.forEach((label, rows) -> sizes.append(sizes.isEmpty() ? "" : ", ")
                    .append(rows)
                    .append(" of ")
                    .append(label));
            lines.put("sizes", sizes.toString());
        }
        lines.put("duplicates", duplicates(rows) + " rows equal to one before, " + duplicates(prompts) + " prompts");
        if (isCorpus) {
            lines.put("near ones", near.summary());
        }
        lines.put("empty prompts", String.valueOf(emptyPrompts));
        parts.forEach((name, lengths) -> {
            if (lengths.count() > 0) {
                lines.put(name, lengths.summary() + " characters");
            }
        });
        if (betterIsLonger + betterIsShorter > 0) {
            lines.put("length bias", lengthBias());
        }
        lines.put("scripts", scripts.summary());
        lines.put("languages", languages.summary());
        return lines;
    }

    /** The languages of texts beside those of the web; empty where rows are no texts. */
    public List<String> besideTheWeb() {
        return isCorpus ? languages.besideCommonCrawl() : List.of();
    }

    private String lengthBias() {
        double better = parts.getOrDefault(parts.containsKey("best") ? "best" : "chosen", new Lengths())
                .mean();
        double worse = parts.getOrDefault(parts.containsKey("best") ? "worst" : "rejected", new Lengths())
                .mean();
        return String.format(
                Locale.ROOT,
                "the preferred response is longer in %.1f %% of rows, shorter in %.1f %%; mean %.1f against %.1f characters (%+.1f %%)",
                100.0 * betterIsLonger / count,
                100.0 * betterIsShorter / count,
                better,
                worse,
                100 * (better / worse - 1));
    }

    private static String duplicates(DuplicateCounter counter) {
        return (counter.isExact() ? "" : "about ") + String.format(Locale.ROOT, "%,d", counter.duplicates());
    }
}
